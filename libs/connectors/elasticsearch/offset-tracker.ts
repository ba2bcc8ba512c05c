// Pure: how far each partition has been written for good.
import type { SinkOffset, SinkTopicPartition } from "@millrace/connect";

/** One record, from when it was put until it is done with. */
export interface TrackedRecord {
  readonly offset: number;
  done: boolean;
}

/** By partition, the records put in their order; those done at the front are forgotten. */
export class OffsetTracker {
  readonly #partitions = new Map<string, TrackedRecord[]>();
  #count = 0;

  /** Records behind one that is not done, and that one. */
  get count(): number {
    return this.#count;
  }

  add(partition: SinkTopicPartition, offset: number): TrackedRecord {
    const key = keyOf(partition);
    const records = this.#partitions.get(key) ?? [];
    this.#partitions.set(key, records);
    const record = { offset, done: false };
    records.push(record);
    this.#count++;
    return record;
  }

  /** Of `offsets`, how far they may be committed: up to the first record that is not done (I6). */
  committable(offsets: readonly SinkOffset[]): SinkOffset[] {
    return offsets.map((given) => {
      const first = this.#firstPending(keyOf(given));
      return first === null || first.offset >= given.offset ? given : { ...given, offset: first.offset };
    });
  }

  /** Forgets what is done, so that `count` falls. */
  prune(): void {
    for (const key of this.#partitions.keys()) this.#firstPending(key);
  }

  forget(partitions: readonly SinkTopicPartition[]): void {
    for (const partition of partitions) {
      this.#count -= this.#partitions.get(keyOf(partition))?.length ?? 0;
      this.#partitions.delete(keyOf(partition));
    }
  }

  #firstPending(key: string): TrackedRecord | null {
    const records = this.#partitions.get(key);
    if (records === undefined) return null;
    const index = records.findIndex(({ done }) => !done);
    const done = index < 0 ? records.length : index;
    if (done > 0) {
      records.splice(0, done);
      this.#count -= done;
    }
    return records[0] ?? null;
  }
}

const keyOf = ({ topic, partition }: SinkTopicPartition): string => `${topic} ${partition}`;
