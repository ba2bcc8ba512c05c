import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedCluster, send } from "../scripted-cluster.ts";

test("topics are shown and reset, of unknown connectors too", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.topics.set("c", ["t", "u"]);
  const gateway = cluster.gateway();
  assert.deepEqual((await send(gateway, "GET /connectors/c/topics")).body, { c: { topics: ["t", "u"] } });
  assert.deepEqual((await send(gateway, "GET /connectors/x/topics")).body, { x: { topics: [] } });
  assert.equal((await send(gateway, "PUT /connectors/c/topics/reset")).status, 202);
  assert.deepEqual((await send(gateway, "GET /connectors/c/topics")).body, { c: { topics: [] } });
});

test("topic tracking and its reset can be turned off", async () => {
  const cluster = await ScriptedCluster.start();
  const off = cluster.gateway({ topicTrackingEnable: false });
  for (const line of ["GET /connectors/c/topics", "PUT /connectors/c/topics/reset"]) {
    assert.deepEqual((await send(off, line)).body, { error_code: 403, message: "Topic tracking is disabled." });
  }
  const kept = cluster.gateway({ topicTrackingAllowReset: false });
  const { body } = await send(kept, "PUT /connectors/c/topics/reset");
  assert.deepEqual(body, { error_code: 403, message: "Topic tracking reset is disabled." });
});
