import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "./testing/scripted-cluster.ts";

test("createScheduler decides on a burst of config changes together, and on what is no burst at once", async () => {
  const { world, scheduler } = await startCluster({ configBurstMs: 50 });
  const runner = await world.runner("r1");
  for (const name of ["a", "b", "c", "d"]) {
    world.config.put(name);
    await world.settle();
  }
  assert.equal(world.running(), "a@r1 b@r1 c@r1 d@r1");
  world.config.put("e");
  await world.clock.advance(49);
  for (const name of ["f", "g", "h"]) world.config.put(name);
  await world.clock.advance(49);
  assert.equal(world.running(), "a@r1 b@r1 c@r1 d@r1", "each change has others waited for anew");
  await world.clock.advance(1);
  assert.equal(world.running(), "a@r1 b@r1 c@r1 d@r1 e@r1 f@r1 g@r1 h@r1");
  assert.equal(runner.assignment?.sequence, 6, "after the empty one and four, one for all");
  await scheduler.stop();
});

test("createScheduler decides within four quiet times when changes do not end, and not before for a re-read in between", async () => {
  const { world, scheduler } = await startCluster({ configBurstMs: 50, resyncIntervalMs: 60 });
  await world.runner("r1");
  for (let i = 0; i < 4; i++) world.config.put(`a${i}`);
  await world.settle();
  for (let ms = 0; ms < 200; ms += 40) {
    assert.doesNotMatch(world.running(), /c/);
    for (let i = 0; i < 2; i++) world.config.put(`c${ms}-${i}`);
    await world.clock.advance(40);
  }
  assert.match(world.running(), /c0-0@r1/);
  await scheduler.stop();
});
