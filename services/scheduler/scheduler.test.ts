import assert from "node:assert/strict";
import { test } from "node:test";
import { assignmentVerify, connectorRestart, statusList, taskRestart } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import { ScriptedCluster, startCluster } from "./testing/scripted-cluster.ts";

test("createScheduler runs a new connector and then its tasks without any timer firing", async () => {
  const { world, scheduler } = await startCluster();
  await world.runner("r1");
  await assert.rejects(world.status("c"), { code: "NOT_FOUND", message: "No status found for connector c" });
  world.config.put("c");
  await world.settle();
  assert.equal(world.running(), "c@r1");
  world.config.tasks("c", 2);
  await world.settle();
  assert.equal(world.running(), "c-0@r1 c-1@r1 c@r1");
  const { connector, tasks } = await world.status("c");
  assert.deepEqual(connector, { state: "RUNNING", workerId: "r1:8083", version: "1", trace: null });
  assert.deepEqual(
    tasks.map(({ id, state }) => `${id} ${state}`),
    ["0 RUNNING", "1 RUNNING"],
  );
  const { statuses, more } = await world.bus.request(statusList, { after: null });
  assert.deepEqual([statuses.map(({ name }) => name), more], [["c"], false]);
  await scheduler.stop();
});

test("createScheduler ends old tasks, fences their producers, and only then starts the new generation (I3)", async () => {
  const { world, scheduler } = await startCluster({ exactlyOnce: true });
  await world.runner("r1");
  await world.runner("r2");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  await world.settle();
  assert.ok(!world.takeLog().some((line) => line.startsWith("fence")), "the first start has nothing to fence");
  world.config.tasks("c", 1);
  await world.settle();
  assert.deepEqual(
    world.takeLog(),
    ["r2 ends c-0", "r2 starts c-0@2"],
    "1 to 1: the new task fences the old by itself",
  );
  world.config.tasks("c", 3);
  await world.settle();
  const log = world.takeLog();
  assert.equal(log.indexOf("fence c 0..0"), 1, "after the old task, before the new ones");
  assert.match(log[0]!, /ends c-0/);
  assert.deepEqual(
    log
      .slice(2)
      .map((line) => line.slice(3))
      .sort(),
    ["starts c-0@3", "starts c-1@3", "starts c-2@3"],
  );
  assert.equal((await world.store.load()).connectors.get("c")?.taskCountRecord, 3);
  await scheduler.stop();
});

test("createScheduler gives a silent runner's work to others after its session, and gives back nothing", async () => {
  const { world, scheduler } = await startCluster();
  const first = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  await world.runner("r2");
  assert.equal(world.running(), "c-0@r1 c-1@r2 c@r1", "one task moves, so that each has one");
  first.isSilent = true;
  await world.clock.advance(9_000);
  assert.equal(world.running(), "c-1@r2");
  await world.clock.advance(3_000);
  assert.equal(world.running(), "c-0@r2 c-1@r2 c@r2");
  assert.equal((await world.status("c")).connector.workerId, "r2:8083");
  await scheduler.stop();
});

test("createScheduler leaves a lost runner's work for the delay, over a change of leaders, and shows it UNASSIGNED", async () => {
  const delay = { rebalanceDelayMs: 60_000 };
  const { world, scheduler } = await startCluster(delay);
  const first = await world.runner("r1", "one:8083");
  await world.runner("r2", "two:8083");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  assert.equal(world.running(), "c-0@r2 c-1@r1 c@r1");
  await first.kill();
  await world.clock.advance(30_000);
  assert.equal(world.running(), "c-0@r2");
  const { connector, tasks } = await world.status("c");
  assert.deepEqual([connector.state, connector.workerId, tasks[1]?.state], ["UNASSIGNED", "one:8083", "UNASSIGNED"]);
  const second = world.scheduler(delay);
  await second.start();
  await scheduler.stop();
  await world.clock.advance(40_000);
  assert.equal(world.running(), "c-0@r2", "the new leader waits from when it missed the runner itself");
  await world.runner("r3", "one:8083");
  assert.equal(world.running(), "c-0@r2 c-1@r3 c@r3", "who comes with its worker id gets its work at once");
  await world.runners[2]!.kill();
  await world.clock.advance(80_000);
  assert.equal(world.running(), "c-0@r2 c-1@r2 c@r2");
  await second.stop();
});

test("createScheduler forgets a deleted connector's statuses, and fences its producers when it comes back", async () => {
  const { world, scheduler } = await startCluster({ exactlyOnce: true });
  await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  world.config.delete("c");
  await world.settle();
  assert.equal(world.running(), "");
  await assert.rejects(world.status("c"), { code: "NOT_FOUND" });
  world.takeLog();
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  await world.settle();
  assert.deepEqual(world.takeLog(), ["r1 starts c@2", "fence c 0..1", "r1 starts c-0@2"]);
  await scheduler.stop();
});

test("createScheduler waits for a task that does not end, but not for ever, and for no other connector", async () => {
  const { world, scheduler } = await startCluster({ releaseTimeoutMs: 5_000 });
  const stuck = await world.runner("r1");
  for (const name of ["a", "b"]) world.config.put(name);
  await world.settle();
  world.config.tasks("a", 1);
  await world.settle();
  stuck.isStuck = true;
  world.config.tasks("a", 1);
  world.config.tasks("b", 1);
  await world.settle();
  assert.equal(stuck.running.get("b-0")?.generation, 1);
  await world.clock.advance(4_000);
  assert.equal(stuck.running.get("a-0")?.generation, 1);
  assert.equal((await world.status("a")).tasks[0]?.state, "UNASSIGNED");
  await world.clock.advance(2_000);
  assert.equal(stuck.running.get("a-0")?.generation, 2);
  await scheduler.stop();
});

test("createScheduler gives work its time to end from when its runner is told, however slow the store is", async () => {
  const { world, scheduler } = await startCluster({ releaseTimeoutMs: 2_000 });
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  await world.settle();
  const commit = world.store.commit.bind(world.store);
  world.store.commit = async (...write) => {
    await world.clock.sleep(3_000);
    return commit(...write);
  };
  runner.isStuck = true;
  world.config.tasks("c", 1);
  await world.clock.advance(7_000);
  assert.equal(
    runner.running.get("c-0")?.generation,
    1,
    "told after 3 s, its time ends after 5, another 3 to store that",
  );
  await world.clock.advance(5_000);
  assert.equal(runner.running.get("c-0")?.generation, 2);
  await Promise.all([scheduler.stop(), world.clock.advance(10_000)]);
});

test("createScheduler loses a runner after its session, and no other, whatever its own clock is set to", async () => {
  for (const stepMs of [-3_600_000, 3_600_000]) {
    const world = new ScriptedCluster();
    let setMs = 0;
    const steppable: Clock = {
      nowMs: () => world.clock.nowMs() + setMs,
      monotonicMs: () => world.clock.monotonicMs(),
      sleep: (...wait) => world.clock.sleep(...wait),
      after: (...timer) => world.clock.after(...timer),
      every: (...timer) => world.clock.every(...timer),
    };
    await world.config.start();
    const scheduler = world.scheduler({ sessionTimeoutMs: 3_000 }, steppable);
    await scheduler.start();
    const [first] = [await world.runner("r1"), await world.runner("r2")];
    world.config.put("a");
    world.config.put("b");
    await world.settle();
    assert.equal(world.running(), "a@r1 b@r2");
    first!.isSilent = true;
    setMs = stepMs;
    await world.clock.advance(2_000);
    assert.deepEqual([...(await world.store.load()).runners.keys()], ["r1", "r2"]);
    await world.clock.advance(3_000);
    assert.equal(world.running(), "a@r2 b@r2");
    await scheduler.stop();
  }
});

test("createScheduler keeps a STOPPED connector's own work assigned and takes its tasks; PAUSED keeps all", async () => {
  const { world, scheduler } = await startCluster();
  await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  world.config.target("c", "PAUSED");
  await world.settle();
  const paused = await world.status("c");
  assert.deepEqual([paused.connector.state, paused.tasks[0]?.state], ["PAUSED", "PAUSED"]);
  world.config.target("c", "STOPPED");
  await world.settle();
  const stopped = await world.status("c");
  assert.deepEqual([stopped.connector.state, stopped.tasks], ["STOPPED", []]);
  await scheduler.stop();
});

test("createScheduler restarts what was asked for, shows the plan, and refuses what is not there", async () => {
  const { world, scheduler } = await startCluster();
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  await runner.report("c-1", { state: "FAILED", active: false, trace: "boom" });
  await world.settle();
  assert.equal((await world.status("c")).tasks[1]?.trace, "boom");
  const failed = { name: "c", includeTasks: true, onlyFailed: true };
  const { status } = await world.bus.request(connectorRestart, failed);
  assert.deepEqual(
    [status.connector.state, ...status.tasks.map(({ state }) => state)],
    ["RUNNING", "RUNNING", "RESTARTING"],
  );
  assert.equal(status.tasks[1]?.trace, "boom");
  await world.settle();
  assert.equal((await world.status("c")).tasks[1]?.state, "RUNNING");
  assert.equal((await world.status("c")).tasks[1]?.trace, null);
  await world.bus.request(taskRestart, { name: "c", task: 0 });
  await world.settle();
  assert.equal(runner.running.get("c-0")?.restart, 1);
  const refused = (promise: Promise<unknown>, message: string) =>
    assert.rejects(promise, { code: "NOT_FOUND", message });
  await refused(world.bus.request(taskRestart, { name: "c", task: 2 }), "Unknown task: c-2");
  await refused(world.bus.request(taskRestart, { name: "c", task: -1 }), "Unknown task: c--1");
  await refused(world.bus.request(taskRestart, { name: "x", task: 0 }), "Unknown connector: x");
  await refused(world.bus.request(connectorRestart, { ...failed, name: "x" }), "Unknown connector: x");
  await scheduler.stop();
});

test("createScheduler shows automatic restarts, restarts what waits for one as failed, and then counts anew", async () => {
  const { world, scheduler } = await startCluster();
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  const restarts = { count: 3, reason: "retriable: connection lost", nextMs: 1_700_000_000_000 };
  await runner.report("c-0", { state: "RESTARTING", trace: "lost", restarts });
  await runner.report("c-1", { restarts: { ...restarts, nextMs: null } });
  await world.settle();
  const { tasks } = await world.status("c");
  assert.deepEqual(tasks[0], {
    id: 0,
    state: "RESTARTING",
    workerId: "r1:8083",
    version: "1",
    trace: "lost",
    restarts,
  });
  assert.deepEqual([tasks[1]?.state, tasks[1]?.restarts?.count], ["RUNNING", 3]);
  await world.bus.request(connectorRestart, { name: "c", includeTasks: true, onlyFailed: true });
  await world.settle();
  assert.deepEqual([runner.running.get("c-0")?.restart, runner.running.get("c-1")?.restart], [1, 0]);
  const after = await world.status("c");
  assert.deepEqual(after.tasks[0], { id: 0, state: "RUNNING", workerId: "r1:8083", version: "1", trace: null });
  await scheduler.stop();
});

test("createScheduler calls an assignment valid only for its runner, task and generation", async () => {
  const { world, scheduler } = await startCluster();
  await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  await world.settle();
  const verify = async (runner: string, task: number, generation: number) =>
    (await world.bus.request(assignmentVerify, { runner, connector: "c", task, generation })).verdict;
  assert.equal(await verify("r1", 0, 1), "valid");
  assert.equal(await verify("r2", 0, 1), "revoked");
  assert.equal(await verify("r1", 1, 1), "revoked");
  world.config.tasks("c", 1);
  await world.settle();
  assert.equal(await verify("r1", 0, 1), "new-generation");
  await scheduler.stop();
});

test("createScheduler: another takes over at once when the leader stops, and moves nothing", async () => {
  const { world, scheduler } = await startCluster();
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  const second = world.scheduler();
  await second.start();
  assert.deepEqual([scheduler.leading(), second.leading()], [1, null]);
  await scheduler.stop();
  world.takeLog();
  await world.clock.advance(2_000);
  assert.equal(second.leading(), 2);
  assert.deepEqual(world.takeLog(), []);
  assert.equal(runner.assignment?.epoch, 2, "a new leader tells everyone the whole state");
  assert.equal((await world.status("c")).connector.state, "RUNNING");
  await second.stop();
});

test("createScheduler: a new leader that reaches no config service takes nothing away", async () => {
  const { world, scheduler } = await startCluster();
  await world.runner("r1");
  world.config.put("c");
  await world.settle();
  await scheduler.stop();
  world.config.isReachable = false;
  const second = world.scheduler();
  await second.start();
  await world.clock.advance(5_000);
  assert.equal(world.running(), "c@r1");
  world.config.isReachable = true;
  world.config.put("d");
  await world.clock.advance(2_000);
  assert.equal(world.running(), "c@r1 d@r1");
  await second.stop();
});

test("createScheduler: a runner that drains hands over each item once it has ended it, and leaves at once", async () => {
  const { world, scheduler } = await startCluster();
  const first = await world.runner("r1");
  world.config.put("a");
  world.config.put("b");
  await world.settle();
  await world.runner("r2");
  first.isDraining = true;
  await first.beat();
  await world.settle();
  assert.equal(world.running(), "a@r1 b@r2", "what still runs there is not given away");
  first.end("a");
  await first.beat();
  await world.settle();
  assert.equal(world.running(), "a@r2 b@r2");
  await first.beat(true);
  await world.settle();
  assert.deepEqual([...(await world.store.load()).runners.keys()], ["r2"]);
  await scheduler.stop();
});

test("createScheduler: a runner with an older one's worker id takes its place at once", async () => {
  const { world, scheduler } = await startCluster();
  const old = await world.runner("r1", "host:8083");
  world.config.put("c");
  await world.settle();
  await world.runner("r2", "host:8083");
  assert.equal(world.runners[1]?.running.has("c"), true);
  await old.beat();
  await world.settle();
  assert.equal(world.running(), "c@r2", "the old one was told to run nothing");
  await scheduler.stop();
});
