import type { Schema } from "./data/schema.ts";
import type { ConnectHeaders } from "./headers.ts";

/** Values of source partitions and offsets: what JSON can hold. */
export type OffsetValue = string | number | bigint | boolean | null;

/** A source partition or a source offset. Key order is part of a partition's identity in the offsets topic. */
export type OffsetMap = Readonly<Record<string, OffsetValue>>;

/**
 * What transforms and predicates see: the fields both directions share. A plain object: leave out what there is not.
 * Schemaless data has `valueSchema` absent or null.
 */
export interface ConnectRecord {
  readonly topic: string;
  /** Kafka partition; absent or null lets the producer choose. */
  readonly partition?: number | null;
  readonly keySchema?: Schema | null;
  readonly key?: unknown;
  readonly valueSchema?: Schema | null;
  readonly value: unknown;
  /** Milliseconds since the epoch; absent or null for "when it is sent". */
  readonly timestamp?: number | null;
  readonly headers?: ConnectHeaders | null;
}

/** What a source task hands to the runtime. */
export interface SourceRecord extends ConnectRecord {
  /** What was read: null when this source keeps no offsets. */
  readonly sourcePartition: OffsetMap | null;
  /** Where to go on after this record. */
  readonly sourceOffset: OffsetMap | null;
  /**
   * Nothing is sent: only the offset is stored, with the next commit. For a source that has read on and found nothing to send;
   * `topic` and `value` say nothing then.
   */
  readonly offsetOnly?: boolean;
}

/** What a sink task gets. The `original…` coordinates are those before any transform (KIP-793). */
export interface SinkRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  readonly timestamp: number | null;
  readonly timestampType: "CreateTime" | "LogAppendTime" | "NoTimestampType";
  readonly headers: ConnectHeaders;
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: number;
}

/** Where a delivered source record ended up. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
