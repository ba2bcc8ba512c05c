// Pure: partitions as keys of maps.
import type { SinkTopicPartition } from "@millrace/connect";

export function partitionKey({ topic, partition }: SinkTopicPartition): string {
  return `${topic} ${partition}`;
}

/** Records come in runs of one partition: what is done once a run costs nothing per record. */
export function samePartition(one: SinkTopicPartition, other: SinkTopicPartition | undefined): boolean {
  return other !== undefined && one.partition === other.partition && one.topic === other.topic;
}

/** `orders-0`, as Kafka's Java clients show it. */
export function partitionText({ topic, partition }: SinkTopicPartition): string {
  return `${topic}-${partition}`;
}
