import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ProtocolError } from "@millrace/protocol";
import { fileSink, fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

const source = { "connector.class": "FileStreamSource", topic: "t" };

test("POST /connectors answers 201 with the absolute location and no tasks yet", async () => {
  const cluster = await ScriptedCluster.start();
  const answer = await send(cluster.gateway(), "POST /connectors", { body: { name: " c ", config: source } });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("location"), "http://connect:8083/connectors/c");
  assert.equal(
    JSON.stringify(answer.body),
    '{"name":"c","config":{"connector.class":"FileStreamSource","topic":"t","name":"c"},"tasks":[],"type":"source"}',
  );
});

test("POST /connectors hands initial_state on as a target state, in any case", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  await send(gateway, "POST /connectors", { body: { name: "a", config: source, initial_state: "running" } });
  await send(gateway, "POST /connectors", { body: { name: "b", config: source, initial_state: "STOPPED" } });
  await send(gateway, "POST /connectors", { body: { name: "c", config: source, initial_state: null } });
  const states = cluster.asked
    .filter((line) => line.startsWith("put"))
    .map((line) => JSON.parse(line.slice(4)).initialTargetState);
  assert.deepEqual(states, ["STARTED", "STOPPED", undefined]);
});

test("POST /connectors escapes names in the location as Connect does", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const locations = {
    "a b": "a%20b",
    "héé-数据-🚀": "h%C3%A9%C3%A9-%E6%95%B0%E6%8D%AE-%F0%9F%9A%80",
    "a_b-c~d!$&'()*,;=:@": "a_b-c~d!$&'()*,;=:@",
    "50%": "50%25",
    "q?#": "q%3F%23",
  };
  for (const [name, path] of Object.entries(locations)) {
    const answer = await send(gateway, "POST /connectors", { body: { name, config: source } });
    assert.equal(answer.headers.get("location"), `http://connect:8083/connectors/${path}`);
  }
});

test("GET /connectors/{c} decodes names once, and leaves plus signs alone", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("héé 数据;x", { "connector.class": fileSource });
  const gateway = cluster.gateway();
  const found = await send(gateway, "GET /connectors/h%C3%A9%C3%A9%20%E6%95%B0%E6%8D%AE%3Bx");
  assert.equal((found.body as { name: string }).name, "héé 数据;x");
  const missing = await send(gateway, "GET /connectors/a+b");
  assert.deepEqual(missing.body, { error_code: 404, message: "Connector a+b not found" });
});

test("POST /connectors turns the config service's refusals into Connect's statuses", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  cluster.add("c", source);
  const twice = await send(gateway, "POST /connectors", { body: { name: "c", config: source } });
  assert.deepEqual(twice.body, { error_code: 409, message: "Connector c already exists" });
  cluster.putFailure = new ProtocolError("INVALID", "Connector configuration is invalid");
  const invalid = await send(gateway, "POST /connectors", { body: { name: "d", config: source } });
  assert.deepEqual(invalid.body, { error_code: 400, message: "Connector configuration is invalid" });
  cluster.putFailure = new ProtocolError("UNAVAILABLE", "nobody answers runner.plugin.validate");
  const unchecked = await send(gateway, "POST /connectors", { body: { name: "d", config: source } });
  assert.equal(unchecked.status, 503);
  assert.match(JSON.stringify(unchecked.body), /The runner service is not available\. Start a runner/);
});

test("POST /connectors refuses another name in the config, and bodies it cannot read", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const post = (body: unknown) => send(gateway, "POST /connectors", { body });
  const mismatch = await post({ name: "c", config: { ...source, name: "other" } });
  assert.deepEqual(mismatch.body, {
    error_code: 400,
    message: "Connector name configuration (other) doesn't match connector name in the URL (c)",
  });
  for (const body of [null, [], 12, {}, { name: "c" }, { name: "c", config: null }, { name: "c", config: [] }]) {
    assert.equal((await post(body)).status, 500, JSON.stringify(body));
  }
  assert.equal((await post({ name: "c", config: { a: { b: 1 } } })).status, 500);
  assert.equal((await post({ name: "c", config: {}, initialState: "RUNNING" })).status, 500);
  assert.equal((await post({ name: "c", config: {}, initial_state: "SLEEPING" })).status, 500);
});

test("POST /connectors tells no body (500) from one without a content type (415)", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  assert.equal((await send(gateway, "POST /connectors")).status, 500);
  const untyped = await send(gateway, "POST /connectors", { body: "{}" });
  assert.deepEqual([untyped.status, untyped.contentType], [415, "application/json"]);
});

test("POST /connectors refuses a body above the bound, whether or not its length is announced", async () => {
  const gateway = (await ScriptedCluster.start()).gateway({ bodyBytesMax: 100 });
  const body = { name: "c", config: { long: "x".repeat(200) } };
  assert.equal((await send(gateway, "POST /connectors", { body })).status, 413);
  assert.equal((await send(gateway, "POST /connectors", { body, headers: { "content-length": "300" } })).status, 413);
});

test("PUT /connectors/{c}/config answers 201 when it creates and 200 with the tasks when it replaces", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  const created = await send(gateway, "PUT /connectors/c/config", { body: source });
  assert.deepEqual([created.status, created.headers.get("location")], [201, "http://connect:8083/connectors/c"]);
  cluster.add("d", source, 2);
  const replaced = await send(gateway, "PUT /connectors/d/config", { body: { ...source, "tasks.max": 2 } });
  assert.deepEqual([replaced.status, replaced.headers.get("location")], [200, null]);
  assert.deepEqual(replaced.body, {
    name: "d",
    config: { ...source, "tasks.max": "2", name: "d" },
    tasks: [
      { connector: "d", task: 0 },
      { connector: "d", task: 1 },
    ],
    type: "source",
  });
});

test("GET /connectors waits once for runners that do not answer, however many connectors there are", async () => {
  const cluster = await ScriptedCluster.start();
  for (const name of ["a", "b", "c"]) cluster.add(name, source);
  cluster.hub.filter = ({ subject }) => (subject.startsWith("runner.") ? [] : [0]);
  let body: unknown = null;
  void send(cluster.gateway(), "GET /connectors?expand=info&expand=status").then((answer) => {
    body = answer.body;
  });
  await setImmediate();
  await cluster.clock.advance(2_000);
  await setImmediate();
  const entries = Object.values(body as Record<string, { info: { type: string }; status: { type: string } }>);
  assert.deepEqual(
    entries.map(({ info, status }) => [info.type, status.type]),
    Array.from({ length: 3 }, () => ["unknown", "unknown"]),
  );
});

test("GET /connectors lists over pages, and expands what is asked for", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("b", { "connector.class": fileSink }, 0);
  cluster.add("a", { "connector.class": "FileStreamSource" });
  const gateway = cluster.gateway();
  assert.deepEqual((await send(gateway, "GET /connectors")).body, ["a", "b"]);
  assert.deepEqual((await send(gateway, "GET /connectors?expand=nope")).body, { a: {}, b: {} });

  const { body } = await send(gateway, "GET /connectors?expand=info&expand=status");
  const both = body as Record<string, { status: { type: string; name: string }; info: { type: string } }>;
  assert.deepEqual(Object.keys(both.a!), ["status", "info"]);
  assert.deepEqual([both.a!.status.type, both.a!.info.type, both.b!.info.type], ["source", "source", "sink"]);

  cluster.statuses.delete("a");
  assert.deepEqual(Object.keys((await send(gateway, "GET /connectors?expand=status")).body as object), ["b"]);
});

test("DELETE /connectors/{c} answers 204, then 404", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", source);
  const gateway = cluster.gateway();
  const deleted = await send(gateway, "DELETE /connectors/c");
  assert.deepEqual([deleted.status, deleted.contentType, deleted.body], [204, null, ""]);
  const again = await send(gateway, "DELETE /connectors/c");
  assert.deepEqual(again.body, { error_code: 404, message: "Connector c not found" });
});

test("GET /connectors/{c}/config and /tasks show the stored configs", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", source);
  const gateway = cluster.gateway();
  assert.deepEqual((await send(gateway, "GET /connectors/c/config")).body, { ...source, name: "c" });
  assert.deepEqual((await send(gateway, "GET /connectors/c/tasks")).body, [
    { id: { connector: "c", task: 0 }, config: { ...source, "task.class": "Task", name: "c" } },
  ]);
  assert.equal((await send(gateway, "GET /connectors/d/tasks")).status, 404);
});

test("GET /connectors/{c}/offsets asks a runner with the connector's config", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", source);
  const gateway = cluster.gateway();
  assert.deepEqual((await send(gateway, "GET /connectors/c/offsets")).body, {
    offsets: [{ partition: { filename: "in.txt" }, offset: { position: 6 } }],
  });
  const missing = await send(gateway, "GET /connectors/d/offsets");
  assert.deepEqual(missing.body, { error_code: 404, message: "Connector d not found" });
});

test("POST and PUT without connector.class show their sender what was sent, and ask no other service", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  const created = await send(gateway, "POST /connectors", { body: { name: "c", config: { topic: "x" } } });
  const message = "Connector config {name=c, topic=x} contains no connector type";
  assert.deepEqual([created.status, created.body], [400, { error_code: 400, message }]);
  const put = await send(gateway, "PUT /connectors/c/config", { body: { "connector.class": null, topic: "x" } });
  assert.equal(put.status, 400);
  assert.deepEqual(cluster.asked, []);
  assert.deepEqual(cluster.logged, []);
});

test("PATCH /connectors/{c}/config changes and removes keys of the stored config", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  cluster.add("c", { ...source, name: "c", old: "1" });
  const answer = await send(gateway, "PATCH /connectors/c/config", { body: { topic: "u", old: null, absent: null } });
  assert.equal(answer.status, 200);
  assert.deepEqual(cluster.records.get("c")?.config, { ...source, name: "c", topic: "u" });
  const missing = await send(gateway, "PATCH /connectors/d/config", { body: { topic: "u" } });
  assert.deepEqual(missing.body, { error_code: 404, message: "Connector d not found" });
});

test("PATCH /connectors/{c}/config reads again when another write came between, and gives up after some", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", source);
  cluster.putFailure = new ProtocolError("CONFLICT", "Connector c is at config version 2, no longer at 1");
  const answer = await send(cluster.gateway(), "PATCH /connectors/c/config", { body: { topic: "u" } });
  assert.equal(answer.status, 409);
  const writes = cluster.asked.filter((line) => line.startsWith("put"));
  assert.equal(writes.length, 5);
  assert.equal(JSON.parse(writes[0]!.slice(4)).expectedVersion, cluster.records.get("c")?.version);
});

test("requests that Connect's workers sign for each other are refused", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  for (const line of ["POST /connectors/c/tasks", "PUT /connectors/c/fence"]) {
    const { status, body } = await send(gateway, line);
    assert.deepEqual(
      [status, body],
      [400, { error_code: 400, message: "Internal request missing required signature" }],
    );
  }
});
