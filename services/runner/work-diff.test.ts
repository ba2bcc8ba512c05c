import assert from "node:assert/strict";
import { test } from "node:test";
import type { Work } from "@millrace/protocol";
import fc from "fast-check";
import { connectorWork, taskWork } from "./testing/host-fixture.ts";
import { diffWork, type RunningWork } from "./work-diff.ts";
import { workKey, workVersion } from "./work-key.ts";

const runningOf = (work: Work): RunningWork => ({
  key: workKey(work),
  version: workVersion(work),
  targetState: work.targetState,
});

const byKey = (assigned: readonly Work[]) => new Map(assigned.map((work) => [workKey(work), work]));

const cases: { name: string; running: Work[]; assigned: Work[]; stop: string[]; start: string[]; target: string[] }[] =
  [
    { name: "nothing to nothing", running: [], assigned: [], stop: [], start: [], target: [] },
    { name: "new work", running: [], assigned: [taskWork()], stop: [], start: ["task c 0"], target: [] },
    { name: "work taken away", running: [taskWork()], assigned: [], stop: ["task c 0"], start: [], target: [] },
    { name: "the same work", running: [taskWork()], assigned: [taskWork()], stop: [], start: [], target: [] },
    ...[{ generation: 2 }, { configVersion: 2 }, { restart: 1 }].map((change) => ({
      name: `a task with another ${Object.keys(change)[0]}`,
      running: [taskWork()],
      assigned: [taskWork(change)],
      stop: ["task c 0"],
      start: ["task c 0"],
      target: [],
    })),
    ...[{ configVersion: 2 }, { restart: 1 }].map((change) => ({
      name: `a connector with another ${Object.keys(change)[0]}`,
      running: [connectorWork()],
      assigned: [connectorWork(change)],
      stop: ["connector c"],
      start: ["connector c"],
      target: [],
    })),
    {
      name: "another target state",
      running: [taskWork()],
      assigned: [taskWork({ targetState: "PAUSED" })],
      stop: [],
      start: [],
      target: ["task c 0 PAUSED"],
    },
    {
      name: "another target state of a new generation",
      running: [taskWork()],
      assigned: [taskWork({ targetState: "PAUSED", generation: 2 })],
      stop: ["task c 0"],
      start: ["task c 0"],
      target: [],
    },
    {
      name: "a task beside its connector and another task",
      running: [connectorWork(), taskWork()],
      assigned: [connectorWork(), taskWork({ task: 1 })],
      stop: ["task c 0"],
      start: ["task c 1"],
      target: [],
    },
  ];

for (const { name, running, assigned, ...expected } of cases) {
  test(`diffWork: ${name}`, () => {
    const { stop, start, target } = diffWork(running.map(runningOf), byKey(assigned));
    const targets = target.map(({ key, targetState }) => `${key} ${targetState}`);
    assert.deepEqual({ stop, start: start.map(workKey), target: targets }, expected);
  });
}

test("diffWork acted on gives exactly what is assigned", () => {
  const task = fc
    .record({
      task: fc.nat(3),
      generation: fc.nat(2),
      targetState: fc.constantFrom("STARTED" as const, "PAUSED" as const),
    })
    .map((overrides) => taskWork(overrides));
  const set = fc.uniqueArray(task, { selector: workKey });
  fc.assert(
    fc.property(set, set, (running, assigned) => {
      const { stop, start, target } = diffWork(running.map(runningOf), byKey(assigned));
      const result = new Map(running.map((work) => [workKey(work), runningOf(work)]));
      for (const key of stop) assert.ok(result.delete(key));
      for (const { key, targetState } of target) result.set(key, { ...result.get(key)!, targetState });
      for (const work of start) {
        assert.ok(!result.has(workKey(work)), "nothing starts beside what runs under its key");
        result.set(workKey(work), runningOf(work));
      }
      const inOrder = (a: RunningWork, b: RunningWork) => (a.key < b.key ? -1 : 1);
      assert.deepEqual([...result.values()].sort(inOrder), assigned.map(runningOf).sort(inOrder));
    }),
  );
});
