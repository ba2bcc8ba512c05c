import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSink, fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

const connectors = [
  { class: fileSink, type: "sink", version: "4.3.1" },
  { class: fileSource, type: "source", version: "4.3.1" },
];

test("GET /connector-plugins shows connectors, and everything when connectorsOnly is not true", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const all = [...connectors, { class: "org.apache.kafka.connect.transforms.Cast$Value", type: "transformation" }];
  for (const [query, shown] of [
    ["", connectors],
    ["?connectorsOnly=true", connectors],
    ["?connectorsOnly=false", all],
    ["?connectorsOnly=maybe", all],
  ] as const) {
    assert.deepEqual((await send(gateway, `GET /connector-plugins${query}`)).body, shown);
  }
});

test("GET /connector-plugins/{p}/config passes the runner's 404 on, name decoded", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const { body } = await send(gateway, "GET /connector-plugins/com.example.Cast%24Value/config");
  assert.deepEqual(body, { error_code: 404, message: "Unknown plugin com.example.Cast$Value." });
});

test("GET /connector-plugins/{p}/config passes the version on, and the runner's 400", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const { status, body } = await send(gateway, "GET /connector-plugins/FileStreamSource/config?version=%5B1");
  assert.deepEqual([status, body], [400, { error_code: 400, message: "Invalid version specification: [1" }]);
});

test("PUT validate answers the runner's infos", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const put = (plugin: string, body: unknown) =>
    send(gateway, `PUT /connector-plugins/${plugin}/config/validate`, { body });
  const { status, body } = await put("FileStreamSource", { "connector.class": fileSource, "tasks.max": 1 });
  assert.deepEqual([status, body], [200, { name: fileSource, error_count: 0, groups: ["Common"], configs: [] }]);
});

test("PUT validate refuses a class that does not end as the plugin in the path", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const answer = await send(gateway, `PUT /connector-plugins/${fileSource}/config/validate`, {
    body: { "connector.class": "FileStreamSource" },
  });
  const message = `Included connector type FileStreamSource does not match request type ${fileSource}`;
  assert.deepEqual(answer.body, { error_code: 400, message });
});

test("PUT validate without a class is Connect's 500", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const { body } = await send(gateway, "PUT /connector-plugins/FileStreamSource/config/validate", { body: {} });
  const wrapper = "org.apache.kafka.connect.runtime.rest.errors.BadRequestException";
  assert.deepEqual(body, { error_code: 500, message: `${wrapper}: Connector config {} contains no connector type` });
});
