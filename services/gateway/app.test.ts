import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileSource, ScriptedCluster, send } from "./scripted-cluster.ts";

const json = "application/json";

test("createGateway refuses what fits no resource in Connect's order and without a content type", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSource });
  const gateway = cluster.gateway();
  const cases: [string, Parameters<typeof send>[2], number, string][] = [
    ["GET /nope", {}, 404, "HTTP 404 Not Found"],
    ["POST /nope/deeper", { body: {} }, 404, "HTTP 404 Not Found"],
    ["GET /connectors/c/tasks-config", {}, 404, "HTTP 404 Not Found"],
    ["GET /connectors/c/config/x", {}, 404, "HTTP 404 Not Found"],
    ["GET /connectors/c/tasks/0", {}, 404, "HTTP 404 Not Found"],
    ["GET /connector-plugins/FileStreamSource", {}, 404, "HTTP 404 Not Found"],
    ["DELETE /connectors", {}, 405, "HTTP 405 Method Not Allowed"],
    ["POST /", { body: {} }, 405, "HTTP 405 Method Not Allowed"],
    ["GET /connectors/c/restart", {}, 405, "HTTP 405 Method Not Allowed"],
    ["GET /connector-plugins/x/config/validate", {}, 405, "HTTP 405 Method Not Allowed"],
    [
      "POST /connectors",
      { body: {}, headers: { "content-type": "text/plain" } },
      415,
      "HTTP 415 Unsupported Media Type",
    ],
    ["GET /", { headers: { accept: "text/plain" } }, 406, "HTTP 406 Not Acceptable"],
  ];
  for (const [line, sent, status, message] of cases) {
    const answer = await send(gateway, line, sent);
    assert.deepEqual([line, answer.status, answer.contentType], [line, status, null]);
    assert.deepEqual(answer.body, { error_code: status, message });
  }
});

test("createGateway sends JSON to whoever takes JSON among other things", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  for (const accept of ["", browser, "application/json, application/*+json", "*; q=.2", "application/json;q=0"]) {
    const answer = await send(gateway, "GET /connectors", { headers: { accept } });
    assert.deepEqual([accept, answer.status], [accept, 200]);
  }
  const refused = await send(gateway, "GET /connectors", { headers: { accept: "application/*+json" } });
  assert.equal(refused.status, 406);
});

test("createGateway answers OPTIONS with what a path allows", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const allowed = {
    "/": "GET,HEAD,OPTIONS",
    "/connectors": "GET,HEAD,OPTIONS,POST",
    "/connectors/c": "DELETE,GET,HEAD,OPTIONS",
    "/connector-plugins/x/config/validate": "OPTIONS,PUT",
  };
  for (const [path, allow] of Object.entries(allowed)) {
    const answer = await send(gateway, `OPTIONS ${path}`);
    assert.deepEqual([answer.status, answer.contentType, answer.headers.get("allow")], [200, json, allow]);
    assert.equal(answer.body, "");
  }
});

test("createGateway answers HEAD as GET without the body", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.add("c", { "connector.class": fileSource });
  const gateway = cluster.gateway();
  const found = await send(gateway, "HEAD /connectors/c");
  assert.deepEqual([found.status, found.contentType, found.body], [200, json, ""]);
  const missing = await send(gateway, "HEAD /connectors/d");
  assert.deepEqual([missing.status, missing.contentType, missing.body], [404, json, ""]);
});

test("createGateway takes a trailing slash and ignores queries it does not know", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  assert.deepEqual((await send(gateway, "GET /connectors/?foo=bar")).body, []);
});

test("createGateway refuses ambiguous paths with a page, and without one for other methods", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const reasons = {
    "//connectors": "Ambiguous URI empty segment",
    "/connectors/a%2Fb": "Ambiguous URI path separator",
    "/connectors/a%2525": "Ambiguous URI path encoding",
    "/connectors/a%5Cb": "Suspicious Path Character",
    "/connectors/a%zz": "Bad Request",
  };
  for (const [path, reason] of Object.entries(reasons)) {
    const answer = await send(gateway, `GET ${path}`);
    assert.deepEqual([answer.status, answer.contentType], [400, "text/html;charset=iso-8859-1"]);
    assert.match(String(answer.body), new RegExp(reason));
  }
  const deleted = await send(gateway, "DELETE /connectors/a%2Fb");
  assert.deepEqual([deleted.status, deleted.contentType, deleted.body], [400, null, ""]);
});

test("createGateway says which service is missing and what to do", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  await cluster.config.close();
  await cluster.scheduler.close();
  await cluster.runner.close();
  const missing = {
    "/connectors": "config service",
    "/connectors/c/status": "scheduler",
    "/connector-plugins": "runner",
  };
  for (const [path, service] of Object.entries(missing)) {
    const answer = await send(gateway, `GET ${path}`);
    const body = answer.body as { error_code: number; message: string };
    assert.deepEqual([answer.status, answer.contentType, body.error_code], [503, json, 503]);
    assert.match(body.message, new RegExp(`^The ${service}.* is not available\\. Start (the|a) ${service}`));
  }
});

test("createGateway logs a failure nobody foresaw and answers 500", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  cluster.add("c", { "connector.class": fileSource });
  const request = new Request("http://connect/connectors", { method: "POST", headers: { "content-type": json } });
  Object.defineProperty(request, "body", {
    get() {
      throw new Error("torn socket");
    },
  });
  const response = await gateway.fetch(request);
  assert.deepEqual(await response.json(), { error_code: 500, message: "torn socket" });
  assert.deepEqual(cluster.logged, ["a REST request failed"]);
});

test("createGateway adds cross-origin headers only when an origin is allowed", async () => {
  const cluster = await ScriptedCluster.start();
  const asked = { headers: { origin: "http://ui.example" } };
  const off = await send(cluster.gateway(), "GET /connectors", asked);
  assert.equal(off.headers.get("access-control-allow-origin"), null);

  const gateway = cluster.gateway({ allowOrigin: "http://ui\\.example", allowMethods: "GET,PUT" });
  const on = await send(gateway, "GET /connectors", asked);
  assert.equal(on.headers.get("access-control-allow-origin"), "http://ui.example");
  const other = await send(gateway, "GET /connectors", { headers: { origin: "http://ui.example.evil" } });
  assert.deepEqual([other.status, other.headers.get("access-control-allow-origin")], [200, null]);
  const preflight = await send(gateway, "OPTIONS /connectors", {
    headers: { origin: "http://ui.example", "access-control-request-method": "PUT" },
  });
  assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-methods")], [200, "GET,PUT"]);
});

test("GET / shows the version and keeps the cluster id once known", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway({ commit: "0123456789abcdef" });
  const { body } = await send(gateway, "GET /");
  assert.equal(
    JSON.stringify(body),
    '{"version":"4.3.1-millrace.0.1.0","commit":"0123456789abcdef","kafka_cluster_id":"mU3vXcX8S9i"}',
  );
  await cluster.runner.close();
  assert.deepEqual((await send(gateway, "GET /")).body, body);
});

test("GET / shows no cluster id while no runner answers", async () => {
  const cluster = await ScriptedCluster.start();
  await cluster.runner.close();
  const { status, body } = await send(cluster.gateway(), "GET /");
  assert.equal(status, 200);
  assert.equal((body as { kafka_cluster_id: unknown }).kafka_cluster_id, null);
});

test("GET /health is starting, then healthy, then unhealthy as services come and go", async () => {
  const cluster = await ScriptedCluster.start();
  const gateway = cluster.gateway();
  const healthy = await send(gateway, "GET /health");
  assert.equal(healthy.status, 200);
  assert.deepEqual(healthy.body, {
    status: "healthy",
    message: "Worker has completed startup and is ready to handle requests.",
  });
  await cluster.runner.close();
  const unhealthy = await send(gateway, "GET /health");
  assert.equal(unhealthy.status, 500);
  assert.match(JSON.stringify(unhealthy.body), /"unhealthy".*No answer from: runner\./);
  const starting = await send(cluster.gateway(), "GET /health");
  assert.equal(starting.status, 503);
  assert.match(JSON.stringify(starting.body), /"starting".*No answer from: runner\./);
});

test("GET /health asks no longer than its client waits", async () => {
  const cluster = await ScriptedCluster.start();
  cluster.hub.filter = () => [];
  const client = new AbortController();
  const answer = cluster.gateway().fetch(new Request("http://connect:8083/health", { signal: client.signal }));
  await setImmediate();
  client.abort();
  // No time passes, so this is no timeout.
  assert.equal((await answer).status, 503);
});
