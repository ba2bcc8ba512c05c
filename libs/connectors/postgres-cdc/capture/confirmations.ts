// Pure: how far the slot may be confirmed.
import type { OffsetMap, SourceRecord } from "@millrace/connect";

/**
 * The slot is confirmed up to what a committed offset says, never further (I2): so a slot that is ahead of the stored
 * offset has lost changes, whoever moved it or made it anew. Where the log goes on without records, an offset of its own moves it on.
 */
export class Confirmations {
  /** Records are made that nobody has taken yet. */
  #waiting = false;
  /** Where the slot may be confirmed once what was taken together is committed, for each that is not. */
  readonly #checkpoints: number[] = [];
  /** How many had been taken with it, by the last record of each. Kept itself, it would keep the bytes received with it until the commit. */
  readonly #takings = new WeakMap<SourceRecord, number>();
  #completed = 0;
  #confirmed = 0;
  #taken = 0;
  #committed = 0;

  /** What the server may be told. */
  get lsn(): number {
    return this.#confirmed;
  }

  /** Up to here everything is in Kafka or of no interest, but no stored offset says so. Null: nothing to say. */
  get unsaid(): number | null {
    const settled = !this.#waiting && this.#checkpoints.length === 0;
    return settled && this.#completed > this.#confirmed ? this.#completed : null;
  }

  /** Stands for all records made so far. */
  mark(): number {
    return this.#taken + (this.#waiting ? 1 : 0);
  }

  isCommitted(mark: number): boolean {
    return this.#committed >= mark;
  }

  /** A record was made. */
  emitted(): void {
    this.#waiting = true;
  }

  /** Records of everything before this place have been made. */
  completed(lsn: number): void {
    this.#completed = Math.max(this.#completed, lsn);
  }

  /** All records made so far were taken; this is the last of them. */
  taken(record: SourceRecord): void {
    this.#waiting = false;
    this.#taken++;
    this.#takings.set(record, this.#taken);
    this.#checkpoints.push(Math.min(this.#completed, placeOf(record.sourceOffset)));
  }

  /** Kafka has committed everything taken up to and with this record. One in the middle of what was taken says nothing yet. */
  committed(record: SourceRecord): void {
    const taking = this.#takings.get(record) ?? 0;
    if (taking <= this.#committed) return;
    const done = this.#checkpoints.splice(0, taking - this.#committed);
    this.#confirmed = Math.max(this.#confirmed, done[done.length - 1]!);
    this.#committed = taking;
  }
}

/** The furthest place an offset speaks of. */
export function placeOf(offset: OffsetMap | null): number {
  return Math.max(Number(offset?.lsn ?? 0), Number(offset?.lsn_commit ?? 0));
}
