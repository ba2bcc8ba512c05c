import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConfig, ConsumedRecord, Consumer, KafkaClient, TopicPartitionOffset } from "@millrace/kafka";
import { openTopicOf } from "./open-topic.ts";

const WORKER = { "bootstrap.servers": "here:9092", "sasl.jaas.config": "secret", "group.id": "workers" };

function kafkaOf(records: readonly ConsumedRecord[], committed: TopicPartitionOffset[] = []) {
  const seen = {
    config: {} as ClientConfig,
    assigned: [] as readonly TopicPartitionOffset[],
    closed: false,
    committed,
  };
  const consumer: Partial<Consumer> = {
    committed: async () => committed,
    assign: async (partitions) => {
      seen.assigned = partitions;
    },
    poll: async () => records,
    position: () => (records.length === 0 ? null : records.at(-1)!.offset + 1),
    commit: async (offsets) => {
      seen.committed = [...offsets];
    },
    close: async () => {
      seen.closed = true;
    },
  };
  const kafka = {
    consumer: async (config: ClientConfig) => {
      seen.config = config;
      return consumer as Consumer;
    },
  } as Partial<KafkaClient> as KafkaClient;
  return { kafka, seen };
}

const record = (offset: number): ConsumedRecord => ({
  topic: "signals",
  partition: 0,
  offset,
  key: null,
  value: null,
  headers: [],
  timestampMs: null,
  timestampType: "NoTimestampType",
});

test("reads on from where the group was, and says what is done", async () => {
  const { kafka, seen } = kafkaOf([record(5), record(6)], [{ topic: "signals", partition: 0, offset: 5 }]);
  const reader = await openTopicOf(kafka, WORKER)("signals", { "group.id": "g", "bootstrap.servers": "" });
  assert.deepEqual(seen.assigned, [{ topic: "signals", partition: 0, offset: 5 }]);
  assert.equal((await reader.read(0)).length, 2);
  await reader.commit();
  assert.deepEqual(seen.committed, [{ topic: "signals", partition: 0, offset: 7 }]);
  await reader.close();
  assert.equal(seen.closed, true);
});

test("the worker's credentials go to no other cluster", async () => {
  const { kafka, seen } = kafkaOf([]);
  const open = openTopicOf(kafka, WORKER);
  const reader = await open("signals", { "group.id": "g", "bootstrap.servers": "elsewhere:9092" });
  assert.equal(seen.config["sasl.jaas.config"], undefined);
  assert.equal(seen.config["bootstrap.servers"], "elsewhere:9092");
  await reader.commit();
  assert.deepEqual(seen.committed, []);
  await open("signals", { "group.id": "g" });
  assert.equal(seen.config["sasl.jaas.config"], "secret");
  assert.equal(seen.config["group.id"], "g");
});
