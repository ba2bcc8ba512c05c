import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { loggerLevel } from "@millrace/protocol";
import { ScriptedCluster, send } from "../scripted-cluster.ts";

test("loggers of the worker are listed, read and set", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  const set = await send(gateway, "PUT /admin/loggers/org.example", { body: { level: "Debug" } });
  assert.deepEqual([set.status, set.body], [200, ["org.example"]]);
  assert.deepEqual((await send(gateway, "GET /admin/loggers")).body, {
    "org.example": { level: "DEBUG", last_modified: cluster.clock.nowMs() },
    root: { level: "INFO", last_modified: null },
  });
  assert.deepEqual((await send(gateway, "GET /admin/loggers/ROOT")).body, { level: "INFO", last_modified: null });
  const unknown = await send(gateway, "GET /admin/loggers/x");
  assert.deepEqual(unknown.body, { error_code: 404, message: "Logger x not found." });
});

test("scope=cluster sets every service's loggers, and answers nothing", async () => {
  const cluster = await ScriptedCluster.start();
  const heard: unknown[] = [];
  await cluster.runner.subscribe(loggerLevel, (message) => void heard.push(message));
  const { status } = await send(cluster.gateway(), "PUT /admin/loggers/root?scope=cluster", {
    body: { level: "WARN" },
  });
  await turn();
  assert.equal(status, 204);
  assert.deepEqual(heard, [{ logger: "root", level: "warn" }]);
  assert.equal(cluster.levels.get("root")?.level, "warn");
});

test("a level that is missing or unknown is refused in Connect's words", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const put = async (body: unknown) => (await send(gateway, "PUT /admin/loggers/root", { body })).body;
  const missing = { error_code: 400, message: "Desired 'level' parameter was not specified in request." };
  assert.deepEqual([await put({}), await put({ level: null })], [missing, missing]);
  assert.deepEqual(await put({ level: "LOUD" }), { error_code: 404, message: "invalid log level 'LOUD'." });
});
