import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeCluster } from "@millrace/kafka/fake";
import { VirtualClock } from "@millrace/time";
import { OffsetsTopics, offsetsTopicConfigs } from "./offsets-topics.ts";
import { SourceOffsets } from "./source-offsets.ts";

const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array());

async function open() {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  const kafka = cluster.client();
  const topics = new OffsetsTopics(kafka, clock);
  const stop = new AbortController();
  const table = (topic: string) =>
    topics.get({ topic, partitions: 1, replicationFactor: 1, configs: {}, consumer: {} });
  const producer = await kafka.producer({});
  const write = async (topic: string, ...entries: [key: string, value: string | null][]) => {
    cluster.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: {} });
    const encode = (value: string | null) => (value === null ? null : new TextEncoder().encode(value));
    for (const [key, value] of entries) producer.send(topic, 0, encode(value), encode(key), 0, null);
    await producer.flush(1000);
  };
  const offsets = (secondary: string | null = null) =>
    new SourceOffsets({
      connector: "c",
      primary: table("own"),
      secondary: secondary === null ? null : table(secondary),
      signal: stop.signal,
    });
  /** Moves the clock until `running` has settled. */
  const ended = async <T>(running: Promise<T>): Promise<T> => {
    let over = false;
    const done = () => {
      over = true;
    };
    running.then(done, done);
    for (let i = 0; i < 1000 && !over; i++) await clock.advance(20);
    return running;
  };
  return { clock, cluster, topics, table, stop, write, offsets, ended };
}

test("SourceOffsets answers in the order asked, null for what has no offset, and of its connector only", async () => {
  const { write, offsets, ended } = await open();
  await write(
    "own",
    ['["c",{"p":"a"}]', '{"n":1}'],
    ['["d",{"p":"b"}]', '{"n":2}'],
    ["not json", "{}"],
    ['["c",{"p":"a"}]', '{"n":3}'],
  );
  assert.deepEqual(await ended(offsets().offsets([{ p: "b" }, { p: "a" }])), [null, { n: 3 }]);
  const all = await ended(offsets().all());
  assert.deepEqual(
    all.map(({ partition, offset }) => [partition, offset]),
    [[{ p: "a" }, { n: 3 }]],
  );
});

test("SourceOffsets forgets a partition whose offset was removed", async () => {
  const { write, offsets, ended } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}'], ['["c",{"p":"a"}]', null]);
  assert.equal(await ended(offsets().offset({ p: "a" })), null);
});

test("SourceOffsets asks the worker's topic for what the connector's own does not have", async () => {
  const { write, offsets, ended } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}']);
  await write("workers", ['["c",{"p":"a"}]', '{"n":100}'], ['["c",{"p":"b"}]', '{"n":200}']);
  assert.deepEqual(await ended(offsets("workers").offsets([{ p: "a" }, { p: "b" }])), [{ n: 1 }, { n: 200 }]);
});

test("SourceOffsets writes under the key that another worker used for an equal partition", async () => {
  const { write, offsets, ended } = await open();
  await write("own", ['["c",{"b":2,"a":1}]', '{"n":1}']);
  const reader = offsets();
  await ended(reader.load());
  assert.equal(text(reader.encode({ a: 1, b: 2 }, { n: 2 }).key), '["c",{"b":2,"a":1}]');
  assert.equal(text(reader.encode({ a: 1, b: 3 }, { n: 2 }).key), '["c",{"a":1,"b":3}]');
  assert.equal(reader.encode({ a: 1, b: 2 }, null).value, null);
});

test("SourceOffsets prefers the key in the order that the task uses, where the topic has both", async () => {
  const { write, offsets, ended } = await open();
  await write("own", ['["c",{"a":1,"b":2}]', '{"n":5}'], ['["c",{"b":2,"a":1}]', '{"n":1}']);
  const reader = offsets();
  assert.deepEqual(await ended(reader.offset({ a: 1, b: 2 })), { n: 5 });
  assert.equal(text(reader.encode({ a: 1, b: 2 }, { n: 6 }).key), '["c",{"a":1,"b":2}]');
});

test("OffsetsTopics shares one table among readers of the same topic and cluster, client ids aside", async () => {
  const { topics } = await open();
  const settings = { topic: "own", partitions: 1, replicationFactor: 1, configs: {} };
  const one = topics.get({ ...settings, consumer: { "bootstrap.servers": "a", "client.id": "1" } });
  assert.equal(topics.get({ ...settings, consumer: { "client.id": "2", "bootstrap.servers": "a" } }), one);
  assert.notEqual(topics.get({ ...settings, consumer: { "bootstrap.servers": "b" } }), one);
  assert.notEqual(topics.get({ ...settings, topic: "other", consumer: { "bootstrap.servers": "a" } }), one);
});

test("OffsetsTable reads what was written until the call, also for who joins while it opens", async () => {
  const { cluster, clock, write, offsets, ended } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}']);
  cluster.faults.delayNext("poll", 1000);
  const first = offsets().offset({ p: "a" });
  await clock.advance(500);
  await write("own", ['["c",{"p":"a"}]', '{"n":2}']);
  const second = offsets().offset({ p: "a" });
  await ended(Promise.all([first, second]));
  assert.deepEqual(await second, { n: 2 });
});

test("OffsetsTable opens again after a client that failed, while opening or reading", async () => {
  const { cluster, write, offsets, ended } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}']);
  cluster.faults.failNext("connect", { when: "before", kind: "fatal" });
  await assert.rejects(ended(offsets().load()), /injected fault: connect/);
  assert.deepEqual(await ended(offsets().offset({ p: "a" })), { n: 1 });
  await write("own", ['["c",{"p":"a"}]', '{"n":2}']);
  cluster.faults.failNext("poll", { when: "after", kind: "fatal" });
  await assert.rejects(ended(offsets().load()), /injected fault: poll/);
  assert.deepEqual(await ended(offsets().offset({ p: "a" })), { n: 2 });
});

test("OffsetsTable lets a reader that is stopped go at once, and the others read on", async () => {
  const { cluster, clock, table, write, ended } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}']);
  const stop = new AbortController();
  cluster.faults.delayNext("poll", 5000);
  const stopped = table("own").read(stop.signal);
  const other = table("own").read(new AbortController().signal);
  await clock.advance(100);
  stop.abort(new Error("stopped"));
  await assert.rejects(stopped, /stopped/);
  assert.equal((await ended(other)).size, 1);
  await assert.rejects(table("own").read(stop.signal), /stopped/);
});

test("OffsetsTopics close ends reads that wait for a transaction", async () => {
  const { cluster, clock, topics, table, write } = await open();
  await write("own", ['["c",{"p":"a"}]', '{"n":1}']);
  const other = await cluster.client().transactionalProducer({ "transactional.id": "other" });
  await other.initTransactions(1000);
  await other.beginTransaction();
  other.send("own", 0, null, new Uint8Array([1]), 0, null);
  await other.flush(1000);
  const reading = assert.rejects(table("own").read(new AbortController().signal));
  await clock.advance(1000);
  const closed = topics.close();
  await clock.advance(1000);
  await Promise.all([closed, reading]);
});

test("offsetsTopicConfigs are the worker's offset.storage settings that are the topic's", () => {
  const worker = {
    "offset.storage.topic": "t",
    "offset.storage.partitions": "5",
    "offset.storage.replication.factor": "1",
    "offset.storage.file.filename": "/f",
    "offset.storage.min.insync.replicas": "2",
    "config.storage.segment.bytes": "1",
  };
  assert.deepEqual(offsetsTopicConfigs(worker), { "min.insync.replicas": "2" });
});
