import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adminClient,
  allowedLayers,
  atLeastOnceProducer,
  connectionConfig,
  exactlyOnceProducer,
  offsetsConsumer,
  permittedLayers,
  replacedMessage,
  sinkConsumer,
  withPrefix,
} from "./client-configs.ts";

const identity = { groupId: "g", connector: "c", task: 2 };
const worker = {
  "bootstrap.servers": "kafka:9092",
  "group.id": "g",
  "security.protocol": "SASL_SSL",
  "sasl.mechanism": "PLAIN",
  "ssl.truststore.location": "/t",
  "offset.flush.interval.ms": "1000",
  "producer.linger.ms": "5",
  "producer.acks": "1",
  "consumer.fetch.min.bytes": "10",
  "admin.retries": "3",
};
const connector = {
  "producer.override.linger.ms": "9",
  "consumer.override.group.id": "mine",
  "consumer.override.fetch.min.bytes": "20",
  "admin.override.bootstrap.servers": "other:9092",
};
const layers = { worker, connector };
const connection = {
  "bootstrap.servers": "kafka:9092",
  "security.protocol": "SASL_SSL",
  "sasl.mechanism": "PLAIN",
  "ssl.truststore.location": "/t",
};

test("connectionConfig takes what a client connects with, and nothing of the framework", () => {
  assert.deepEqual(connectionConfig(worker), connection);
});

test("withPrefix takes the prefix off and leaves the rest out", () => {
  assert.deepEqual(withPrefix({ "a.b": "1", ab: "2", "a.c.d": "3" }, "a."), { b: "1", "c.d": "3" });
});

test("atLeastOnceProducer: Connect's defaults, then the worker's, then the connector's", () => {
  assert.deepEqual(atLeastOnceProducer(layers, identity), {
    ...connection,
    "client.id": "connector-producer-c-2",
    "max.in.flight.requests.per.connection": "1",
    "enable.idempotence": "false",
    "delivery.timeout.ms": "2147483647",
    acks: "1",
    "linger.ms": "9",
  });
});

test("exactlyOnceProducer forces idempotence and the transactional id, and reports only what it replaces", () => {
  const { config, replaced } = exactlyOnceProducer(layers, identity);
  assert.equal(config["enable.idempotence"], "true");
  assert.equal(config["transactional.id"], "g-c-2");
  assert.equal(config["max.in.flight.requests.per.connection"], undefined);
  assert.deepEqual(replaced, []);
  const same = exactlyOnceProducer({ worker, connector: { "producer.override.enable.idempotence": "true" } }, identity);
  assert.deepEqual(same.replaced, []);
});

test("exactlyOnceProducer waits for larger requests, unless told otherwise: a commit sends at once", () => {
  const { config } = exactlyOnceProducer({ worker: { "bootstrap.servers": "b:1" }, connector: {} }, identity);
  assert.equal(config["linger.ms"], "20");
  assert.equal(exactlyOnceProducer(layers, identity).config["linger.ms"], "9");
});

test("replacedMessage says what Connect says", () => {
  assert.equal(
    replacedMessage({ name: "transactional.id", given: "x", used: "g-c-2" }),
    "The value 'x' for the 'transactional.id' property will be ignored as it cannot be overridden for connectors when exactly-once source support is enabled. The value 'g-c-2' will be used instead.",
  );
});

test("offsetsConsumer is the connector's, and no member of a group that it doesn't name", () => {
  const config = offsetsConsumer({ worker, connector: {} }, identity);
  assert.deepEqual([config["group.id"], config["fetch.min.bytes"]], [undefined, "10"]);
  assert.equal(offsetsConsumer(layers, identity)["fetch.min.bytes"], "20");
});

test("sinkConsumer joins connect-<connector>, unless the connector names another group", () => {
  assert.equal(sinkConsumer({ worker, connector: {} }, identity)["group.id"], "connect-c");
  const config = sinkConsumer(
    { worker, connector: { ...connector, "consumer.override.enable.auto.commit": "true" } },
    identity,
  );
  assert.deepEqual(
    [config["group.id"], config["auto.offset.reset"], config["enable.auto.commit"], config["client.id"]],
    ["mine", "earliest", "false", "connector-consumer-c-2"],
  );
});

test("adminClient is the connector's: its overrides win", () => {
  const config = adminClient(layers, identity);
  assert.deepEqual([config["bootstrap.servers"], config.retries], ["other:9092", "3"]);
});

test("allowedLayers refuses overrides that the worker's policy does not allow, and shows no value", () => {
  const clientConfigOverrideAllowlist: string[] = [];
  const policy = {
    clientConfigOverridePolicy: "Principal" as const,
    clientConfigOverrideAllowlist,
    properties: worker,
  };
  const own = { "producer.override.sasl.jaas.config": "secret", "consumer.override.max.poll.records": "7" };
  assert.throws(() => allowedLayers(policy, "source", own), {
    name: "ConfigError",
    message:
      "Client Config Overrides not allowed [consumer.override.max.poll.records: The 'Principal' policy does not allow 'max.poll.records' to be overridden in the connector configuration.]",
  });
  const all = { ...policy, clientConfigOverridePolicy: "All" as const };
  assert.deepEqual(allowedLayers(all, "source", own), { worker, connector: own });
  // A sink without dead letters has no producer; nobody is to be given its refused settings all the same.
  const sinks = { name: "s", "admin.override.retries": "3", "producer.override.security.protocol": "SSL" };
  const { "admin.override.retries": _, ...permitted } = sinks;
  assert.deepEqual(allowedLayers(policy, "sink", sinks), { worker, connector: permitted });
  assert.deepEqual(permittedLayers(policy, own), {
    worker,
    connector: { "producer.override.sasl.jaas.config": "secret" },
  });
});
