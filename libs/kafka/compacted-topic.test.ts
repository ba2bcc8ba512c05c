import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { openCompactedTopic } from "./compacted-topic.ts";
import { isKafkaError } from "./errors.ts";
import { FakeCluster } from "./fake/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value);
const never = new AbortController().signal;

async function world(partitions = 3) {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  const client = cluster.client();
  const open = (signal: AbortSignal = never, configs: Record<string, string> = {}) =>
    openCompactedTopic({
      client,
      clock,
      config: {},
      topic: "offsets",
      partitions,
      replicationFactor: 1,
      configs,
      timeoutMs: 1000,
      signal,
    });
  const producer = await client.transactionalProducer({ "transactional.id": "task" });
  await producer.initTransactions(1000);
  const put = (key: string | null, value: string | null) =>
    producer.send("offsets", -1, value === null ? null : bytes(value), key === null ? null : bytes(key), 0, null);
  return { clock, cluster, open, producer, put };
}

test("openCompactedTopic creates the topic and starts empty", async () => {
  const { cluster, open } = await world(25);
  const table = await open();
  assert.equal(table.size, 0);
  assert.equal(cluster.topics.get("offsets"), 25);
  await table.close();
});

test("openCompactedTopic creates the topic with the settings given, and compacted in any case", async () => {
  const { open } = await world();
  await assert.rejects(open(never, { "no.such.setting": "1" }), { code: "INVALID_CONFIG" });
  await (await open(never, { "min.insync.replicas": "1", "cleanup.policy": "not one" })).close();
});

test("openCompactedTopic leaves an existing topic's partitions as they are", async () => {
  const { cluster, open } = await world(25);
  cluster.createTopic({ topic: "offsets", partitions: 2, replicationFactor: 1, configs: {} });
  await (await open()).close();
  assert.equal(cluster.topics.get("offsets"), 2);
});

test("readToEnd keeps each key's last committed value, forgets deleted keys and passes over null keys", async () => {
  const { open, producer, put } = await world();
  const table = await open();
  await producer.beginTransaction();
  for (const [key, value] of [
    ["a", "1"],
    ["b", "1"],
    ["a", "2"],
    ["b", null],
    [null, "x"],
  ] as const)
    put(key, value);
  await producer.commitTransaction(1000);
  await producer.beginTransaction();
  put("a", "aborted");
  await producer.flush(1000);
  await producer.abortTransaction(1000);
  assert.equal(table.get(bytes("a")), null);
  await table.readToEnd(never);
  assert.equal(text(table.get(bytes("a"))), "2");
  assert.deepEqual(
    [...table.entries()].map(([key, value]) => [text(key), text(value)]),
    [["a", "2"]],
  );
  await table.close();
});

test("readToEnd waits for a transaction that is open when it is called", async () => {
  const { clock, open, producer, put } = await world();
  const table = await open();
  await producer.beginTransaction();
  put("a", "1");
  await producer.flush(1000);
  let done = false;
  const reading = table.readToEnd(never).then(() => {
    done = true;
  });
  await clock.advance(500);
  assert.equal(done, false);
  await producer.commitTransaction(1000);
  await clock.advance(100);
  await reading;
  assert.equal(text(table.get(bytes("a"))), "1");
  await table.close();
});

test("readToEnd gives up as retriable after its time, and with the signal's reason when aborted", async () => {
  const { clock, open, producer, put } = await world();
  const table = await open();
  await producer.beginTransaction();
  put("a", "1");
  await producer.flush(1000);
  const late = assert.rejects(table.readToEnd(never), (error: unknown) => isKafkaError(error) && error.retriable);
  await clock.advance(2000);
  await late;
  const controller = new AbortController();
  const aborted = assert.rejects(table.readToEnd(controller.signal), /stopping/);
  await clock.advance(100);
  controller.abort(new Error("stopping"));
  await clock.advance(100);
  await aborted;
  await table.close();
});
