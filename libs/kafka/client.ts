/**
 * What Millrace needs of Kafka, and no more. Two implementations: `librdkafka/` and `fake/`; both pass `conformance.ts`.
 * Every failing call rejects with (or throws) a `KafkaError` from `errors.ts`, never a client library's own error.
 */

/** Client properties under their Kafka names (`bootstrap.servers`, `acks`, `linger.ms` …), as a user writes them. */
export type ClientConfig = Readonly<Record<string, string>>;

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

export interface ConsumedRecord extends TopicPartitionOffset {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since the epoch, or null when the record has none. */
  readonly timestampMs: number | null;
  readonly timestampType: "CreateTime" | "LogAppendTime" | "NoTimestampType";
}

export interface KafkaClient {
  /** Connects within `timeoutMs` of the config's choosing (default 60 s). */
  producer(config: ClientConfig): Promise<Producer>;
  /** `config` holds `transactional.id`. Connected, not yet initialised. */
  transactionalProducer(config: ClientConfig): Promise<TransactionalProducer>;
  /** `config` may hold `group.id`; without one the consumer can only `assign`. */
  consumer(config: ClientConfig): Promise<Consumer>;
  admin(config: ClientConfig): Promise<Admin>;
}

export interface Producer {
  /**
   * Queues one record; copies the bytes, so the caller may reuse them. Hot path: positional, no allocation.
   * @param partition -1 lets the partitioner choose (by key hash as Java does, murmur2).
   * @param timestampMs 0 for "now".
   * @returns false when the local queue is full: nothing was queued, wait for `drained` and send again.
   * @throws KafkaError for a record that can never be sent (too large, unknown partition), or when the producer is dead.
   */
  send(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null,
  ): boolean;
  /** Resolves when the local queue has room again. */
  drained(signal: AbortSignal): Promise<void>;
  /** Resolves when everything sent before the call is acknowledged; rejects with the first delivery failure since the last flush. */
  flush(timeoutMs: number): Promise<void>;
  /** Bytes and records queued and in flight. */
  queued(): number;
  /** Closes without waiting for queued records. Idempotent. */
  close(): Promise<void>;
}

/**
 *   UNINITIALISED ─initTransactions─▶ READY ─begin─▶ IN_TRANSACTION ─commit | abort─▶ READY
 *   any ─fatal error (fenced) | indefinite result─▶ DEAD (close it, make another)
 */
export interface TransactionalProducer extends Producer {
  /** Fences every older producer with this transactional id and aborts its open transaction. */
  initTransactions(timeoutMs: number): Promise<void>;
  beginTransaction(): Promise<void>;
  /**
   * Waits for every queued record, then commits. A rejection carries how it ended:
   * `abortable` (abort, then go on), `fenced` / `fatal` (dead), `indefinite` (unknown whether it committed: dead).
   */
  commitTransaction(timeoutMs: number): Promise<void>;
  /** Drops queued records and aborts. */
  abortTransaction(timeoutMs: number): Promise<void>;
}

export interface RebalanceListener {
  /** Called before records of these partitions are delivered. The consumer holds still until the promise settles. */
  assigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** Called while offsets of these partitions can still be committed. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** Called when the partitions already belong to somebody else: commit nothing. */
  lost(partitions: readonly TopicPartition[]): Promise<void>;
}

export interface Consumer {
  /** Topic names, or one pattern (JavaScript source, anchored by the caller) with `{ pattern }`. */
  subscribe(topics: readonly string[] | { readonly pattern: string }, listener: RebalanceListener): Promise<void>;
  /** Reads these partitions from these offsets, without a group. */
  assign(partitions: readonly TopicPartitionOffset[]): Promise<void>;
  assignment(): readonly TopicPartition[];
  /** Up to `recordsMax` records, waiting at most `timeoutMs` for the first. They share memory: copy what is kept for long. */
  poll(recordsMax: number, timeoutMs: number): Promise<readonly ConsumedRecord[]>;
  /** Offset after the last record returned by `poll`, aborted records and transaction markers at the end included; null before any is known. */
  position(partition: TopicPartition): number | null;
  /** Where the partition ends, as the brokers told last; null before they have. */
  endOffset(partition: TopicPartition): number | null;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  seek(to: TopicPartitionOffset): Promise<void>;
  /** The group's committed offsets for these partitions; partitions without one are left out. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]>;
  /** Of a consumer that only assigns: as somebody from outside the group, which is refused as UNKNOWN_MEMBER_ID while it has members. */
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>;
  close(): Promise<void>;
}

export interface NewTopic {
  readonly topic: string;
  /** -1 for the broker's default. */
  readonly partitions: number;
  /** -1 for the broker's default. */
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

export interface Admin {
  clusterId(): Promise<string>;
  /** Partition count by topic; unknown topics are left out and never created by asking. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  listTopics(): Promise<readonly string[]>;
  /** Resolves true when it was created, false when it existed: also when the first of two requests had made it. */
  createTopic(topic: NewTopic): Promise<boolean>;
  deleteTopic(topic: string): Promise<void>;
  /** `read_uncommitted`: the high watermark, open transactions included. `read_committed`: the last stable offset. */
  endOffsets(
    partitions: readonly TopicPartition[],
    isolation: "read_uncommitted" | "read_committed",
  ): Promise<readonly TopicPartitionOffset[]>;
  groupOffsets(groupId: string): Promise<readonly TopicPartitionOffset[]>;
  /** Resolves true when it was deleted with its offsets, false when there was none. Rejects with NON_EMPTY_GROUP while it has members. */
  deleteGroup(groupId: string): Promise<boolean>;
  close(): Promise<void>;
}
