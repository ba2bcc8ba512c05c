import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import type * as z from "zod";
import { fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";
import { operations } from "./operations.ts";
import { type SchemaName, schemas } from "./schemas.ts";

async function document() {
  const cluster = await ScriptedCluster.start();
  const { status, body } = await send(cluster.gateway(), "GET /openapi.json");
  assert.equal(status, 200);
  return { cluster, body: body as { paths: Record<string, Record<string, unknown>> } };
}

test("GET /openapi.json is a valid OpenAPI 3.1 description", async () => {
  const { body } = await document();
  const { valid, errors } = await new Validator().validate(structuredClone(body));
  assert.ok(valid, JSON.stringify(errors, null, 2));
});

test("every operation there is is described, and nothing else", async () => {
  const { body } = await document();
  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.sort(), Object.keys(operations).sort());
});

test("answers are as they are described", async () => {
  const { cluster } = await document();
  cluster.add("c", { "connector.class": fileSource, topic: "t" });
  cluster.topics.set("c", ["t"]);
  const gateway = cluster.gateway();
  for (const [line, template] of [
    ["GET /", "GET /"],
    ["GET /health", "GET /health"],
    ["GET /connectors", "GET /connectors"],
    ["GET /connectors?expand=info&expand=status", "GET /connectors"],
    ["GET /connectors/c", "GET /connectors/{connector}"],
    ["GET /connectors/c/config", "GET /connectors/{connector}/config"],
    ["GET /connectors/c/status", "GET /connectors/{connector}/status"],
    ["GET /connectors/c/tasks", "GET /connectors/{connector}/tasks"],
    ["GET /connectors/c/tasks/0/status", "GET /connectors/{connector}/tasks/{task}/status"],
    ["GET /connectors/c/topics", "GET /connectors/{connector}/topics"],
    ["GET /connectors/c/offsets", "GET /connectors/{connector}/offsets"],
    ["GET /connector-plugins?connectorsOnly=false", "GET /connector-plugins"],
    ["GET /admin/loggers", "GET /admin/loggers"],
    ["GET /admin/loggers/root", "GET /admin/loggers/{logger}"],
    ["POST /connectors/c/restart?includeTasks=true", "POST /connectors/{connector}/restart"],
  ] as const) {
    const { status, body } = await send(gateway, line);
    const expected = operations[template]?.answers[status];
    assert.ok(expected, `${line} answered ${status}`);
    const names = (typeof expected === "string" ? [expected] : expected) as readonly SchemaName[];
    const fits = names.some((name) => (schemas[name] as z.ZodType).safeParse(body).success);
    assert.ok(fits, `${line}: ${JSON.stringify(body)} is no ${names.join(" or ")}`);
  }
});
