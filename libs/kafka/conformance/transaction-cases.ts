import assert from "node:assert/strict";
import {
  pollUntil,
  readAll,
  readVisible,
  rejectsWith,
  type SessionCase,
  sendText,
  TIMEOUT_MS,
  text,
} from "./session.ts";

export const transactionCases: readonly SessionCase[] = [
  {
    name: "commitTransaction makes the records of all its topics visible at once",
    async run(session) {
      const [records, offsets] = [await session.topic(2), await session.topic()];
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      sendText(producer, records, "a", 0);
      sendText(producer, records, "b", 1);
      sendText(producer, offsets, "position");
      await producer.flush(TIMEOUT_MS);
      assert.deepEqual(await readVisible(session, records), []);
      assert.deepEqual(await readVisible(session, offsets), []);
      await producer.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, records), ["a", "b"]);
      assert.deepEqual(await readAll(session, offsets), ["position"]);
      assert.equal(producer.queued(), 0);
    },
  },
  {
    name: "commitTransaction of an empty transaction succeeds",
    async run(session) {
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      await producer.commitTransaction(TIMEOUT_MS);
      await producer.beginTransaction();
      await producer.abortTransaction(TIMEOUT_MS);
    },
  },
  {
    name: "abortTransaction hides its records, and the producer goes on",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.transactional(session.name("tx"));
      for (const [value, commit] of [
        ["a", true],
        ["b", false],
        ["c", true],
        ["d", false],
      ] as const) {
        await producer.beginTransaction();
        sendText(producer, topic, value);
        if (!commit) await producer.flush(TIMEOUT_MS);
        await (commit ? producer.commitTransaction(TIMEOUT_MS) : producer.abortTransaction(TIMEOUT_MS));
      }
      assert.deepEqual(await readAll(session, topic), ["a", "c"]);
      assert.deepEqual(await readAll(session, topic, { "isolation.level": "read_uncommitted" }), ["a", "b", "c", "d"]);
    },
  },
  {
    name: "abortTransaction drops records still queued",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      for (let i = 0; i < 1000; i++) sendText(producer, topic, `${i}`);
      await producer.abortTransaction(TIMEOUT_MS);
      await producer.beginTransaction();
      sendText(producer, topic, "kept");
      await producer.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, topic), ["kept"]);
    },
  },
  {
    name: "commitTransaction after a record that could not be written is abortable, and after the abort all is well",
    async run(session) {
      const topic = await session.topic(1, "small", { "max.message.bytes": "1000" });
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      sendText(producer, topic, "goes down with it");
      producer.send(
        topic,
        0,
        Uint8Array.from({ length: 5000 }, (_, i) => i * i),
        null,
        0,
        null,
      );
      await rejectsWith("abortable", () => producer.commitTransaction(TIMEOUT_MS));
      await producer.abortTransaction(TIMEOUT_MS);
      await producer.beginTransaction();
      sendText(producer, topic, "kept");
      await producer.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, topic), ["kept"]);
    },
  },
  {
    name: "initTransactions fences the older producer: its commit fails as fenced and its records stay hidden",
    async run(session) {
      const topic = await session.topic();
      const id = session.name("tx");
      const older = await session.transactional(id);
      await older.beginTransaction();
      sendText(older, topic, "zombie");
      await older.flush(TIMEOUT_MS);
      const newer = await session.transactional(id);
      await rejectsWith("fenced", () => older.commitTransaction(TIMEOUT_MS));
      await rejectsWith("fenced", () => older.beginTransaction());
      await newer.beginTransaction();
      sendText(newer, topic, "current");
      await newer.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, topic), ["current"]);
    },
  },
  {
    name: "initTransactions aborts the transaction that a closed predecessor left open",
    async run(session) {
      const topic = await session.topic();
      const id = session.name("tx");
      const older = await session.transactional(id);
      await older.beginTransaction();
      sendText(older, topic, "left open");
      await older.flush(TIMEOUT_MS);
      await older.close();
      const end = async () =>
        (await (await session.admin()).endOffsets([{ topic, partition: 0 }], "read_committed"))[0];
      assert.equal((await end())?.offset, 0);
      await session.transactional(id);
      assert.equal((await end())?.offset, 2);
      assert.deepEqual(await readAll(session, topic), []);
    },
  },
  {
    name: "producers with different transactional ids do not fence each other",
    async run(session) {
      const topic = await session.topic();
      const [one, two] = [
        await session.transactional(session.name("tx")),
        await session.transactional(session.name("tx")),
      ];
      await one.beginTransaction();
      await two.beginTransaction();
      sendText(one, topic, "one");
      await one.flush(TIMEOUT_MS);
      sendText(two, topic, "two");
      await two.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readVisible(session, topic), []);
      await one.commitTransaction(TIMEOUT_MS);
      assert.deepEqual(await readAll(session, topic), ["one", "two"]);
    },
  },
  {
    name: "read_committed stops at an open transaction while read_uncommitted reads on",
    async run(session) {
      const topic = await session.topic();
      const open = await session.transactional(session.name("tx"));
      const plain = await session.producer();
      await open.beginTransaction();
      sendText(open, topic, "open");
      await open.flush(TIMEOUT_MS);
      sendText(plain, topic, "behind");
      await plain.flush(TIMEOUT_MS);

      const admin = await session.admin();
      const at = [{ topic, partition: 0 }];
      assert.equal((await admin.endOffsets(at, "read_committed"))[0]?.offset, 0);
      assert.equal((await admin.endOffsets(at, "read_uncommitted"))[0]?.offset, 2);
      const consumer = await session.consumer();
      await consumer.assign([{ topic, partition: 0, offset: 0 }]);
      assert.deepEqual(await consumer.poll(10, 300), []);
      await open.commitTransaction(TIMEOUT_MS);
      const records = await pollUntil(consumer, (read) => read.length === 2);
      assert.deepEqual(
        records.map((record) => text(record.value)),
        ["open", "behind"],
      );
    },
  },
];
