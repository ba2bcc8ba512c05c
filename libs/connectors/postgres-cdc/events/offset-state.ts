// Pure: where the next record's offset stands.
import type { OffsetMap, OffsetValue } from "@millrace/connect";

export type MessageType = "BEGIN" | "COMMIT" | "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE" | "MESSAGE";

/** What an offset says of the timeline of the server's log: on the first one, null, it is just like Debezium's. */
export function ofTimeline(timeline: number | null): OffsetMap {
  return timeline === null ? {} : { timeline };
}

/** What changes from record to record, written out as Debezium stores it. */
export class OffsetState {
  lsn = 0;
  /** End of the last transaction handed over in full; null before the first. */
  commitLsn: number | null;
  /** What is stored speaks of no less than this, and the slot may be confirmed up to here. */
  movedLsn = 0;
  txId: number | null = null;
  /** Microseconds since the epoch. */
  tsUs = 0;
  messageType: MessageType | null = null;
  xmin: number | null = null;
  /** Of the server's log; null on the first one, where offsets are just like Debezium's. */
  readonly timeline: number | null;
  /** Of an incremental snapshot under way; null without. */
  incremental: OffsetMap | null = null;
  /** Of transaction metadata; null without. */
  transaction: Readonly<Record<string, OffsetValue>> | null = null;

  constructor(commitLsn: number | null, timeline: number | null) {
    this.commitLsn = commitLsn;
    this.timeline = timeline;
  }

  toOffset(): OffsetMap {
    const offset: Record<string, OffsetValue> = {};
    if (this.transaction !== null) Object.assign(offset, this.transaction);
    if (this.messageType !== null) {
      offset.lsn_proc = this.lsn;
      offset.messageType = this.messageType;
    }
    // A change may be older than that: its offset must not speak of less than the slot is confirmed up to.
    if (this.movedLsn > Math.max(this.lsn, this.commitLsn ?? 0)) offset.lsn_commit = this.movedLsn;
    else if (this.commitLsn !== null) offset.lsn_commit = this.commitLsn;
    offset.lsn = this.lsn;
    if (this.txId !== null) offset.txId = this.txId;
    offset.ts_usec = this.tsUs;
    if (this.xmin !== null) offset.xmin = this.xmin;
    if (this.timeline !== null) offset.timeline = this.timeline;
    if (this.incremental !== null) Object.assign(offset, this.incremental);
    return offset;
  }
}

/** Of a record of the initial snapshot. */
export function snapshotOffset(at: SnapshotPosition, last: boolean): OffsetMap {
  return {
    last_snapshot_record: last,
    lsn: at.resumeLsn,
    ...(at.txId === null ? {} : { txId: at.txId }),
    ts_usec: at.tsUs,
    snapshot: "INITIAL",
    snapshot_completed: last,
    ...ofTimeline(at.timeline),
  };
}

/** Of a record between the snapshot and the stream. */
export function afterSnapshotOffset({ resumeLsn, txId, tsUs, timeline }: SnapshotPosition): OffsetMap {
  return {
    lsn: resumeLsn,
    ...(txId === null ? {} : { txId }),
    ts_usec: tsUs,
    ...ofTimeline(timeline),
  };
}

export interface SnapshotPosition {
  /** Of the rows. */
  readonly lsn: number;
  /** Where the stream begins: earlier when an earlier snapshot was cut off. */
  readonly resumeLsn: number;
  readonly txId: number | null;
  readonly tsUs: number;
  /** End of the last transaction streamed before; null: there is none. */
  readonly commitLsn: number | null;
  /** Of the server's log; null on the first one. */
  readonly timeline: number | null;
}

/** As the last record's, but that the log has gone on since. */
export function movedOffset(last: OffsetMap | null, now: OffsetState): OffsetMap {
  if (last === null) return now.toOffset();
  const kept = Object.entries(last).filter(([name]) => !name.startsWith("incremental_snapshot_"));
  return {
    ...Object.fromEntries(kept),
    ...(last.lsn_proc === undefined ? {} : { lsn_proc: now.lsn }),
    lsn: now.lsn,
    ...ofTimeline(now.timeline),
    ...now.incremental,
  };
}
