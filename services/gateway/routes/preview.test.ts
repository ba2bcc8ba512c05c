import assert from "node:assert/strict";
import { test } from "node:test";
import { preview } from "@millrace/protocol";
import { fileSink, fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

async function started() {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSink, pw: "hunter2" });
  const record = cluster.records.get("c")!;
  cluster.records.set("c", { ...record, passwords: ["pw"] });
  const asked: unknown[] = [];
  await cluster.runner.respond(preview, (question) => {
    asked.push(question);
    return { type: "sink" as const, records: [], ended: "time" as const };
  });
  return { asked, gateway: cluster.gateway() };
}

const path = "POST /millrace/v1/preview";

test("a preview takes a stored configuration, a changed one with its masks, or a new one", async () => {
  const { asked, gateway } = await started();
  const first = await send(gateway, path, { body: { name: "c" } });
  assert.deepEqual([first.status, first.body], [200, { type: "sink", records: [], ended: "time" }]);
  const masked = { "connector.class": fileSink, pw: "[hidden]", "tasks.max": 2 };
  await send(gateway, path, { body: { name: "c", config: masked, records: 3 } });
  await send(gateway, path, { body: { config: { "connector.class": fileSource } } });
  assert.deepEqual(asked, [
    { connector: "c", config: { "connector.class": fileSink, pw: "hunter2", name: "c" }, records: 10 },
    { connector: "c", config: { "connector.class": fileSink, pw: "hunter2", "tasks.max": "2", name: "c" }, records: 3 },
    { connector: "preview", config: { "connector.class": fileSource, name: "preview" }, records: 10 },
  ]);
});

test("a preview of nothing, or of too much, is refused", async () => {
  const { asked, gateway } = await started();
  const status = async (body: unknown) => (await send(gateway, path, { body })).status;
  assert.equal(await status({ name: "x" }), 404);
  assert.equal(await status({}), 404);
  for (const wrong of [{ name: "c", records: 51 }, { name: "" }, { config: { a: [] } }, { config: { file: "x" } }]) {
    assert.equal(await status(wrong), 400, JSON.stringify(wrong));
  }
  assert.deepEqual(asked, []);
});
