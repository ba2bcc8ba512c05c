import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord } from "@millrace/protocol";
import fc from "fast-check";
import { balance } from "./balance.ts";
import { type Placement, workKey } from "./model.ts";

function record(name: string, tasks: number): ConnectorRecord {
  const configs = Array.from({ length: tasks }, () => ({}));
  return {
    ...{ name, config: {}, passwords: [], version: 1, targetState: "STARTED", revision: 1 },
    tasks: { version: 1, configVersion: 1, configs },
  };
}

/** Every item of some connectors on one of the runners, or on its way (null). */
interface Placed {
  readonly records: readonly ConnectorRecord[];
  readonly runners: readonly string[];
  readonly where: readonly (string | null)[];
}

const arbitrary: fc.Arbitrary<Placed> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 6 }))
  .chain(([tasks, count]) => {
    const records = tasks.map((number, i) => record(`c${i}`, number));
    const runners = Array.from({ length: count }, (_, i) => `r${i}`);
    const items = tasks.reduce((sum, number) => sum + number + 1, 0);
    const where = fc.array(fc.constantFrom(...runners, null), { minLength: items, maxLength: items });
    return where.map((places) => ({ records, runners, where: places }));
  });

function inputOf({ records, runners, where }: Placed) {
  const items = records.flatMap(({ name, tasks }) => [null, ...tasks.configs.keys()].map((task) => ({ name, task })));
  const placements = items.flatMap(({ name: connector, task }, i): Placement[] => {
    const runner = where[i] ?? null;
    return runner === null ? [] : [{ connector, task, runner, generation: 1, restart: 0, phase: "assigned" }];
  });
  const byKey = new Map(placements.map((placement) => [workKey(placement), placement]));
  return { placements: byKey, desired: new Map(records.map((each) => [each.name, each])), runners };
}

const kinds = [(placement: Placement) => placement.task === null, (placement: Placement) => placement.task !== null];

function counts(placements: Iterable<Placement>, runners: readonly string[]): number[] {
  const all = [...placements];
  return runners.map((runner) => all.filter((placement) => placement.runner === runner).length);
}

test("balance moves as few as possible: what is left exceeds no fair share, and no smaller set would do", () => {
  fc.assert(
    fc.property(arbitrary, (placed) => {
      const input = inputOf(placed);
      const moves = new Set(balance(input));
      for (const isKind of kinds) {
        const own = [...input.placements.values()].filter(isKind);
        const total = placed.records.reduce(
          (sum, { tasks }) => sum + (isKind === kinds[0] ? 1 : tasks.configs.length),
          0,
        );
        const share = Math.floor(total / placed.runners.length);
        const withOneMore = total % placed.runners.length;
        const before = counts(own, placed.runners).sort((a, b) => b - a);
        const after = counts(
          own.filter((placement) => !moves.has(placement)),
          placed.runners,
        );
        assert.ok(after.every((count) => count <= share + (withOneMore > 0 ? 1 : 0)));
        assert.ok(after.filter((count) => count > share).length <= withOneMore);
        const fewest = before.reduce((sum, n, i) => sum + Math.max(0, n - share - (i < withOneMore ? 1 : 0)), 0);
        assert.equal(own.filter((placement) => moves.has(placement)).length, fewest);
      }
    }),
  );
});

test("balance leaves alone what is balanced, whatever is still on its way", () => {
  fc.assert(
    fc.property(arbitrary, (placed) => {
      const input = inputOf(placed);
      const moves = new Set(balance(input).map(workKey));
      const rest = new Map([...input.placements].filter(([key]) => !moves.has(key)));
      assert.deepEqual(balance({ ...input, placements: rest }), []);
    }),
  );
});

test("balance takes nothing that is being released, and says the same whatever the order of what it is given", () => {
  fc.assert(
    fc.property(arbitrary, (placed) => {
      const input = inputOf(placed);
      const moves = balance(input);
      const backwards = new Map([...input.placements].reverse());
      assert.deepEqual(balance({ ...input, placements: backwards, runners: [...placed.runners].reverse() }), moves);
      const releasing = [...input.placements].map(
        ([key, placement]) => [key, { ...placement, phase: "releasing" as const }] as const,
      );
      assert.deepEqual(balance({ ...input, placements: new Map(releasing) }), []);
    }),
  );
});
