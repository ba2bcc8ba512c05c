import assert from "node:assert/strict";
import { test } from "node:test";
import { TopicCreation } from "./topic-creation.ts";

const config = {
  "topic.creation.default.partitions": "3",
  "topic.creation.default.replication.factor": "2",
  "topic.creation.default.retention.ms": "1000",
  "topic.creation.groups": "audit, compacted",
  "topic.creation.audit.include": "audit\\..*, log",
  "topic.creation.audit.exclude": "audit\\.private",
  "topic.creation.audit.partitions": "1",
  "topic.creation.compacted.include": ".*\\.state|audit\\..*",
  "topic.creation.compacted.cleanup.policy": "compact",
  "topic.creation.compacted.replication.factor": "-1",
};

test("TopicCreation is null where the connector says nothing of topics", () => {
  assert.equal(TopicCreation.from({ name: "c", topics: "x" }), null);
});

const cases: [topic: string, partitions: number, replicationFactor: number, configs: Record<string, string>][] = [
  ["orders", 3, 2, { "retention.ms": "1000" }],
  ["audit.public", 1, 2, {}],
  ["log", 1, 2, {}],
  ["logs", 3, 2, { "retention.ms": "1000" }],
  ["audit.private", 3, -1, { "cleanup.policy": "compact" }],
  ["my.state", 3, -1, { "cleanup.policy": "compact" }],
  ["my.state.old", 3, 2, { "retention.ms": "1000" }],
];

for (const [topic, partitions, replicationFactor, configs] of cases) {
  test(`TopicCreation: ${topic} is created by the first group that includes the whole name and does not exclude it`, () => {
    const creation = TopicCreation.from(config)!;
    assert.deepEqual(creation.newTopic(topic), { topic, partitions, replicationFactor, configs });
  });
}

test("TopicCreation leaves what nothing says to the broker", () => {
  const creation = TopicCreation.from({ "topic.creation.default.cleanup.policy": "compact" })!;
  assert.deepEqual(creation.newTopic("t"), {
    topic: "t",
    partitions: -1,
    replicationFactor: -1,
    configs: { "cleanup.policy": "compact" },
  });
});

test("TopicCreation takes patterns as Java means them", () => {
  const creation = TopicCreation.from({
    "topic.creation.groups": "own",
    "topic.creation.own.include": "(?i)orders-\\p{Alpha}++, \\Qa.b\\E",
    "topic.creation.own.partitions": "7",
  })!;
  const partitions = ["ORDERS-eu", "A.B", "axb", "orders-1"].map((topic) => creation.newTopic(topic).partitions);
  assert.deepEqual(partitions, [7, 7, -1, -1]);
});

test("TopicCreation names the setting whose patterns are none", () => {
  assert.throws(() => TopicCreation.from({ "topic.creation.default.exclude": "a(" }), {
    message:
      "Invalid value a( for configuration topic.creation.default.exclude: Invalid regex: Unclosed group near index 2\na(",
  });
});
