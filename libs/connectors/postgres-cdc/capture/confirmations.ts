// Pure: how far the slot may be confirmed.
import type { SourceRecord } from "@millrace/connect";

interface Checkpoint {
  /** The last record before it. */
  readonly record: SourceRecord;
  lsn: number;
}

/**
 * The slot is confirmed up to the end of a transaction when Kafka has committed its last record and all before (I2). Transactions
 * without records move the last checkpoint on, or count at once when nothing is under way.
 */
export class Confirmations {
  #last: SourceRecord | null = null;
  #lastCommitted = true;
  readonly #checkpoints: Checkpoint[] = [];
  #confirmed = 0;

  /** What the server may be told. */
  get lsn(): number {
    return this.#confirmed;
  }

  /** A record is handed over. */
  emitted(record: SourceRecord): void {
    this.#last = record;
    this.#lastCommitted = false;
  }

  /** Everything before this place has been handed over. */
  completed(lsn: number): void {
    if (this.#last === null || this.#lastCommitted) {
      this.#confirmed = Math.max(this.#confirmed, lsn);
      return;
    }
    const newest = this.#checkpoints.at(-1);
    if (newest?.record === this.#last) newest.lsn = lsn;
    else this.#checkpoints.push({ record: this.#last, lsn });
  }

  /** Kafka has committed this record, in the order they were handed over. */
  committed(record: SourceRecord): void {
    if (record === this.#last) this.#lastCommitted = true;
    while (this.#checkpoints[0]?.record === record) {
      this.#confirmed = Math.max(this.#confirmed, this.#checkpoints.shift()!.lsn);
    }
  }
}
