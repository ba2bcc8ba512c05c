import assert from "node:assert/strict";
import { isKafkaError } from "../errors.ts";
import { bytes, pollUntil, readAll, rejectsWith, type SessionCase, sendText, TIMEOUT_MS, text } from "./session.ts";

export const producerCases: readonly SessionCase[] = [
  {
    name: "send and poll carry key, value, headers and timestamp unchanged",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer();
      const header = { key: "h", value: bytes("v") };
      producer.send(topic, 0, bytes("value"), bytes("key"), 1_700_000_000_000, [
        header,
        { key: "h", value: bytes("") },
      ]);
      producer.send(topic, 0, null, null, 0, null);
      producer.send(topic, 0, bytes(""), bytes(""), 0, []);
      await producer.flush(TIMEOUT_MS);

      const consumer = await session.consumer();
      await consumer.assign([{ topic, partition: 0, offset: 0 }]);
      const [full, none, empty] = await pollUntil(consumer, (records) => records.length === 3);
      assert.equal(text(full!.key), "key");
      assert.equal(text(full!.value), "value");
      assert.equal(full!.timestampMs, 1_700_000_000_000);
      assert.deepEqual(
        full!.headers.map(({ key, value }) => [key, value && Buffer.from(value).toString()]),
        [
          ["h", "v"],
          ["h", ""],
        ],
      );
      assert.deepEqual([none!.key, none!.value, none!.headers.length, none!.offset], [null, null, 0, 1]);
      assert.deepEqual([empty!.key?.byteLength, empty!.value?.byteLength], [0, 0]);
    },
  },
  {
    name: "records keep their own headers, whether or not those before had the same",
    async run(session) {
      const topic = await session.topic();
      const producers = await Promise.all([session.producer(), session.producer()]);
      const header = (value: string | null) => ({ key: "h", value: value === null ? null : bytes(value) });
      const same = [header("a"), header("b")];
      const sent = [same, same, null, [header("a"), header("b")], [header("a")], same, [header(null)], [], same];
      for (let i = 0; i < 300; i++) {
        for (const producer of producers)
          producer.send(topic, 0, bytes(`${i % sent.length}`), null, 0, sent[i % sent.length]!);
      }
      for (const producer of producers) await producer.flush(TIMEOUT_MS);
      const consumer = await session.consumer();
      await consumer.assign([{ topic, partition: 0, offset: 0 }]);
      const read = await pollUntil(consumer, (records) => records.length === 600);
      const shown = (headers: readonly { readonly value: Uint8Array | null }[]) =>
        headers.map(({ value }) => text(value));
      for (const { value, headers } of read) assert.deepEqual(shown(headers), shown(sent[Number(text(value))] ?? []));
    },
  },
  {
    name: "send copies the bytes, so the caller may reuse them",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer();
      const buffer = bytes("first");
      producer.send(topic, 0, buffer, null, 0, null);
      buffer.set(bytes("other"));
      await producer.flush(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, topic), ["first"]);
    },
  },
  {
    name: "send with partition -1 places keys where Java's default partitioner does",
    async run(session) {
      const topic = await session.topic(4);
      const producer = await session.producer();
      for (const key of ["21", "foobar"]) producer.send(topic, -1, bytes(key), bytes(key), 0, null);
      await producer.flush(TIMEOUT_MS);
      const consumer = await session.consumer();
      await consumer.assign([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 0 })));
      const records = await pollUntil(consumer, (read) => read.length === 2);
      const placed = Object.fromEntries(records.map((record) => [text(record.key), record.partition]));
      assert.deepEqual(placed, { "21": 0, foobar: 2 });
    },
  },
  {
    name: "send refuses a record over the size limit as invalid",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer({ "max.request.size": "1000" });
      assert.throws(
        () => producer.send(topic, 0, new Uint8Array(2000), null, 0, null),
        (error: unknown) => isKafkaError(error) && error.kind === "invalid",
      );
    },
  },
  {
    name: "flush resolves when all is acknowledged, and queued is then 0",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer();
      for (let i = 0; i < 100; i++) sendText(producer, topic, `${i}`);
      assert.ok(producer.queued() > 0);
      await producer.flush(TIMEOUT_MS);
      assert.equal(producer.queued(), 0);
      assert.equal((await readAll(session, topic)).length, 100);
    },
  },
  {
    name: "send returns false when the local queue is full, and drained lets it go on",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer({ "queue.buffering.max.messages": "10", "linger.ms": "0" });
      let refused = 0;
      for (let sent = 0; sent < 500; ) {
        if (producer.send(topic, 0, bytes(`${sent}`), null, 0, null)) sent++;
        else {
          refused++;
          await producer.drained(AbortSignal.timeout(TIMEOUT_MS));
        }
      }
      await producer.flush(TIMEOUT_MS);
      assert.ok(refused > 0);
      assert.deepEqual(
        await readAll(session, topic),
        Array.from({ length: 500 }, (_, i) => `${i}`),
      );
    },
  },
  {
    name: "close is idempotent and a closed producer is fatal to use",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.producer();
      await producer.close();
      await producer.close();
      assert.throws(
        () => producer.send(topic, 0, null, null, 0, null),
        (error: unknown) => isKafkaError(error) && error.kind === "fatal",
      );
      await rejectsWith("fatal", () => producer.flush(TIMEOUT_MS));
    },
  },
];
