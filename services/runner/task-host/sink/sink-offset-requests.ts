// Pure: what a user asks a sink's offsets to be, checked and refused in Connect's words.
import type { SinkTopicPartition } from "@millrace/connect";
import { ProtocolError } from "@millrace/protocol";
import type { OffsetRequest } from "../../ipc.ts";

type Json = OffsetRequest["partition"];

export interface SinkOffsetChange extends SinkTopicPartition {
  /** Null: the partition shall have no offset. */
  readonly offset: number | null;
}

/** The last entry of a partition counts. @throws ProtocolError INVALID */
export function sinkOffsetChanges(requests: readonly OffsetRequest[]): SinkOffsetChange[] {
  const changes = new Map<string, SinkOffsetChange>();
  for (const request of requests) {
    const { topic, partition } = topicPartition(request.partition);
    changes.set(`${partition} ${topic}`, { topic, partition, offset: kafkaOffset(request.offset) });
  }
  return [...changes.values()];
}

function topicPartition(partition: Json): SinkTopicPartition {
  if (partition === null) throw refused("The partition for a sink connector offset cannot be null or missing");
  if (!Object.hasOwn(partition, "kafka_topic") || !Object.hasOwn(partition, "kafka_partition")) {
    throw refused(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    );
  }
  const { kafka_topic: topic, kafka_partition: number } = partition;
  if (topic === null) throw refused("Kafka topic names must be valid strings and may not be null");
  if (number === null) throw refused("Kafka partitions must be valid numbers and may not be null");
  const parsed = integer(number, 2 ** 31 - 1);
  if (parsed === null) {
    throw refused(
      `Failed to parse the following Kafka partition value in the provided offsets: '${String(number)}'. Partition values for sink connectors need to be integers.`,
    );
  }
  return { topic: String(topic), partition: parsed };
}

function kafkaOffset(offset: Json): number | null {
  if (offset === null) return null;
  if (!Object.hasOwn(offset, "kafka_offset")) {
    throw refused("The offset for a sink connector should either be null or contain the key 'kafka_offset'");
  }
  const given = offset.kafka_offset;
  const parsed = integer(given, Number.MAX_SAFE_INTEGER);
  if (parsed === null) {
    throw refused(
      `Failed to parse the following Kafka offset value in the provided offsets: '${String(given)}'. Offset values for sink connectors need to be integers.`,
    );
  }
  return parsed;
}

function integer(value: unknown, max: number): number | null {
  const text = String(value);
  if (!/^[+-]?\d+$/.test(text)) return null;
  const parsed = Number(text);
  return Math.abs(parsed) <= max ? parsed : null;
}

function refused(message: string): ProtocolError {
  return new ProtocolError("INVALID", message);
}
