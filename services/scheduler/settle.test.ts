import assert from "node:assert/strict";
import { test } from "node:test";
import { connectorSettle } from "@millrace/protocol";
import { startCluster } from "./testing/scripted-cluster.ts";

test("connectorSettle waits until a stopped connector's tasks are gone, then fences their producers (I3)", async () => {
  const { world, scheduler } = await startCluster({ exactlyOnce: true });
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 2);
  await world.settle();
  runner.isStuck = true;
  world.config.target("c", "STOPPED");
  let settled = false;
  const settling = world.bus.request(connectorSettle, { name: "c" }).then(() => {
    settled = true;
  });
  await world.clock.advance(500);
  assert.equal(settled, false, "its tasks are still there");
  world.takeLog();
  runner.isStuck = false;
  for (const name of ["c-0", "c-1"]) runner.end(name);
  await runner.beat();
  await world.clock.advance(100);
  await settling;
  assert.deepEqual(world.takeLog().at(-1), "fence c 0..1");
  await scheduler.stop();
});

test("connectorSettle gives up on a connector that is not stopped", async () => {
  const { world, scheduler } = await startCluster();
  await world.runner("r1");
  world.config.put("c");
  await world.settle();
  const settling = assert.rejects(world.bus.request(connectorSettle, { name: "c" }, { timeoutMs: 60_000 }), {
    code: "CONFLICT",
    message: "Connector c cannot be changed now: it is not stopped. Ask again in a moment",
  });
  await world.clock.advance(16_000);
  await settling;
  await scheduler.stop();
});

test("connectorSettle of a deleted connector waits until nothing of it runs, and not for one that is back", async () => {
  const { world, scheduler } = await startCluster();
  const runner = await world.runner("r1");
  world.config.put("c");
  await world.settle();
  world.config.tasks("c", 1);
  await world.settle();
  runner.isStuck = true;
  world.config.delete("c");
  let settled = false;
  const settling = world.bus.request(connectorSettle, { name: "c", deleted: true }).then(() => {
    settled = true;
  });
  await world.clock.advance(500);
  assert.equal(settled, false, "it is still there");
  runner.isStuck = false;
  for (const name of ["c", "c-0"]) runner.end(name);
  await runner.beat();
  await world.clock.advance(1_000);
  await settling;
  world.config.put("c");
  await world.settle();
  const refused = assert.rejects(
    world.bus.request(connectorSettle, { name: "c", deleted: true }, { timeoutMs: 60_000 }),
    {
      code: "CONFLICT",
      message: "Connector c cannot be cleaned up after: there is a connector of this name again",
    },
  );
  await world.clock.advance(16_000);
  await refused;
  await scheduler.stop();
});
