import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assignment, ConnectorRecord, Work } from "@millrace/protocol";
import fc from "fast-check";
import { type Placement, type WorkKey, workKey } from "./model.ts";
import { Publications } from "./publications.ts";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

const EPOCH = 3;

function recordOf(name: string, version: number): ConnectorRecord {
  const tasks = { version, configVersion: version, configs: [{}, {}, {}] };
  return { name, config: {}, passwords: [], version, targetState: "STARTED", tasks, revision: 1 };
}

function placementOf(connector: string, task: number, runner: string, generation: number): Placement {
  return { connector, task, runner, generation, restart: 0, phase: "assigned" };
}

/** Does as a runner does with what it is sent. */
class Listener {
  applied: { readonly epoch: number; readonly sequence: number } | null = null;
  number: number | null = 1;
  readonly work = new Map<WorkKey, Work>();
  /** Works that came in messages. */
  told = 0;

  take(message: Assignment | null): void {
    if (message === null) return;
    const { epoch, sequence, since, work, gone } = message;
    if (this.applied?.epoch === epoch && sequence <= this.applied.sequence) return;
    if (since === null) this.work.clear();
    else assert.ok(this.applied?.epoch === epoch && this.applied.sequence >= since, "changes to what it has");
    for (const item of gone) this.work.delete(workKey(item));
    for (const each of work) this.work.set(workKey({ ...each, task: each.kind === "task" ? each.task : null }), each);
    this.told += work.length + gone.length;
    this.applied = { epoch, sequence };
  }
}

const RUNNERS = ["r1", "r2"];
const rows = new Map(RUNNERS.map((runner) => [runner, { runner, workerId: runner, hosts: 1, heartbeatMs: 0 }]));

/** A step puts a task of a connector somewhere, or nowhere; each runner is pushed what is new unless that message is lost, and may beat. */
const steps = fc.array(
  fc.record({
    connector: fc.constantFrom("a", "b"),
    task: fc.nat(2),
    runner: fc.constantFrom(null, ...RUNNERS),
    generation: fc.nat(2),
    lost: fc.subarray(RUNNERS),
    beats: fc.subarray(RUNNERS),
    /** It is sent away, and comes back as it is. */
    dismissed: fc.constantFrom(null, null, null, ...RUNNERS),
    whole: fc.boolean(),
    tellsAll: fc.boolean(),
  }),
  { maxLength: 30 },
);

test("Publications bring each runner to what is placed there, whatever it has missed, told whole or in changes", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const publications = new Publications(EPOCH);
      const listeners = new Map(RUNNERS.map((runner) => [runner, new Listener()]));
      const desired = new Map(["a", "b"].map((name) => [name, recordOf(name, 1)]));
      let placements: ReadonlyMap<WorkKey, Placement> = new Map();
      let wasDismissed = true;
      for (const step of all) {
        const { connector, task, runner, generation } = step;
        const next = new Map(placements).set(workKey(step), placementOf(connector, task, runner ?? "", generation));
        if (runner === null) next.delete(workKey(step));
        if (step.dismissed !== null) listeners.get(step.dismissed)!.take(publications.dismissal(step.dismissed));
        // What is decided meanwhile may be about some connectors; the next decision is on all.
        const scope = step.whole || wasDismissed ? null : new Set<string>([connector]);
        wasDismissed = step.dismissed !== null;
        const inScope = (all: ReadonlyMap<WorkKey, Placement>) =>
          new Map([...all].filter(([, each]) => scope?.has(each.connector) ?? true));
        const before = { placements: inScope(placements) };
        const told = publications.take({ scope, before, after: { placements: inScope(next), runners: rows }, desired });
        placements = next;
        const known = new Map(RUNNERS.map((each) => [each, { ...listeners.get(each)! }]));
        for (const each of told) {
          const message = publications.assignment(each, known.get(each));
          if (message?.since === null) {
            const there = [...placements.values()].filter((placement) => placement.runner === each);
            assert.equal(message.work.length, there.length, "what is told as a whole is all there is");
          }
          if (!step.lost.includes(each)) listeners.get(each)!.take(message);
        }
        for (const each of step.beats) beat(publications, each, listeners.get(each)!, step.tellsAll);
      }
      publications.take({ scope: null, before: { placements }, after: { placements, runners: rows }, desired });
      for (const [runner, listener] of listeners) {
        beat(publications, runner, listener, false);
        const expected = [...placements].filter(([, placement]) => placement.runner === runner);
        const generations = [...listener.work].map(([key, work]) => [key, work.kind === "task" && work.generation]);
        assert.deepEqual(
          new Map(generations as [string, number][]),
          new Map(expected.map(([key, { generation }]) => [key, generation])),
        );
      }
    }),
  );
});

function beat(publications: Publications, runner: string, listener: Listener, tellsAll: boolean): void {
  listener.number = tellsAll ? null : 1;
  publications.heard(runner, listener);
  listener.take(publications.assignment(runner, listener));
  assert.equal(publications.assignment(runner, listener), null, "it has everything now");
}

test("Publications tell of one more task only that, however much a runner has", () => {
  const publications = new Publications(EPOCH);
  const listener = new Listener();
  const names = Array.from({ length: 1_000 }, (_, i) => `c${i}`);
  const desired = new Map(names.map((name) => [name, recordOf(name, 1)]));
  const all = new Map(names.map((name) => [workKey({ connector: name, task: 0 }), placementOf(name, 0, "r1", 1)]));
  const none = { placements: new Map<WorkKey, Placement>() };
  publications.take({ scope: null, before: none, after: { placements: all, runners: rows }, desired });
  beat(publications, "r1", listener, false);
  listener.told = 0;
  const more = new Map([[workKey({ connector: "c7", task: 1 }), placementOf("c7", 1, "r1", 1)]]);
  const after = { placements: more, runners: rows };
  assert.deepEqual(publications.take({ scope: new Set(["c7"]), before: none, after, desired }), ["r1"]);
  beat(publications, "r1", listener, false);
  assert.deepEqual([listener.told, listener.work.size], [1, 1_001]);
});

test("createScheduler tells one runner what has changed, another that does not count its heartbeats everything", async () => {
  const world = new ScriptedCluster();
  await world.config.start();
  const scheduler = world.scheduler();
  await scheduler.start();
  const changes = await world.runner("r1");
  const everything = await world.runner("r2");
  everything.tellsAll = true;
  for (const name of ["a", "b", "c", "d"]) world.config.put(name);
  await world.settle();
  for (const name of ["a", "b", "c", "d"]) world.config.tasks(name, 2);
  await world.clock.advance(3_000);
  assert.deepEqual([changes.running.size, everything.running.size], [6, 6]);
  for (const { received } of [changes, everything]) received.splice(0);
  world.config.put("e");
  world.config.put("f");
  await world.settle();
  assert.deepEqual(told(changes), ["since: e"]);
  assert.deepEqual(told(everything), ["whole: 7"]);
  world.config.delete("a");
  await world.clock.advance(3_000);
  assert.ok(
    told(changes).every((message) => message.startsWith("since")),
    "for as long as nothing is lost",
  );
  assert.equal(world.running().includes("a"), false);
  await scheduler.stop();
});

/** Those that were new to it. */
function told({ received }: { readonly received: readonly Assignment[] }): string[] {
  const bySequence = new Map(received.map((each) => [each.sequence, each]));
  return [...bySequence.values()].map(({ since, work }) => {
    return since === null ? `whole: ${work.length}` : `since: ${work.map(({ connector }) => connector).join(", ")}`;
  });
}
