import assert from "node:assert/strict";
import { test } from "node:test";
import { toPosixPattern } from "./posix-pattern.ts";
import { translate } from "./properties.ts";

const producer = (config: Record<string, string>) => translate(config, "producer").properties;
const consumer = (config: Record<string, string>) => translate(config, "consumer").properties;

test("translate gives producers Java's names and units in librdkafka's", () => {
  const properties = producer({
    acks: "all",
    "max.request.size": "2000000",
    "buffer.memory": "33554432",
    "linger.ms": "20",
    "delivery.timeout.ms": "2147483647",
    "max.in.flight.requests.per.connection": "1",
    "compression.type": "zstd",
    "compression.zstd.level": "5",
    "compression.gzip.level": "9",
    "key.serializer": "org.apache.kafka.common.serialization.ByteArraySerializer",
  });
  assert.equal(properties.acks, "-1");
  assert.equal(properties["message.max.bytes"], "2000000");
  assert.equal(properties["queue.buffering.max.kbytes"], "32768");
  assert.equal(properties["queue.buffering.max.ms"], "20");
  assert.equal(properties["message.timeout.ms"], "0");
  assert.equal(properties["max.in.flight.requests.per.connection"], "1");
  assert.equal(properties["compression.level"], "5");
  assert.equal(properties.partitioner, "murmur2_random");
  assert.equal(properties["delivery.report.only.error"], "true");
  assert.ok(!("key.serializer" in properties) && !("linger.ms" in properties));
});

test("translate reads values without the blanks around them, as Java does", () => {
  const properties = producer({ "linger.ms": " 20\n", "ssl.key.password": "secret\n", "client.id": "\tc " });
  assert.equal(properties["queue.buffering.max.ms"], "20");
  assert.equal(properties["ssl.key.password"], "secret");
  assert.equal(properties["client.id"], "c");
});

test("translate keeps a transactional record's timeout within the transaction's", () => {
  const config = { "transactional.id": "t", "delivery.timeout.ms": "2147483647" };
  assert.equal(producer(config)["message.timeout.ms"], "60000");
  assert.equal(producer({ ...config, "transaction.timeout.ms": "5000" })["message.timeout.ms"], "5000");
  assert.equal(producer({ "transactional.id": "t" })["message.timeout.ms"], undefined);
  assert.equal(producer(config)["delivery.report.only.error"], "false");
});

test("translate gives consumers Java's defaults and never commits by itself", () => {
  const { properties, warnings } = translate({ "enable.auto.commit": "true", "auto.offset.reset": "none" }, "consumer");
  assert.equal(properties["isolation.level"], "read_uncommitted");
  assert.equal(properties["enable.auto.commit"], "false");
  assert.equal(properties["enable.partition.eof"], "true");
  assert.equal(properties["auto.offset.reset"], "error");
  assert.equal(properties["group.id"], "millrace-assigned");
  assert.deepEqual(warnings, ["enable.auto.commit: offsets are only committed explicitly"]);
});

test("translate maps assignors and does not mix eager with cooperative ones", () => {
  const java = "org.apache.kafka.clients.consumer.";
  const strategy = (value: string) =>
    consumer({ "partition.assignment.strategy": value })["partition.assignment.strategy"];
  assert.equal(strategy(`${java}RangeAssignor,${java}RoundRobinAssignor`), "range,roundrobin");
  assert.equal(strategy(`${java}RangeAssignor, ${java}CooperativeStickyAssignor`), "range");
  assert.equal(strategy(`${java}CooperativeStickyAssignor`), "cooperative-sticky");
});

test("translate lets the user override a default but not what the adapter rests on", () => {
  const { properties, warnings } = translate({ "batch.size": "10", "delivery.report.only.error": "false" }, "producer");
  assert.equal(properties["batch.size"], "10");
  assert.equal(properties["delivery.report.only.error"], "true");
  assert.deepEqual(warnings, ["delivery.report.only.error: set by Millrace"]);
});

test("translate drops what librdkafka does not know, and properties that load code, with a warning", () => {
  const config = { "interceptor.classes": "x", "plugin.library.paths": "/tmp/x.so", "fetch.min.bytes": "1" };
  const { properties, warnings } = translate(config, "producer");
  assert.ok(!Object.keys(config).some((name) => name in properties));
  assert.deepEqual(
    warnings.map((warning) => warning.split(":")[0]),
    Object.keys(config),
  );
});

test("translate reads user and password out of sasl.jaas.config", () => {
  const properties = producer({
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.jaas.config":
      'org.apache.kafka.common.security.scram.ScramLoginModule required username="al=ice" password="s\\"e;cret";',
  });
  assert.equal(properties["security.protocol"], "sasl_ssl");
  assert.equal(properties["sasl.username"], "al=ice");
  assert.equal(properties["sasl.password"], 's"e;cret');
  assert.ok(!("sasl.jaas.config" in properties));
});

test("translate takes PEM and PKCS12 stores and refuses JKS without showing a value", () => {
  const pem = producer({ "ssl.truststore.type": "PEM", "ssl.truststore.location": "/ca.pem" });
  assert.equal(pem["ssl.ca.location"], "/ca.pem");
  const p12 = producer({ "ssl.keystore.location": "/k.p12", "ssl.keystore.password": "secret" });
  assert.equal(p12["ssl.keystore.password"], "secret");
  const jks = translate({ "ssl.truststore.location": "/t.jks", "ssl.truststore.password": "secret" }, "consumer");
  assert.match(jks.warnings.join(), /ssl\.truststore\.location: only PEM/);
  assert.doesNotMatch(jks.warnings.join(), /secret/);
  assert.equal(
    producer({ "ssl.endpoint.identification.algorithm": "" })["ssl.endpoint.identification.algorithm"],
    "none",
  );
});

test("translate takes the connect timeout from max.block.ms or default.api.timeout.ms", () => {
  assert.equal(translate({ "max.block.ms": "9223372036854775807" }, "producer").apiTimeoutMs, 2147483647);
  assert.equal(translate({ "default.api.timeout.ms": "5000" }, "admin").apiTimeoutMs, 5000);
  assert.equal(translate({}, "consumer").apiTimeoutMs, 60_000);
});

test("toPosixPattern spells JavaScript's classes out and anchors the pattern", () => {
  assert.equal(toPosixPattern("^a-\\d+\\.(?:b|c)$"), "^a-[0-9]+\\.(b|c)$");
  assert.equal(toPosixPattern("^[\\w.-]+$"), "^[A-Za-z0-9_.-]+$");
  assert.equal(toPosixPattern("a|b"), "^.*(a|b)");
});
