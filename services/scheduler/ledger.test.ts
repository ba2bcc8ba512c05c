import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffStates } from "./changes.ts";
import { Ledger } from "./ledger.ts";
import { type Load, type Placement, type SchedulerState, type Status, workKey } from "./model.ts";

const names = ["a", "b", "c"];
const item = { connector: fc.constantFrom(...names), task: fc.constantFrom(null, 0, 1) };
const runner = fc.constantFrom("r1", "r2");
const phase = fc.constantFrom("assigned" as const, "releasing" as const);
const plain = { noNullPrototype: true };
const placement: fc.Arbitrary<Placement> = fc.record(
  { ...item, runner, generation: fc.nat(2), restart: fc.nat(1), phase },
  plain,
);
const status: fc.Arbitrary<Status> = fc.record(
  {
    ...{ ...item, runner, workerId: runner, generation: fc.nat(2), restart: fc.nat(1) },
    state: fc.constantFrom("RUNNING" as const, "UNASSIGNED" as const),
    version: fc.constant(null),
    trace: fc.constant(null),
    restarts: fc.constant(null),
  },
  plain,
);
const state: fc.Arbitrary<SchedulerState> = fc
  .record({
    connectors: fc.subarray(names),
    placements: fc.uniqueArray(placement, { selector: workKey }),
    statuses: fc.uniqueArray(status, { selector: workKey }),
    runners: fc.subarray(["r1", "r2"]),
  })
  .map(({ connectors, placements, statuses, runners }) => ({
    connectors: new Map(
      connectors.map((connector) => [
        connector,
        { connector, generation: 1, tasksVersion: 1, taskCountRecord: null, fencedGeneration: 1 },
      ]),
    ),
    placements: new Map(placements.map((each) => [workKey(each), each])),
    statuses: new Map(statuses.map((each) => [workKey(each), each])),
    runners: new Map(runners.map((each) => [each, { runner: each, workerId: each, hosts: 1, heartbeatMs: 0 }])),
  }));

const ownedBy = <V extends { readonly connector: string }>(rows: ReadonlyMap<string, V>, scope: readonly string[]) =>
  new Map([...rows].filter(([, { connector }]) => scope.includes(connector)));

test("Ledger holds after each change what the store holds, as a whole, by connector and by runner", () => {
  fc.assert(
    fc.property(state, fc.array(state, { maxLength: 4 }), fc.subarray(names), (first, later, scope) => {
      const ledger = new Ledger(first);
      let before = first;
      for (const next of later) {
        // Connectors are never forgotten, whatever becomes of the rest.
        const after = { ...next, connectors: new Map([...before.connectors, ...next.connectors]) };
        ledger.apply(diffStates(before, after));
        before = after;
      }
      assert.deepEqual(ledger.whole(), before);
      const own = ledger.of(scope);
      assert.deepEqual(own, {
        connectors: ownedBy(before.connectors, scope),
        placements: ownedBy(before.placements, scope),
        statuses: ownedBy(before.statuses, scope),
        runners: before.runners,
      });
      const others = [...before.placements.values()].filter((each) => {
        return each.phase === "assigned" && !scope.includes(each.connector);
      });
      for (const name of ["r1", "r2"]) {
        const there = others.filter((each) => each.runner === name);
        const connectors = there.filter(({ task }) => task === null).length;
        const load: Load = ledger.loadsBeside(own.placements.values()).get(name) ?? { connectors: 0, tasks: 0 };
        assert.deepEqual(load, { connectors, tasks: there.length - connectors });
      }
    }),
  );
});
