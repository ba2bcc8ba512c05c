// Pure: the newest offset of each source partition among the records handed over since the last commit.
import type { OffsetMap } from "@millrace/connect";
import type { OffsetEncoder, OffsetWrite } from "./delivery.ts";
import { canonicalKey } from "./offset-codec.ts";

interface Entry {
  readonly partition: OffsetMap;
  offset: OffsetMap | null;
}

/**
 * Tasks usually give the same partition object with every record, so the hot path compares identity; only a new object
 * is looked up, by what its key in the topic will be.
 */
export class PendingOffsets {
  #encode: OffsetEncoder;
  #lastPartition: OffsetMap | null = null;
  #lastEntry: Entry | null = null;
  #entries = new Map<string, Entry>();

  constructor(encode: OffsetEncoder) {
    this.#encode = encode;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A null offset removes what is stored for the partition, as in Connect; without a partition nothing is kept. */
  put(partition: OffsetMap | null, offset: OffsetMap | null): void {
    if (partition === null) return;
    if (partition === this.#lastPartition && this.#lastEntry !== null) {
      this.#lastEntry.offset = offset;
      return;
    }
    const key = canonicalKey("", partition);
    let entry = this.#entries.get(key);
    if (entry) entry.offset = offset;
    else {
      entry = { partition, offset };
      this.#entries.set(key, entry);
    }
    this.#lastPartition = partition;
    this.#lastEntry = entry;
  }

  /** Everything since the last call, encoded; leaves it empty. */
  take(): OffsetWrite[] {
    const writes = Array.from(this.#entries.values(), (entry) => this.#encode(entry.partition, entry.offset));
    this.#entries.clear();
    this.#lastPartition = null;
    this.#lastEntry = null;
    return writes;
  }
}
