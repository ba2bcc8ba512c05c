import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { resolveWorkerConfig, WorkerConfigError } from "./worker-config.ts";

const dir = mkdtempSync(join(tmpdir(), "millrace-worker-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "secret.properties");
writeFileSync(file, "boot=kafka:9092\ndatabase=s3cret-word\npolicy=Principal\nheap=many\npassword=pw-of-kafka\n");

const ref = (key: string, path = file) => `\${file:${path}:${key}}`;
const providers = {
  "config.providers": "file",
  "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
};
const converters = { "key.converter": "K", "value.converter": "V" };

function resolve(overrides: Record<string, string>, kafka = true) {
  return resolveWorkerConfig({ overrides: { ...providers, ...converters, ...overrides }, kafka, env: { HOME: "/h" } });
}

test("resolveWorkerConfig reads what references stand for; properties keep the references", async () => {
  const given = {
    "bootstrap.servers": ref("boot"),
    "millrace.database.url": `postgres://u:${ref("database")}@db/m`,
    "connector.client.config.override.policy": ref("policy"),
    "producer.sasl.jaas.config": `login password="${ref("password")}";`,
  };
  const worker = await resolve(given);
  assert.equal(worker.bootstrapServers, "kafka:9092");
  assert.equal(worker.databaseUrl, "postgres://u:s3cret-word@db/m");
  assert.equal(worker.clientConfigOverridePolicy, "Principal");
  assert.doesNotMatch(JSON.stringify(worker.properties), /kafka:9092|s3cret-word|pw-of-kafka/);
  assert.equal(worker.properties["producer.sasl.jaas.config"], given["producer.sasl.jaas.config"]);
});

test("resolveWorkerConfig leaves plugin.path and the providers' own settings alone, and what nobody knows", async () => {
  const worker = await resolve({
    "bootstrap.servers": "b:1",
    "plugin.path": ref("boot"),
    "config.providers.file.param.allowed.paths": dir,
    "group.id": "${nobody:a:b}",
    "config.storage.topic": "c",
    "offset.storage.topic": "o",
    "status.storage.topic": ref("missing"),
  });
  assert.deepEqual(worker.pluginPath, [ref("boot")]);
  assert.equal(worker.groupId, "${nobody:a:b}");
  assert.equal(worker.statusStorageTopic, ref("missing"));
});

test("resolveWorkerConfig knows secrets without any provider set up", async () => {
  const worker = await resolveWorkerConfig({
    overrides: { ...converters, "bootstrap.servers": "${secrets:kafka:boot}" },
    env: { MILLRACE_SECRET_KAFKA_BOOT: "kafka:9093" },
  });
  assert.equal(worker.bootstrapServers, "kafka:9093");
});

test("I9: resolveWorkerConfig shows no value that is not valid, but its reference", async () => {
  const refused = resolve({ "bootstrap.servers": ref("boot"), "millrace.task.host.heap.mb": ref("heap") });
  await assert.rejects(refused, (error: unknown) => {
    assert.ok(error instanceof WorkerConfigError);
    const shown = `Invalid value ${ref("heap")} for configuration millrace.task.host.heap.mb: what the config provider gave for it is not valid`;
    assert.ok(error.message.endsWith(shown), error.message);
    assert.doesNotMatch(error.message, /many/);
    return true;
  });
});

test("resolveWorkerConfig says which provider fails, for whoever needs what it gives", async () => {
  const nowhere = join(dir, "nowhere");
  const given = { "bootstrap.servers": "b:1", "producer.sasl.jaas.config": ref("password", nowhere) };
  await assert.rejects(resolve(given), {
    name: "WorkerConfigError",
    message: `The worker configuration from the environment cannot be used: Could not read properties from file ${nowhere}`,
  });
  assert.equal((await resolve(given, false)).properties["producer.sasl.jaas.config"], ref("password", nowhere));
});
