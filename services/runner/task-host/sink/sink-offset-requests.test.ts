import assert from "node:assert/strict";
import { test } from "node:test";
import { sinkOffsetChanges } from "./sink-offset-requests.ts";

const partition = { kafka_topic: "t", kafka_partition: 0 };

test("numbers may come as text, and the last entry of a partition counts", () => {
  const changes = sinkOffsetChanges([
    { partition, offset: { kafka_offset: 1 } },
    { partition: { kafka_topic: "t", kafka_partition: "1" }, offset: { kafka_offset: "+5" } },
    { partition: { ...partition, more: true }, offset: null },
  ]);
  assert.deepEqual(changes, [
    { topic: "t", partition: 0, offset: null },
    { topic: "t", partition: 1, offset: 5 },
  ]);
});

test("what cannot be an offset of a sink is refused in Connect's words", () => {
  const keys = "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'";
  const cases = [
    [null, null, "The partition for a sink connector offset cannot be null or missing"],
    [{ kafka_topic: "t" }, null, keys],
    [{ kafka_partition: 0 }, null, keys],
    [{ ...partition, kafka_topic: null }, null, "Kafka topic names must be valid strings and may not be null"],
    [{ ...partition, kafka_partition: null }, null, "Kafka partitions must be valid numbers and may not be null"],
    [
      { ...partition, kafka_partition: 1.5 },
      null,
      "Failed to parse the following Kafka partition value in the provided offsets: '1.5'. Partition values for sink connectors need to be integers.",
    ],
    [partition, {}, "The offset for a sink connector should either be null or contain the key 'kafka_offset'"],
    [
      partition,
      { kafka_offset: null },
      "Failed to parse the following Kafka offset value in the provided offsets: 'null'. Offset values for sink connectors need to be integers.",
    ],
  ] as const;
  for (const [of, offset, message] of cases) {
    assert.throws(() => sinkOffsetChanges([{ partition: of, offset }]), { code: "INVALID", message });
  }
});
