import assert from "node:assert/strict";
import { test } from "node:test";
import { SimulatedCluster } from "./simulated-cluster.ts";

const UNTOUCHED_MS = 100;
const NAMES = ["a", "b", "c", "d"];

async function open(settings: Readonly<Record<string, string>> = {}) {
  const cluster = await SimulatedCluster.open(settings);
  const runners = [await cluster.runner("r1"), await cluster.runner("r2"), await cluster.runner("r3")];
  for (const name of NAMES) await cluster.put(name, { tasks: "2" });
  await cluster.runs(8);
  await cluster.pass(500);
  return { cluster, runners };
}

test("adding, changing, pausing, restarting or deleting a connector interrupts no task of another", async () => {
  const { cluster } = await open();
  const changes: readonly (readonly [what: string, change: () => Promise<void>])[] = [
    ["add", () => cluster.put("new", { tasks: "4" })],
    ["change its tasks", () => cluster.put("new", { tasks: "2" })],
    ["change a setting", () => cluster.put("new", { tasks: "2", other: "1" })],
    ["isolate its tasks", () => cluster.put("new", { tasks: "2", "task.isolation": "task" })],
    ["pause", () => cluster.target("new", "PAUSED")],
    ["resume", () => cluster.target("new", "STARTED")],
    ["restart", () => cluster.restart("new")],
    ["stop", () => cluster.target("new", "STOPPED")],
    ["delete", () => cluster.delete("new")],
  ];
  for (const [what, change] of changes) {
    const sinceMs = cluster.clock.nowMs();
    await change();
    await cluster.pass(1_500);
    const gaps = [...cluster.gaps(sinceMs)].filter(([task]) => !task.startsWith("new"));
    assert.equal(gaps.length, 8);
    for (const [task, gapMs] of gaps)
      assert.ok(gapMs < UNTOUCHED_MS, `${what}: ${task} was not polled for ${gapMs} ms`);
  }
});

test("a runner that drains hands its tasks over within a second each, and no task of the others is interrupted", async () => {
  const { cluster, runners } = await open();
  const sinceMs = cluster.clock.nowMs();
  const before = await cluster.statuses();
  const leaving = "r1:8083";
  const moved = before.flatMap(({ name, tasks }) =>
    tasks.filter(({ workerId }) => workerId === leaving).map(({ id }) => `${name}-${id}`),
  );
  assert.ok(moved.length >= 2);
  await cluster.during(runners[0]!.stop());
  await cluster.runs(8);
  const tookMs = cluster.clock.nowMs() - sinceMs;
  assert.ok(tookMs < 2_000, `${tookMs} ms`);
  await cluster.pass(500);
  for (const [task, gapMs] of cluster.gaps(sinceMs)) {
    const allowedMs = moved.includes(task) ? 1_000 : UNTOUCHED_MS;
    assert.ok(gapMs < allowedMs, `${task} was not polled for ${gapMs} ms`);
  }
  for (const { tasks } of await cluster.statuses()) assert.ok(tasks.every(({ workerId }) => workerId !== leaving));
  for (const [task, values] of cluster.values()) {
    const expected = values.map((_, i) => i + 1);
    assert.deepEqual(values, expected, `${task}: each once, in order`);
  }
});

test("a runner that joins takes a fair share, and only what moves is interrupted", async () => {
  const { cluster } = await open();
  const sinceMs = cluster.clock.nowMs();
  const before = new Map(
    (await cluster.statuses()).flatMap(({ name, tasks }) => tasks.map((t) => [`${name}-${t.id}`, t.workerId])),
  );
  await cluster.runner("r4");
  await cluster.pass(2_000);
  const after = new Map(
    (await cluster.statuses()).flatMap(({ name, tasks }) => tasks.map((t) => [`${name}-${t.id}`, t.workerId])),
  );
  const moved = [...after].filter(([task, workerId]) => before.get(task) !== workerId).map(([task]) => task);
  assert.equal(moved.length, 2);
  for (const [task, gapMs] of cluster.gaps(sinceMs)) {
    assert.ok(gapMs < (moved.includes(task) ? 1_000 : UNTOUCHED_MS), `${task} was not polled for ${gapMs} ms`);
  }
});
