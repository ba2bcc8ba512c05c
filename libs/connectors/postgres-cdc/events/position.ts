// Pure: how far the connector is, as stored in source offsets.
import type { OffsetMap } from "@millrace/connect";

/** What is known of a stored offset. Debezium's are understood too. */
export interface StoredPosition {
  /** A snapshot that began and did not end: it starts anew. */
  readonly snapshotUnfinished: boolean;
  readonly lsn: number;
  /** End of the last transaction that was handed over in full before this one. */
  readonly commitLsn: number | null;
  readonly txId: number | null;
  readonly messageType: string | null;
  /** Of a change with several records: how many of them were handed over. Null: all. */
  readonly part: number | null;
  /** Of the server's log; null on the first one. Ours: Debezium's offsets have none. */
  readonly timeline: number | null;
}

/** Two records of the log are further apart. */
const PARTS_MAX = 20;

/**
 * The offset of a change's record that others follow: `lsn_proc`, the last place that is done with, lies as many bytes before
 * `lsn` as records were handed over. So nothing is lost or repeated between an event and its tombstone.
 */
export function partialOffset(offset: OffsetMap, parts: number): OffsetMap {
  return { ...offset, lsn_proc: Number(offset.lsn) - Math.min(parts, PARTS_MAX) };
}

function partsOf({ lsn, lsn_proc: processed }: OffsetMap): number | null {
  if (processed === undefined || processed === null) return null;
  const parts = Number(lsn) - Number(processed);
  return parts > 0 && parts <= PARTS_MAX ? parts : null;
}

/** Null for an offset that says nothing. */
export function storedPosition(offset: OffsetMap | null): StoredPosition | null {
  if (offset === null || offset.lsn === undefined || offset.lsn === null) return null;
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  const snapshot = offset.snapshot !== undefined && offset.snapshot !== null && offset.snapshot !== false;
  return {
    snapshotUnfinished: snapshot && offset.snapshot_completed !== true && offset.last_snapshot_record !== true,
    lsn: Number(offset.lsn),
    commitLsn: number(offset.lsn_commit),
    txId: snapshot ? null : number(offset.txId),
    messageType: typeof offset.messageType === "string" ? offset.messageType : null,
    part: partsOf(offset),
    timeline: number(offset.timeline),
  };
}

/** Of these the place is where they begin; of all else it is where the log has been read to. */
const BEGINS = new Set(["BEGIN", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]);

/** The log was read at least up to here. */
export function readTo({ lsn, commitLsn, messageType }: StoredPosition): number {
  return Math.max(messageType !== null && BEGINS.has(messageType) ? lsn + 1 : lsn, commitLsn ?? 0);
}

/** Everything up to there is done, and nothing behind it. */
export function positionAt(lsn: number): StoredPosition {
  const nothing = { commitLsn: null, txId: null, messageType: null, part: null, timeline: null };
  return { ...nothing, snapshotUnfinished: false, lsn };
}

/**
 * Says what was handed over before, when the server sends it again. The server sends whole transactions in the order of
 * their commits, so the first one after `commitLsn` is the one the offset is in, or else that one is done and the slot confirmed
 * past it.
 */
export class ResumePoint {
  readonly #stored: StoredPosition | null;
  /** Transactions that end up to here were handed over, or are in the snapshot. */
  readonly #doneLsn: number;
  #undecided: boolean;
  #skipUpTo = -1;
  #skipsTransaction = false;
  #beyond = false;

  constructor(stored: StoredPosition | null) {
    this.#stored = stored;
    this.#undecided = stored !== null && stored.txId !== null;
    this.#doneLsn = stored === null ? -1 : (stored.commitLsn ?? (stored.txId === null ? stored.lsn : -1));
  }

  /** The transaction the offset is in may still be sent again. */
  get undecided(): boolean {
    return this.#undecided;
  }

  /** `commitLsn`: where the transaction's commit is in the log. */
  begin(txId: number, commitLsn: number): void {
    this.#skipUpTo = -1;
    this.#skipsTransaction = commitLsn < this.#doneLsn;
    if (this.#skipsTransaction || !this.#undecided) return;
    this.#undecided = false;
    if (txId === this.#stored!.txId) this.#skipUpTo = this.#stored!.lsn;
    else this.#beyond = true;
  }

  /** The transaction the offset is in is not sent again: it ended before where the slot was confirmed. */
  get beyondStored(): boolean {
    return this.#beyond;
  }

  /** Of a change at this place in the transaction. */
  skipsChange(lsn: number): boolean {
    if (this.#skipsTransaction) return true;
    // A message has the place where it ends, a transaction's begin that of its first change: the next change may be there.
    const stored = this.#stored;
    const next =
      stored?.messageType === "MESSAGE" || stored?.messageType === "BEGIN" || (stored?.part ?? null) !== null;
    return next ? lsn < this.#skipUpTo : lsn <= this.#skipUpTo;
  }

  /** How many records of a change that is not skipped were handed over before. */
  partsDone(lsn: number): number {
    return lsn === this.#skipUpTo ? (this.#stored!.part ?? 0) : 0;
  }

  skipsMessage(lsn: number, transactional: boolean): boolean {
    if (transactional) return this.#skipsTransaction || lsn <= this.#skipUpTo;
    return this.#stored !== null && lsn <= this.#stored.lsn;
  }

  /** The begin or end of a transaction, for transaction metadata. */
  get skipsBegin(): boolean {
    return this.#skipsTransaction || this.#skipUpTo >= 0;
  }

  skipsEnd(endLsn: number): boolean {
    return this.#skipsTransaction || endLsn <= this.#doneLsn;
  }
}
