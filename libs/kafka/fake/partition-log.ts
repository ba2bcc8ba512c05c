import type { ConsumedRecord } from "../client.ts";
import { KafkaError } from "../errors.ts";

export type Isolation = "read_uncommitted" | "read_committed";

/** Shared by all records of one transaction, so that ending it changes them all. */
export interface TransactionFate {
  state: "open" | "committed" | "aborted";
}

interface Entry {
  /** Null for a transaction marker, which takes an offset and is never returned. */
  readonly record: ConsumedRecord | null;
  readonly fate: TransactionFate | null;
}

export interface Read {
  readonly records: ConsumedRecord[];
  /** Where to read on: behind hidden records and markers too. */
  readonly nextOffset: number;
}

/** One partition: offset n is entry n; nothing is ever compacted or deleted. */
export class PartitionLog {
  readonly #entries: Entry[] = [];
  /** Every entry before it is stable. */
  #stable = 0;
  readonly #recordBytesMax: number;

  constructor(recordBytesMax: number) {
    this.#recordBytesMax = recordBytesMax;
  }

  append(record: Omit<ConsumedRecord, "offset">, fate: TransactionFate | null): number {
    if ((record.value?.length ?? 0) + (record.key?.length ?? 0) > this.#recordBytesMax) {
      throw new KafkaError(`a record is over max.message.bytes of topic ${record.topic}`, {
        code: "MSG_SIZE_TOO_LARGE",
        kind: "invalid",
      });
    }
    const offset = this.#entries.length;
    this.#entries.push({ record: { ...record, offset }, fate });
    return offset;
  }

  appendMarker(): void {
    this.#entries.push({ record: null, fate: null });
  }

  get highWatermark(): number {
    return this.#entries.length;
  }

  /** The first offset of the oldest open transaction, or the end. */
  get lastStableOffset(): number {
    while (this.#stable < this.#entries.length && this.#entries[this.#stable]!.fate?.state !== "open") this.#stable++;
    return this.#stable;
  }

  end(isolation: Isolation): number {
    return isolation === "read_committed" ? this.lastStableOffset : this.highWatermark;
  }

  /** Of a transaction that is open. */
  recordsOf(fate: TransactionFate): ConsumedRecord[] {
    const records: ConsumedRecord[] = [];
    for (let at = this.lastStableOffset; at < this.#entries.length; at++) {
      const entry = this.#entries[at]!;
      if (entry.fate === fate && entry.record) records.push(entry.record);
    }
    return records;
  }

  read(fromOffset: number, recordsMax: number, isolation: Isolation): Read {
    const end = this.end(isolation);
    const records: ConsumedRecord[] = [];
    let at = fromOffset;
    for (; at < end; at++) {
      const { record, fate } = this.#entries[at]!;
      if (!record || (isolation === "read_committed" && fate?.state === "aborted")) continue;
      if (records.length === recordsMax) break;
      records.push(record);
    }
    return { records, nextOffset: at };
  }
}
