import assert from "node:assert/strict";
import type { Consumer } from "../client.ts";
import {
  pollUntil,
  Rebalances,
  rejectsWith,
  type Session,
  type SessionCase,
  sendText,
  TIMEOUT_MS,
  text,
} from "./session.ts";

async function fill(session: Session, topic: string, count: number, partitions = 1): Promise<void> {
  const producer = await session.producer();
  for (let i = 0; i < count; i++) sendText(producer, topic, `${i}`, i % partitions);
  await producer.flush(TIMEOUT_MS);
}

async function pollTogether(consumers: readonly Consumer[], done: () => boolean): Promise<void> {
  for (let polls = 0; !done(); polls++) {
    assert.ok(polls < TIMEOUT_MS / 50, "the group did not settle");
    await Promise.all(consumers.map((consumer) => consumer.poll(100, 50)));
  }
}

export const consumerCases: readonly SessionCase[] = [
  {
    name: "position passes aborted records and transaction markers at the end",
    async run(session) {
      const topic = await session.topic();
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      sendText(producer, topic, "kept");
      await producer.commitTransaction(TIMEOUT_MS);
      await producer.beginTransaction();
      sendText(producer, topic, "aborted");
      await producer.flush(TIMEOUT_MS);
      await producer.abortTransaction(TIMEOUT_MS);
      const consumer = await session.consumer();
      const at = { topic, partition: 0 };
      assert.equal(consumer.position(at), null);
      await consumer.assign([{ ...at, offset: 0 }]);
      const records = await pollUntil(consumer, () => consumer.position(at) === 4);
      assert.deepEqual(
        records.map((record) => record.offset),
        [0],
      );
    },
  },
  {
    name: "poll returns at most recordsMax, in offset order, and nothing when there is nothing",
    async run(session) {
      const topic = await session.topic();
      await fill(session, topic, 25);
      const consumer = await session.consumer();
      await consumer.assign([{ topic, partition: 0, offset: 0 }]);
      const sizes: number[] = [];
      const offsets: number[] = [];
      while (offsets.length < 25) {
        const records = await consumer.poll(10, TIMEOUT_MS);
        sizes.push(records.length);
        offsets.push(...records.map((record) => record.offset));
      }
      assert.ok(sizes.every((size) => size <= 10));
      assert.deepEqual(
        offsets,
        Array.from({ length: 25 }, (_, i) => i),
      );
      assert.equal(consumer.position({ topic, partition: 0 }), 25);
      assert.equal(consumer.endOffset({ topic, partition: 0 }), 25);
      assert.equal(consumer.endOffset({ topic: session.name("unknown"), partition: 0 }), null);
      assert.deepEqual(await consumer.poll(10, 50), []);
    },
  },
  {
    name: "seek goes back and forth",
    async run(session) {
      const topic = await session.topic();
      await fill(session, topic, 10);
      const consumer = await session.consumer();
      await consumer.assign([{ topic, partition: 0, offset: 5 }]);
      const values = async (count: number) =>
        (await pollUntil(consumer, (records) => records.length >= count)).map((record) => text(record.value));
      assert.deepEqual(await values(5), ["5", "6", "7", "8", "9"]);
      await consumer.seek({ topic, partition: 0, offset: 8 });
      assert.equal(consumer.position({ topic, partition: 0 }), 8);
      assert.deepEqual(await values(2), ["8", "9"]);
    },
  },
  {
    name: "pause holds a partition's records back until resume",
    async run(session) {
      const topic = await session.topic(2);
      await fill(session, topic, 10, 2);
      const consumer = await session.consumer();
      const second = { topic, partition: 1 };
      await consumer.assign([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
      consumer.pause([second]);
      const first = await pollUntil(consumer, (records) => records.length >= 5);
      assert.deepEqual(await consumer.poll(10, 200), []);
      assert.ok(first.every((record) => record.partition === 0));
      consumer.resume([second]);
      const rest = await pollUntil(consumer, (records) => records.length >= 5);
      assert.ok(rest.every((record) => record.partition === 1));
    },
  },
  {
    name: "a group member is assigned every partition, commits, and its successor goes on from there",
    async run(session) {
      const topic = await session.topic(2);
      const group = session.name("group");
      await fill(session, topic, 10, 2);
      const rebalances = new Rebalances();
      const consumer = await session.consumer({ "group.id": group });
      await consumer.subscribe([topic], rebalances);
      await pollUntil(consumer, (records) => records.length === 10);
      assert.equal(rebalances.owned.size, 2);
      assert.deepEqual(await consumer.committed([{ topic, partition: 0 }]), []);
      await consumer.commit([{ topic, partition: 0, offset: 3 }]);
      const committed = [{ topic, partition: 0, offset: 3 }];
      assert.deepEqual(await consumer.committed([0, 1].map((partition) => ({ topic, partition }))), committed);
      assert.deepEqual(await (await session.admin()).groupOffsets(group), committed);
      await consumer.close();
      assert.deepEqual(rebalances.events, ["assigned 2", "revoked 2"]);

      const next = await session.consumer({ "group.id": group });
      await next.subscribe([topic], new Rebalances());
      const again = await pollUntil(next, (records) => records.length === 7);
      assert.equal(again.find((record) => record.partition === 0)?.offset, 3);
    },
  },
  {
    name: "revoked may still commit when the member closes",
    async run(session) {
      const topic = await session.topic();
      const group = session.name("group");
      await fill(session, topic, 5);
      const consumer = await session.consumer({ "group.id": group });
      const revoked = () => consumer.commit([{ topic, partition: 0, offset: 5 }]);
      await consumer.subscribe([topic], new Rebalances({ revoked }));
      await pollUntil(consumer, (records) => records.length === 5);
      await consumer.close();
      const offsets = await (await session.admin()).groupOffsets(group);
      assert.deepEqual(offsets, [{ topic, partition: 0, offset: 5 }]);
    },
  },
  {
    name: "seek while partitions are being assigned decides where they start",
    async run(session) {
      const topic = await session.topic();
      await fill(session, topic, 5);
      const consumer = await session.consumer({ "group.id": session.name("group") });
      const assigned = () => consumer.seek({ topic, partition: 0, offset: 4 });
      await consumer.subscribe([topic], new Rebalances({ assigned }));
      const records = await pollUntil(consumer, (read) => read.length > 0);
      assert.deepEqual(
        records.map((record) => record.offset),
        [4],
      );
    },
  },
  ...["RangeAssignor", "CooperativeStickyAssignor"].map((assignor) => ({
    name: `members share the partitions and take over from one that leaves (${assignor})`,
    async run(session: Session) {
      const topic = await session.topic(4);
      const config = {
        "group.id": session.name("group"),
        "partition.assignment.strategy": `org.apache.kafka.clients.consumer.${assignor}`,
        "heartbeat.interval.ms": "100",
      };
      const [one, two] = [new Rebalances(), new Rebalances()];
      const first = await session.consumer(config);
      await first.subscribe([topic], one);
      await pollTogether([first], () => one.owned.size === 4);
      const second = await session.consumer(config);
      await second.subscribe([topic], two);
      await pollTogether([first, second], () => one.owned.size === 2 && two.owned.size === 2);
      assert.equal(new Set([...one.owned, ...two.owned]).size, 4);
      assert.equal(first.assignment().length, 2);
      await second.close();
      await pollTogether([first], () => one.owned.size === 4);
    },
  })),
  {
    name: "subscribe takes a pattern",
    async run(session) {
      const prefix = session.name("pattern");
      const matching = await session.topic(1, `${prefix}-a`);
      await session.topic(1, `${prefix}-b`);
      await fill(session, matching, 1);
      const rebalances = new Rebalances();
      const consumer = await session.consumer({ "group.id": session.name("group") });
      await consumer.subscribe({ pattern: `^${prefix}-a-\\w+-\\d+$` }, rebalances);
      await pollUntil(consumer, (records) => records.length === 1);
      assert.deepEqual([...rebalances.owned], [`${matching}-0`]);
    },
  },
  {
    name: "subscribe finds a topic that is created only afterwards, by its name and by a pattern",
    async run(session) {
      const admin = await session.admin();
      const topic = session.name("later");
      const byName = await session.consumer({ "group.id": session.name("group") });
      await byName.subscribe([topic], new Rebalances());
      const byPattern = await session.consumer({ "group.id": session.name("group") });
      await byPattern.subscribe({ pattern: `^${topic}$` }, new Rebalances());
      for (const consumer of [byName, byPattern]) assert.deepEqual(await consumer.poll(1, 100), []);
      await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: {} });
      await fill(session, topic, 1);
      for (const consumer of [byName, byPattern]) await pollUntil(consumer, (records) => records.length === 1);
      await admin.deleteTopic(topic);
    },
  },
  {
    name: "a closed consumer is fatal to use",
    async run(session) {
      const consumer = await session.consumer();
      await consumer.close();
      await consumer.close();
      await rejectsWith("fatal", () => consumer.poll(1, 10));
    },
  },
];
