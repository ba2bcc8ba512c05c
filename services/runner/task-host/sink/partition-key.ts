// Pure: partitions as keys of maps.
import type { SinkTopicPartition } from "@millrace/connect";

export function partitionKey({ topic, partition }: SinkTopicPartition): string {
  return `${topic} ${partition}`;
}

/** `orders-0`, as Kafka's Java clients show it. */
export function partitionText({ topic, partition }: SinkTopicPartition): string {
  return `${topic}-${partition}`;
}
