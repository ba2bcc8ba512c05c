import assert from "node:assert/strict";
import { isKafkaError } from "../errors.ts";
import { pollUntil, Rebalances, readAll, rejectsWith, type SessionCase, sendText, TIMEOUT_MS } from "./session.ts";

export const adminCases: readonly SessionCase[] = [
  {
    name: "createTopic says whether the topic is new, and describeTopics counts its partitions",
    async run(session) {
      const topic = await session.topic(3);
      const admin = await session.admin();
      assert.equal(await admin.createTopic({ topic, partitions: 5, replicationFactor: 1, configs: {} }), false);
      assert.deepEqual([...(await admin.describeTopics([topic]))], [[topic, 3]]);
      assert.ok((await admin.listTopics()).includes(topic));
    },
  },
  {
    name: "createTopic takes the broker's defaults for -1",
    async run(session) {
      const topic = session.name("topic");
      const admin = await session.admin();
      const configs = { "cleanup.policy": "compact" };
      await admin.createTopic({ topic, partitions: -1, replicationFactor: -1, configs });
      assert.ok((await admin.describeTopics([topic])).get(topic)! >= 1);
      await admin.deleteTopic(topic);
    },
  },
  {
    name: "createTopic refuses impossible settings as invalid",
    async run(session) {
      const admin = await session.admin();
      const topic = session.name("topic");
      await rejectsWith("invalid", () =>
        admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs: { "no.such.config": "1" } }),
      );
    },
  },
  {
    name: "describeTopics leaves an unknown topic out and does not create it",
    async run(session) {
      const admin = await session.admin();
      const known = await session.topic();
      const unknown = session.name("unknown");
      for (let i = 0; i < 2; i++) {
        assert.deepEqual([...(await admin.describeTopics([unknown, known]))], [[known, 1]]);
      }
      assert.ok(!(await admin.listTopics()).includes(unknown));
    },
  },
  {
    name: "deleteTopic removes the topic; an unknown one is invalid",
    async run(session) {
      const admin = await session.admin();
      const topic = await session.topic();
      await admin.deleteTopic(topic);
      await rejectsWith("invalid", () => admin.deleteTopic(session.name("unknown")));
    },
  },
  {
    name: "endOffsets counts transaction markers",
    async run(session) {
      const topic = await session.topic(2);
      const producer = await session.transactional(session.name("tx"));
      await producer.beginTransaction();
      sendText(producer, topic, "a", 1);
      await producer.commitTransaction(TIMEOUT_MS);
      await readAll(session, topic);
      const admin = await session.admin();
      for (const isolation of ["read_committed", "read_uncommitted"] as const) {
        const ends = await admin.endOffsets(
          [0, 1].map((partition) => ({ topic, partition })),
          isolation,
        );
        assert.deepEqual(
          [...ends].sort((a, b) => a.partition - b.partition),
          [
            { topic, partition: 0, offset: 0 },
            { topic, partition: 1, offset: 2 },
          ],
        );
      }
    },
  },
  {
    name: "groupOffsets of an unknown group is empty",
    async run(session) {
      assert.deepEqual(await (await session.admin()).groupOffsets(session.name("group")), []);
    },
  },
  {
    name: "an offset committed from outside counts for the group, and deleteGroup takes it away",
    async run(session) {
      const topic = await session.topic(2);
      const group = session.name("group");
      const admin = await session.admin();
      const outsider = await session.consumer({ "group.id": group });
      const offsets = [
        { topic, partition: 0, offset: 7 },
        { topic, partition: 1, offset: 0 },
      ];
      await outsider.commit(offsets);
      assert.deepEqual(
        [...(await admin.groupOffsets(group))].sort((a, b) => a.partition - b.partition),
        offsets,
      );
      assert.equal(await admin.deleteGroup(group), true);
      assert.deepEqual(await admin.groupOffsets(group), []);
      assert.equal(await admin.deleteGroup(group), false);
    },
  },
  {
    name: "a group with members takes no commit from outside and cannot be deleted",
    async run(session) {
      const topic = await session.topic();
      const group = session.name("group");
      const admin = await session.admin();
      const member = await session.consumer({ "group.id": group });
      await member.subscribe([topic], new Rebalances());
      await pollUntil(member, () => member.assignment().length === 1);
      const outsider = await session.consumer({ "group.id": group });
      await rejectsWith("fenced", () => outsider.commit([{ topic, partition: 0, offset: 1 }]));
      await assert.rejects(
        () => admin.deleteGroup(group),
        (error) => isKafkaError(error) && error.code === "NON_EMPTY_GROUP",
      );
    },
  },
  {
    name: "clusterId is the same for every client",
    async run(session) {
      const admin = await session.admin();
      const id = await admin.clusterId();
      assert.ok(id.length > 0);
      assert.equal(await admin.clusterId(), id);
    },
  },
];
