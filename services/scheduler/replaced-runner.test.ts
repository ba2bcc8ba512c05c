import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedCluster } from "./testing/scripted-cluster.ts";

/** What ScriptedCluster's schedulers have. */
const SESSION_MS = 10_000;

/** Three runners with a connector and two tasks each; then another comes with the worker id of the first. */
async function replaced() {
  const world = new ScriptedCluster();
  await world.config.start();
  const scheduler = world.scheduler();
  await scheduler.start();
  await world.settle();
  const old = await world.runner("r1", "one:8083");
  await world.runner("r2");
  await world.runner("r3");
  for (const name of ["a", "b", "c"]) world.config.put(name);
  await world.settle();
  for (const name of ["a", "b", "c"]) world.config.tasks(name, 2);
  await world.clock.advance(1_000);
  const before = world.running();
  world.takeLog();
  const twin = await world.runner("r4", "one:8083");
  await old.beat();
  await world.settle();
  assert.equal(
    world.running(),
    before.replaceAll("@r1", "@r4").split(" ").sort().join(" "),
    "it takes over what the first had, and nothing else moves",
  );
  return { world, scheduler, twin };
}

const share = (running: string, runner: string) => running.split(" ").filter((each) => each.endsWith(`@${runner}`));

test("createScheduler gives nothing to a runner that was replaced while the newer one is there", async () => {
  const { world, scheduler } = await replaced();
  const before = world.running();
  await world.clock.advance(5 * SESSION_MS);
  assert.equal(world.running(), before);
  await scheduler.stop();
});

test("createScheduler gives a replaced runner its share again, once the newer one has gone: a session after it came, and not before", async () => {
  const { world, scheduler, twin } = await replaced();
  await twin.beat(true);
  await twin.disconnect();
  await world.clock.advance(SESSION_MS / 2);
  const meanwhile = world.running();
  assert.deepEqual(share(meanwhile, "r1"), [], "the others have its work");
  assert.equal(meanwhile.split(" ").length, 9);
  world.takeLog();
  await world.clock.advance(SESSION_MS);
  const after = world.running();
  assert.equal(share(after, "r1").length, 3, "one connector and two tasks");
  const stayed = meanwhile.split(" ").filter((each) => after.includes(each));
  assert.equal(stayed.length, 6, "no more than that moves");
  await world.clock.advance(5 * SESSION_MS);
  assert.equal(world.running(), after);
  await scheduler.stop();
});
