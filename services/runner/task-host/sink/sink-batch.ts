// Pure: records that were read and not put yet.
import type { SinkOffset, SinkRecord, SinkTopicPartition } from "@millrace/connect";
import { partitionKey } from "./partition-key.ts";

export interface SinkBatch {
  readonly records: readonly SinkRecord[];
  /** By partition, the offset behind its last record, dropped and skipped ones included. */
  readonly ends: ReadonlyMap<string, SinkOffset>;
}

export const EMPTY_BATCH: SinkBatch = { records: [], ends: new Map() };

export function joined(first: SinkBatch, second: SinkBatch): SinkBatch {
  if (first.ends.size === 0) return second;
  if (second.ends.size === 0) return first;
  return { records: [...first.records, ...second.records], ends: new Map([...first.ends, ...second.ends]) };
}

/** Told by the coordinates they were consumed with, whatever a transform made of them. */
export function withoutPartitions(batch: SinkBatch, partitions: readonly SinkTopicPartition[]): SinkBatch {
  const gone = new Set(partitions.map(partitionKey));
  return {
    records: batch.records.filter(({ originalTopic, originalPartition }) => {
      return !gone.has(partitionKey({ topic: originalTopic, partition: originalPartition }));
    }),
    ends: new Map([...batch.ends].filter(([key]) => !gone.has(key))),
  };
}
