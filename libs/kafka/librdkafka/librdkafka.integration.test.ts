import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@millrace/time";
import type { ConsumedRecord } from "../client.ts";
import { openCompactedTopic } from "../compacted-topic.ts";
import { conformanceCases } from "../conformance.ts";
import { librdkafkaClient } from "./mod.ts";
import { packedRecords } from "./native.ts";

const servers = process.env.KAFKA_BOOTSTRAP_SERVERS;
assert.ok(servers, "set KAFKA_BOOTSTRAP_SERVERS to a running Kafka");

const config = { "bootstrap.servers": servers };
const client = librdkafkaClient({ clock: systemClock });

conformanceCases.forEach(({ name, run }, index) => {
  test(`librdkafka: ${name}`, { timeout: 30_000 }, () =>
    run({ client, config, run: `${process.pid.toString(36)}${Date.now().toString(36)}${index}` }),
  );
});

test("librdkafka's addon alone carries the same records", { timeout: 30_000 }, async () => {
  assert.ok(packedRecords() !== null, "run node deploy/dev/setup.mjs --only addon");
  const alone = librdkafkaClient({ clock: systemClock, packed: null });
  const { run } = conformanceCases.find(({ name }) => name.includes("headers"))!;
  await run({ client: alone, config, run: `${process.pid.toString(36)}${Date.now().toString(36)}alone` });
});

test("a consumer tells when a broker has set a timestamp, and a null header from an empty one", {
  timeout: 30_000,
}, async () => {
  const topic = `log-append-${process.pid}-${Date.now()}`;
  const [admin, producer, consumer] = await Promise.all([
    client.admin(config),
    client.producer(config),
    client.consumer(config),
  ]);
  try {
    const configs = { "message.timestamp.type": "LogAppendTime" };
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs });
    producer.send(topic, 0, Buffer.from("v"), null, 1_000, [
      { key: "null", value: null },
      { key: "empty", value: new Uint8Array(0) },
    ]);
    await producer.flush(10_000);
    await consumer.assign([{ topic, partition: 0, offset: 0 }]);
    const read: ConsumedRecord[] = [];
    while (read.length === 0) read.push(...(await consumer.poll(10, 1_000)));
    const { timestampMs, timestampType, headers } = read[0]!;
    assert.equal(timestampType, "LogAppendTime");
    assert.ok(timestampMs !== null && timestampMs > 1_000);
    assert.deepEqual(
      headers.map(({ key, value }) => [key, value?.length]),
      [
        ["null", undefined],
        ["empty", 0],
      ],
    );
  } finally {
    await Promise.all([consumer.close(), producer.close()]);
    await admin.deleteTopic(topic);
    await admin.close();
  }
});

test("openCompactedTopic reads a topic of librdkafka's to its end, again and again", { timeout: 30_000 }, async () => {
  const topic = `compacted-${process.pid}-${Date.now()}`;
  const signal = AbortSignal.timeout(20_000);
  const table = await openCompactedTopic({
    client,
    clock: systemClock,
    config,
    topic,
    partitions: 25,
    replicationFactor: 1,
    timeoutMs: 10_000,
    signal,
  });
  const producer = await client.transactionalProducer({ ...config, "transactional.id": topic });
  const admin = await client.admin(config);
  try {
    await producer.initTransactions(10_000);
    for (let round = 1; round <= 3; round++) {
      await producer.beginTransaction();
      for (let i = 0; i < 100; i++) producer.send(topic, -1, Buffer.from(`${round}`), Buffer.from(`key ${i}`), 0, null);
      await producer.commitTransaction(10_000);
      await table.readToEnd(signal);
      assert.equal(table.size, 100);
      assert.equal(Buffer.from(table.get(Buffer.from("key 7"))!).toString(), `${round}`);
    }
  } finally {
    await Promise.all([table.close(), producer.close()]);
    await admin.deleteTopic(topic);
    await admin.close();
  }
});
