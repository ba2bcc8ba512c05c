import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "./testing/scripted-cluster.ts";

for (const outageMs of [5_500, 9_000, 60_000]) {
  test(`createScheduler that hears nobody for ${outageMs} ms gives nothing away, then or when they come back one by one`, async () => {
    const { world, scheduler } = await startCluster();
    const runners = [await world.runner("r1"), await world.runner("r2"), await world.runner("r3")];
    for (const name of ["a", "b", "c"]) world.config.put(name);
    await world.settle();
    for (const name of ["a", "b", "c"]) world.config.tasks(name, 2);
    await world.clock.advance(3_000);
    const before = world.running();
    world.takeLog();
    for (const [i, runner] of runners.entries()) {
      runner.isSilent = true;
      await world.clock.advance(i * 400);
    }
    await world.clock.advance(outageMs);
    if (outageMs > 15_000) assert.equal((await world.status("a")).connector.state, "UNASSIGNED", "nobody knows better");
    for (const runner of runners) {
      runner.isSilent = false;
      await world.clock.advance(1_300);
    }
    await world.clock.advance(20_000);
    assert.equal(world.running(), before);
    assert.deepEqual(world.takeLog(), []);
    assert.equal((await world.status("a")).connector.state, "RUNNING");
    await scheduler.stop();
  });
}

test("createScheduler that hears nobody gives away what is still missing a session after the first is back", async () => {
  const { world, scheduler } = await startCluster();
  const [first, second] = [await world.runner("r1"), await world.runner("r2")];
  for (const name of ["a", "b"]) world.config.put(name);
  await world.clock.advance(1_000);
  assert.equal(world.running(), "a@r1 b@r2");
  first.isSilent = true;
  second.isSilent = true;
  await world.clock.advance(60_000);
  second.isSilent = false;
  await world.clock.advance(9_000);
  assert.equal(world.running(), "b@r2");
  await world.clock.advance(4_000);
  assert.equal(world.running(), "a@r2 b@r2");
  await scheduler.stop();
});

test("createScheduler gives a killed runner's work to others before its session is over, but a frozen one's only after it", async () => {
  for (const [end, movedMs] of [
    ["killed", 7_500],
    ["frozen", 13_000],
  ] as const) {
    const { world, scheduler } = await startCluster();
    const [first] = [await world.runner("r1"), await world.runner("r2")];
    for (const name of ["a", "b"]) world.config.put(name);
    await world.clock.advance(1_000);
    if (end === "killed") await first!.kill();
    else first!.isSilent = true;
    await world.clock.advance(movedMs - 2_500);
    assert.equal(world.running(), "b@r2", end);
    await world.clock.advance(2_500);
    assert.equal(world.running(), "a@r2 b@r2", end);
    await scheduler.stop();
  }
});

test("createScheduler keeps runners that reconnect one by one, though nobody listens for a while", async () => {
  const { world, scheduler } = await startCluster();
  const runners = [await world.runner("r1"), await world.runner("r2"), await world.runner("r3")];
  for (const name of ["a", "b", "c"]) world.config.put(name);
  await world.clock.advance(1_000);
  world.takeLog();
  for (const outageMs of [500, 2_500, 3_500, 4_500, 5_500, 6_500, 9_500, 12_000]) {
    for (const runner of runners) await runner.disconnect();
    await world.clock.advance(outageMs);
    for (const runner of runners) {
      await runner.reconnect();
      await world.clock.advance(700);
    }
    await world.clock.advance(20_000);
    assert.deepEqual(world.takeLog(), [], `${outageMs} ms`);
  }
  await scheduler.stop();
});
