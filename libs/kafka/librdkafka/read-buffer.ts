import type { ConsumedRecord, RecordHeader, TopicPartition } from "../client.ts";
import type { EofEvent, NativeMessage } from "./native.ts";

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

/** As much as Java's consumer has of a partition at a time: its `max.partition.fetch.bytes`. */
const READ_BYTES_MAX = 1_048_576;
/** Before anything was read. */
const FIRST_VALUE_BYTES = 2048;

/**
 * Records read from librdkafka and not yet returned, and the position of each partition.
 * Partitions come in runs, so per-partition work is done once a run, not once a record.
 */
export class ReadBuffer {
  #records: ConsumedRecord[] = [];
  #ends = new Map<string, number>();
  readonly #positions = new Map<string, number>();
  /** Of one value, on average over what was added last. */
  #valueBytes = FIRST_VALUE_BYTES;

  /** How many records may be read at once so that they stay within some memory, if they are like the last ones. */
  roomFor(recordsMax: number): number {
    return Math.max(1, Math.min(recordsMax, Math.floor(READ_BYTES_MAX / this.#valueBytes)));
  }

  add(messages: readonly NativeMessage[], eofs: readonly EofEvent[], owned: (partition: TopicPartition) => boolean) {
    let last: NativeMessage | null = null;
    let keep = false;
    // The addon makes a new string for each message: one for all of a run is hashed once, and kept once.
    let topic = "";
    let bytes = 0;
    for (const message of messages) {
      bytes += message.size;
      if (last === null || last.partition !== message.partition || topic !== message.topic) {
        keep = owned(message);
        topic = message.topic;
      }
      last = message;
      if (keep) this.#records.push(toRecord(message, topic));
    }
    if (messages.length > 0) this.#valueBytes = Math.max(1, bytes / messages.length);
    for (const eof of eofs) if (owned(eof)) this.#ends.set(partitionKey(eof), eof.offset);
  }

  /** Up to `recordsMax` records of partitions not in `paused`; positions move behind them. */
  take(recordsMax: number, paused: ReadonlySet<string>): ConsumedRecord[] {
    let taken = this.#records;
    this.#records = [];
    if (paused.size > 0 || taken.length > recordsMax) {
      const all = taken;
      taken = [];
      for (const record of all) {
        const out = taken.length < recordsMax && !paused.has(partitionKey(record));
        (out ? taken : this.#records).push(record);
      }
    }
    this.#advance(taken);
    return taken;
  }

  #advance(taken: readonly ConsumedRecord[]): void {
    for (let i = 0; i < taken.length; i++) {
      const record = taken[i]!;
      const next = taken[i + 1];
      if (next && next.partition === record.partition && next.topic === record.topic) continue;
      this.#positions.set(partitionKey(record), record.offset + 1);
    }
    if (this.#ends.size === 0) return;
    const waiting = new Set(this.#records.map(partitionKey));
    for (const [key, offset] of this.#ends) {
      if (waiting.has(key)) continue;
      this.#ends.delete(key);
      if (offset > (this.#positions.get(key) ?? -1)) this.#positions.set(key, offset);
    }
  }

  position(partition: TopicPartition): number | null {
    return this.#positions.get(partitionKey(partition)) ?? null;
  }

  setPosition(partition: TopicPartition, offset: number): void {
    this.#positions.set(partitionKey(partition), offset);
  }

  /** Forgets records read ahead of these partitions. */
  drop(partitions: readonly TopicPartition[]): void {
    const keys = new Set(partitions.map(partitionKey));
    if (this.#records.length > 0) this.#records = this.#records.filter((record) => !keys.has(partitionKey(record)));
    for (const key of keys) this.#ends.delete(key);
  }

  forget(partitions: readonly TopicPartition[]): void {
    this.drop(partitions);
    for (const partition of partitions) this.#positions.delete(partitionKey(partition));
  }
}

const NO_HEADERS: readonly RecordHeader[] = [];

/** The addon tells neither LogAppendTime from CreateTime nor a null header value from an empty one. */
function toRecord(message: NativeMessage, topic: string): ConsumedRecord {
  return {
    topic,
    partition: message.partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    headers: message.headers ? message.headers.map(toHeader) : NO_HEADERS,
    timestampMs: message.timestamp < 0 ? null : message.timestamp,
    timestampType: message.timestamp < 0 ? "NoTimestampType" : "CreateTime",
  };
}

function toHeader(header: Readonly<Record<string, Uint8Array>>): RecordHeader {
  const key = Object.keys(header)[0]!;
  return { key, value: header[key]! };
}
