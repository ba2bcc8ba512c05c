// Pure: how far the slot may be confirmed.
import type { SourceRecord } from "@millrace/connect";

interface Checkpoint {
  /** The last record of what was taken together. */
  readonly record: SourceRecord;
  /** Up to here everything was handed over by then. */
  lsn: number;
}

/**
 * The slot is confirmed up to the end of a transaction when Kafka has committed its last record and all before (I2). Transactions
 * without records move the last checkpoint on, or count at once when nothing is under way.
 */
export class Confirmations {
  /** Records are made that nobody has taken yet. */
  #waiting = false;
  readonly #checkpoints: Checkpoint[] = [];
  #completed = 0;
  #confirmed = 0;

  /** What the server may be told. */
  get lsn(): number {
    return this.#confirmed;
  }

  /** A record was made. */
  emitted(): void {
    this.#waiting = true;
  }

  /** Records of everything before this place have been made. */
  completed(lsn: number): void {
    if (lsn <= this.#completed) return;
    this.#completed = lsn;
    if (this.#waiting) return;
    const newest = this.#checkpoints.at(-1);
    if (newest === undefined) this.#confirmed = lsn;
    else newest.lsn = lsn;
  }

  /** All records made so far were taken; this is the last of them. */
  taken(record: SourceRecord): void {
    this.#waiting = false;
    this.#checkpoints.push({ record, lsn: this.#completed });
  }

  /** Kafka has committed everything taken up to and with this record. One in the middle of what was taken says nothing yet. */
  committed(record: SourceRecord): void {
    const at = this.#checkpoints.findIndex((each) => each.record === record);
    if (at < 0) return;
    this.#confirmed = Math.max(this.#confirmed, this.#checkpoints[at]!.lsn);
    this.#checkpoints.splice(0, at + 1);
  }
}
