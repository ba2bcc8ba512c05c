import type { RecordHeader } from "@millrace/kafka";
import type { EncodedRecord } from "./delivery.ts";
import type { RecordSender } from "./refused-records.ts";

const BYTES_INITIAL = 64 * 1024;
/** What a held record costs beside its bytes: its places in the columns. */
const RECORD_OVERHEAD_BYTES = 64;
const NULL = -1;

/**
 * Records that wait, in memory that is used again and again: bytes copied into one block, everything else a column of numbers
 * or shared references. Kept as they come, records, offsets and byte views would all be copied by the garbage collector
 * while they wait, and their chunks of bytes would live until a full collection.
 */
export class HeldRecords {
  #block = new Uint8Array(BYTES_INITIAL);
  #used = 0;
  #count = 0;
  /** Records before this one have been sent. */
  #from = 0;
  #topics: string[] = [];
  #partitions: number[] = [];
  #starts: number[] = [];
  #valueLengths: number[] = [];
  #keyLengths: number[] = [];
  #timestampsMs: number[] = [];
  #headers: (readonly RecordHeader[] | null)[] = [];

  get empty(): boolean {
    return this.#from === this.#count;
  }

  /** Those of a queue that was full half-way are counted until all have been sent. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#used + this.#count * RECORD_OVERHEAD_BYTES;
  }

  push({ topic, partition, value, key, timestampMs, headers }: EncodedRecord): void {
    const i = this.#count++;
    this.#topics[i] = topic;
    this.#partitions[i] = partition;
    this.#starts[i] = this.#used;
    this.#valueLengths[i] = this.#copy(value);
    this.#keyLengths[i] = this.#copy(key);
    this.#timestampsMs[i] = timestampMs;
    this.#headers[i] = headers;
  }

  /** Sends all, in order; false when the producer's queue is full: the next call goes on from there. */
  sendTo(producer: RecordSender, sent: () => void): boolean {
    for (let i = this.#from; i < this.#count; i++) {
      const start = this.#starts[i]!;
      const valueLength = this.#valueLengths[i]!;
      const value = this.#view(start, valueLength);
      const key = this.#view(start + Math.max(0, valueLength), this.#keyLengths[i]!);
      if (
        !producer.send(this.#topics[i]!, this.#partitions[i]!, value, key, this.#timestampsMs[i]!, this.#headers[i]!)
      ) {
        this.#from = i;
        return false;
      }
      sent();
    }
    this.#from = this.#count;
    return true;
  }

  clear(): void {
    this.#used = 0;
    this.#count = 0;
    this.#from = 0;
  }

  #copy(bytes: Uint8Array | null): number {
    if (bytes === null) return NULL;
    const end = this.#used + bytes.length;
    if (end > this.#block.length) {
      const larger = new Uint8Array(Math.max(end, this.#block.length * 2));
      larger.set(this.#block.subarray(0, this.#used));
      this.#block = larger;
    }
    this.#block.set(bytes, this.#used);
    this.#used = end;
    return bytes.length;
  }

  #view(start: number, length: number): Uint8Array | null {
    return length === NULL ? null : new Uint8Array(this.#block.buffer, start, length);
  }
}
