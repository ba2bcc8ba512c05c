import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedCluster, send } from "../scripted-cluster.ts";

const source = { "connector.class": "FileStreamSource" };

async function oneConnector() {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", source);
  return { cluster, gateway: cluster.gateway() };
}

test("GET /connectors/{c}/status has Connect's keys in Connect's order", async () => {
  const { cluster, gateway } = await oneConnector();
  const status = cluster.statuses.get("c")!;
  const failed = { id: 1, state: "FAILED" as const, workerId: "w:8083", version: null, trace: "boom" };
  cluster.statuses.set("c", { ...status, tasks: [failed, ...status.tasks] });
  const { body } = await send(gateway, "GET /connectors/c/status");
  assert.equal(
    JSON.stringify(body),
    '{"name":"c","connector":{"state":"RUNNING","worker_id":"w:8083","version":"4.3.1"},' +
      '"tasks":[{"id":0,"state":"RUNNING","worker_id":"w:8083","version":"4.3.1"},' +
      '{"id":1,"state":"FAILED","worker_id":"w:8083","version":null,"trace":"boom"}],"type":"source"}',
  );
});

test("GET /connectors/{c}/status stays readable while the config service is away", async () => {
  const { cluster, gateway } = await oneConnector();
  await cluster.config.close();
  const { status, body } = await send(gateway, "GET /connectors/c/status");
  assert.deepEqual([status, (body as { type: string }).type], [200, "unknown"]);
});

test("GET statuses answer 404 in Connect's words", async () => {
  const { gateway } = await oneConnector();
  const messages = {
    "/connectors/d/status": "No status found for connector d",
    "/connectors/d/tasks/0/status": "No status found for task d-0",
    "/connectors/c/tasks/7/status": "No status found for task c-7",
    "/connectors/c/tasks/abc/status": "HTTP 404 Not Found",
    "/connectors/c/tasks/99999999999/status": "HTTP 404 Not Found",
  };
  for (const [path, message] of Object.entries(messages)) {
    const answer = await send(gateway, `GET ${path}`);
    assert.deepEqual(answer.body, { error_code: 404, message });
    assert.equal(answer.contentType, "application/json");
  }
  const found = await send(gateway, "GET /connectors/c/tasks/0/status");
  assert.deepEqual(found.body, { id: 0, state: "RUNNING", worker_id: "w:8083", version: "4.3.1" });
});

test("PUT pause, resume and stop set the target state", async () => {
  const { cluster, gateway } = await oneConnector();
  const cases = { pause: [202, "PAUSED"], resume: [202, "STARTED"], stop: [204, "STOPPED"] } as const;
  for (const [verb, [status, targetState]] of Object.entries(cases)) {
    const answer = await send(gateway, `PUT /connectors/c/${verb}`, { body: { ignored: 1 } });
    assert.deepEqual([answer.status, answer.contentType, answer.body], [status, null, ""]);
    assert.equal(cluster.asked.at(-1), `target-state {"name":"c","targetState":"${targetState}"}`);
    const missing = await send(gateway, `PUT /connectors/d/${verb}`);
    assert.deepEqual(missing.body, { error_code: 404, message: "Unknown connector d" });
  }
});

test("POST restart answers 204, or 202 with the plan when a parameter is true", async () => {
  const { gateway } = await oneConnector();
  for (const query of ["", "?includeTasks=false&onlyFailed=false", "?includeTasks=maybe", "?includeTasks="]) {
    const answer = await send(gateway, `POST /connectors/c/restart${query}`);
    assert.deepEqual([query, answer.status, answer.body], [query, 204, ""]);
  }
  for (const query of ["?includeTasks=true", "?onlyFailed=TRUE"]) {
    const answer = await send(gateway, `POST /connectors/c/restart${query}`);
    assert.equal(answer.status, 202);
    assert.match(JSON.stringify(answer.body), /^\{"name":"c","connector":\{"state":"RESTARTING".*"type":"source"\}$/);
  }
});

test("POST restart of what is not there answers 404 in the scheduler's words", async () => {
  const { gateway } = await oneConnector();
  const messages = {
    "/connectors/d/restart": "Unknown connector: d",
    "/connectors/d/restart?includeTasks=true": "Unknown connector: d",
    "/connectors/d/tasks/0/restart": "Unknown connector: d",
    "/connectors/c/tasks/-1/restart": "Unknown task: c--1",
    "/connectors/c/tasks/abc/restart": "HTTP 404 Not Found",
  };
  for (const [path, message] of Object.entries(messages)) {
    assert.deepEqual((await send(gateway, `POST ${path}`)).body, { error_code: 404, message });
  }
  assert.equal((await send(gateway, "POST /connectors/c/tasks/0/restart")).status, 204);
});
