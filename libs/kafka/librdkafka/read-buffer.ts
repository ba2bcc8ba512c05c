import type { ConsumedRecord, TopicPartition } from "../client.ts";
import type { Unpacked } from "./unpack-records.ts";

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

/**
 * Records read from librdkafka and not yet returned, and the position of each partition.
 * Partitions come in runs, so per-partition work is done once a run, not once a record.
 */
export class ReadBuffer {
  #records: ConsumedRecord[] = [];
  #ends = new Map<string, number>();
  readonly #positions = new Map<string, number>();

  add({ records, ends }: Unpacked, owned: (partition: TopicPartition) => boolean): void {
    let last: ConsumedRecord | null = null;
    let keep = false;
    for (const record of records) {
      if (last === null || last.partition !== record.partition || last.topic !== record.topic) keep = owned(record);
      last = record;
      if (keep) this.#records.push(record);
    }
    for (const end of ends) if (owned(end)) this.#ends.set(partitionKey(end), end.offset);
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
