import { dataEquals, type OffsetMap, type SourceRecord, type Struct } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Settings } from "../config/settings.ts";
import type { EventFrame, EventMaker } from "../events/event-maker.ts";
import { type MessageType, movedOffset, OffsetState, ofTimeline } from "../events/offset-state.ts";
import { partialOffset, ResumePoint, type StoredPosition } from "../events/position.ts";
import { type CommitTime, type SourceNames, sourceBlock, timeOf } from "../events/source-blocks.ts";
import { TransactionLog } from "../events/transaction-log.ts";
import {
  CHANGE,
  HEARTBEAT_PREFIX,
  type Relation,
  readMessage,
  readOrigin,
  readRelation,
  readTimeUs,
  readTruncate,
} from "../pgoutput/messages.ts";
import { packTuple, readTuple, tupleEnd } from "../pgoutput/tuple.ts";
import type { ChangeWatch, StreamState } from "../signals/change-watch.ts";
import type { RowContent } from "../tables/row-format.ts";
import type { TableShape } from "../tables/table-shape.ts";
import type { RowBytes } from "../values/row-bytes.ts";
import { readLsn } from "../wire/messages.ts";
import type { Confirmations } from "./confirmations.ts";

export interface ChangeReaderDeps {
  readonly settings: Settings;
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly confirmations: Confirmations;
  /** What the stored offset says; null before the first. */
  readonly stored: StoredPosition | null;
  readonly storedOffset: OffsetMap | null;
  /** Of the last record before the stream; null when there was none. */
  readonly lastOffset: OffsetMap | null;
  /** Where the server's log ended when the task started. */
  readonly serverLsn: number;
  /** Where the slot was confirmed when the stream began. */
  readonly slotLsn: number;
  /** Of the server's log; null on the first one. */
  readonly timeline: number | null;
  emit(record: SourceRecord): void;
  /** Looks up a table; the answer comes through `described`. */
  describe(relation: Relation): void;
  /** Holds the stream until `work` is done and `then` has handed over what waited for it. */
  hold(work: Promise<void>, then: () => void): void;
  nowMs(): number;
}

const OLD_FULL = 79;
const OLD_KEY = 75;

/** Turns the changes of the log into records. Synchronous: all records of a change are handed over together. */
export class ChangeReader {
  readonly #deps: ChangeReaderDeps;
  readonly #resume: ResumePoint;
  readonly #offset: OffsetState;
  readonly #log: TransactionLog | null;
  /** Null for tables that are not captured. */
  readonly #shapes = new Map<number, TableShape | null>();
  /** Null: nobody asks. */
  watch: ChangeWatch | null = null;
  /** Of the last change that had a record, which stored offsets tell. */
  #recordOffset: OffsetMap | null = null;
  #time: CommitTime;
  /** A transaction has begun and not ended. */
  #within = false;
  #origin: { readonly lsn: number; readonly name: string } | null = null;

  constructor(deps: ChangeReaderDeps) {
    this.#deps = deps;
    this.#resume = new ResumePoint(deps.stored);
    this.#offset = new OffsetState(deps.stored?.commitLsn ?? null, deps.timeline);
    this.#log = deps.settings.transactionMetadata ? new TransactionLog() : null;
    this.#time = timeOf(deps.nowMs() * 1000);
    if (deps.stored !== null) {
      this.#offset.lsn = deps.stored.lsn;
      this.#offset.movedLsn = Math.max(deps.stored.lsn, deps.stored.commitLsn ?? 0);
      this.#offset.txId = deps.stored.txId;
      this.#offset.messageType = deps.stored.messageType as MessageType | null;
      this.#offset.tsUs = Number(deps.storedOffset?.ts_usec ?? this.#time.us);
    }
  }

  /** For heartbeats; null while nothing is known. */
  get offset(): OffsetMap | null {
    return this.#offset.lsn === 0 ? null : this.#offset.toOffset();
  }

  /** For what is made beside the stream. */
  readonly state: StreamState = {
    offset: () => {
      if (this.#offset.lsn > 0) return this.#offset.toOffset();
      const { slotLsn: lsn, timeline, nowMs } = this.#deps;
      return { lsn, ts_usec: nowMs() * 1000, ...ofTimeline(timeline), ...this.#offset.incremental };
    },
    place: () => ({ commitLsn: this.#offset.commitLsn, lsn: this.#offset.lsn || this.#deps.slotLsn }),
    store: (progress) => {
      this.#offset.incremental = progress;
    },
  };

  /** Between transactions: all up to here is done, and this is the offset that says so. Null: there is more to come before. */
  moveOn(endLsn: number): OffsetMap | null {
    // Nothing begins there: an offset whose place is `endLsn` might be that of the change that begins where the log ended.
    const lsn = endLsn - 1;
    if (this.#within || lsn <= this.#offset.lsn) return null;
    // What the stored offset is in the middle of may still come again, but not behind where the log ended at the start.
    if (this.#resume.undecided && endLsn < this.#deps.serverLsn) return null;
    this.#offset.lsn = lsn;
    this.#offset.movedLsn = lsn;
    if (this.#offset.tsUs === 0) this.#offset.tsUs = this.#deps.nowMs() * 1000;
    return movedOffset(this.#recordOffset ?? this.#deps.lastOffset, this.#offset);
  }

  set xmin(value: number | null) {
    this.#offset.xmin = value;
  }

  /** Null: the table is not captured. */
  described(oid: number, shape: TableShape | null): void {
    this.#shapes.set(oid, shape);
    failPoint("cdc.table.described");
  }

  /** One message of pgoutput from `at` on, at `lsn` of the log. False: the rest waits, for its table to be described or for a signal. */
  message(row: RowBytes, at: number, lsn: number): boolean {
    const { bytes } = row;
    switch (bytes[at]) {
      case CHANGE.insert:
        return this.#insert(row, at + 1, lsn);
      case CHANGE.update:
        return this.#update(row, at + 1, lsn);
      case CHANGE.delete:
        return this.#delete(row, at + 1, lsn);
      case CHANGE.begin:
        return this.#begin(bytes, at + 1, lsn);
      case CHANGE.commit:
        this.#commit(bytes, at + 1);
        break;
      case CHANGE.relation:
        return this.#relation(readRelation(bytes, at + 1));
      case CHANGE.truncate:
        this.#truncate(bytes, at + 1, lsn);
        break;
      case CHANGE.message:
        this.#message(bytes, at + 1, lsn);
        break;
      case CHANGE.origin:
        this.#origin = readOrigin(bytes, at + 1);
        break;
    }
    return true;
  }

  #begin(bytes: Buffer, at: number, lsn: number): boolean {
    const work = this.watch?.reached(readLsn(bytes, at)) ?? null;
    if (work !== null) return this.#wait(work, () => void this.#begin(bytes, at, lsn));
    const txId = bytes.readUInt32BE(at + 16);
    this.#within = true;
    failPoint("cdc.transaction.begun");
    this.#time = timeOf(readTimeUs(bytes, at + 8));
    this.#origin = null;
    this.#resume.begin(txId, readLsn(bytes, at));
    if (this.#resume.beyondStored) this.#offset.commitLsn = Math.max(this.#offset.commitLsn ?? 0, this.#deps.slotLsn);
    if (this.#log !== null) this.#log.begin(txId, this.#resume.skipsBegin ? this.#deps.storedOffset : null);
    if (this.#resume.skipsBegin) return true;
    this.#offset.txId = txId;
    this.#offset.tsUs = this.#time.us;
    this.#offset.lsn = lsn;
    this.#offset.messageType = "BEGIN";
    if (this.#log !== null) this.#boundary("BEGIN", lsn);
    return true;
  }

  #wait(work: Promise<void>, then: () => void): false {
    this.#deps.hold(work, then);
    return false;
  }

  #commit(bytes: Buffer, at: number): void {
    this.#within = false;
    failPoint("cdc.transaction.read");
    const endLsn = readLsn(bytes, at + 9);
    if (!this.#resume.skipsEnd(endLsn)) {
      this.#offset.lsn = endLsn;
      this.#offset.commitLsn = endLsn;
      this.#offset.messageType = "COMMIT";
      if (this.#log !== null) this.#boundary("END", endLsn);
    }
    this.#deps.confirmations.completed(endLsn);
  }

  #boundary(status: "BEGIN" | "END", lsn: number): void {
    const { key, value } = this.#log!.boundary(status, lsn, this.#time.ms);
    this.#offset.transaction = this.#log!.toOffset();
    this.#deps.emit(this.#deps.maker.other(this.#deps.settings.transactionTopic, key, value, this.#ofRecord()));
    if (status === "END") this.#offset.transaction = null;
  }

  #relation(relation: Relation): boolean {
    const { settings } = this.#deps;
    if (!settings.capturesTable(relation.schema, relation.name)) {
      this.#shapes.set(relation.oid, null);
      return true;
    }
    this.#deps.describe(relation);
    return false;
  }

  #insert(row: RowBytes, at: number, lsn: number): boolean {
    const shape = this.#captured(row.bytes, at, lsn, "c");
    if (shape === null) return true;
    const { watch } = this;
    if (watch === null) {
      this.#inserted(shape, lsn, packTuple(row, at + 5, shape));
      return true;
    }
    const after = readTuple(row, at + 5, shape, null);
    const work = watch.changing("c", shape, null, after);
    if (work !== null) return this.#wait(work, () => this.#inserted(shape, lsn, after));
    this.#inserted(shape, lsn, after);
    return true;
  }

  #inserted(shape: TableShape, lsn: number, after: RowContent): void {
    this.#deps.emit(this.#deps.maker.row("c", this.#frame(shape, lsn, "INSERT"), null, after));
  }

  #update(row: RowBytes, at: number, lsn: number): boolean {
    const shape = this.#captured(row.bytes, at, lsn, "u");
    if (shape === null) return true;
    const { maker } = this.#deps;
    const kind = row.bytes[at + 4]!;
    const hasOld = kind === OLD_FULL || kind === OLD_KEY;
    if (!hasOld && this.watch === null) {
      const after = packTuple(row, at + 5, shape);
      this.#deps.emit(maker.row("u", this.#frame(shape, lsn, "UPDATE"), null, after));
      return true;
    }
    const before = hasOld ? readTuple(row, at + 5, shape, null) : null;
    const after = readTuple(row, hasOld ? tupleEnd() + 1 : at + 5, shape, kind === OLD_FULL ? before : null);
    if (kind === OLD_FULL && this.#deps.settings.skipUnchanged && dataEquals(before, after)) return true;
    this.watch?.changing("u", shape, before, after);
    if (before !== null && keyChanged(shape, before, after)) {
      const records: SourceRecord[] = [];
      const frame = this.#frame(shape, lsn, "UPDATE");
      maker.moved(frame, () => this.#again(frame), before, after, records);
      this.#emitParts(records, lsn);
      return true;
    }
    this.#deps.emit(maker.row("u", this.#frame(shape, lsn, "UPDATE"), before, after));
    return true;
  }

  #delete(row: RowBytes, at: number, lsn: number): boolean {
    const shape = this.#captured(row.bytes, at, lsn, "d");
    if (shape === null) return true;
    const before = readTuple(row, at + 5, shape, null);
    const work = this.watch?.changing("d", shape, before, null) ?? null;
    if (work !== null) return this.#wait(work, () => this.#deleted(shape, lsn, before));
    this.#deleted(shape, lsn, before);
    return true;
  }

  #deleted(shape: TableShape, lsn: number, before: unknown[]): void {
    const records: SourceRecord[] = [];
    this.#deps.maker.deleted(this.#frame(shape, lsn, "DELETE"), before, records);
    this.#emitParts(records, lsn);
  }

  /** The records of one change. */
  #emitParts(records: readonly SourceRecord[], lsn: number): void {
    const last = records.length - 1;
    for (let i = this.#resume.partsDone(lsn); i <= last; i++) {
      const record = records[i]!;
      this.#deps.emit(i === last ? record : { ...record, sourceOffset: partialOffset(record.sourceOffset!, i + 1) });
    }
  }

  #truncate(bytes: Buffer, at: number, lsn: number): void {
    if (this.#deps.settings.skipped.has("t") || this.#resume.skipsChange(lsn)) return;
    const records: SourceRecord[] = [];
    for (const oid of readTruncate(bytes, at)) {
      const shape = this.#shapes.get(oid) ?? null;
      if (shape === null) continue;
      this.watch?.truncating(shape);
      records.push(this.#deps.maker.truncated(this.#frame(shape, lsn, "TRUNCATE")));
    }
    this.#emitParts(records, lsn);
  }

  #message(bytes: Buffer, at: number, lsn: number): void {
    const { transactional, prefix, content } = readMessage(bytes, at);
    if (prefix === HEARTBEAT_PREFIX) return;
    if (this.#resume.skipsMessage(lsn, transactional) || !this.#deps.settings.capturesPrefix(prefix)) return;
    if (this.#deps.settings.skipped.has("m")) return;
    if (!transactional) {
      this.#time = timeOf(this.#deps.nowMs() * 1000);
      this.#offset.tsUs = this.#time.us;
      this.#offset.txId = null;
    }
    this.#moveTo(lsn, "MESSAGE");
    const transaction = transactional ? this.#counted(null, lsn) : null;
    const source = this.#source("", "", lsn);
    const offset = this.#ofRecord();
    this.#deps.emit(this.#deps.maker.message(prefix, content, { source, transaction, offset }));
    if (!transactional) this.#deps.confirmations.completed(lsn);
  }

  /** The table of a change that has an event; else null. */
  #captured(bytes: Buffer, at: number, lsn: number, operation: string): TableShape | null {
    const shape = this.#shapes.get(bytes.readUInt32BE(at)) ?? null;
    if (shape === null || this.#deps.settings.skipped.has(operation) || this.#resume.skipsChange(lsn)) return null;
    return shape;
  }

  #frame(shape: TableShape, lsn: number, type: MessageType): EventFrame {
    this.#moveTo(lsn, type);
    const transaction = this.#counted(shape.id, lsn);
    const source = this.#source(shape.schema, shape.name, lsn);
    return { shape, source, transaction, offset: this.#ofRecord() };
  }

  /** One more event of the same change. */
  #again(frame: EventFrame): EventFrame {
    if (this.#log === null) return frame;
    const transaction = this.#counted(frame.shape.id, this.#offset.lsn);
    return { ...frame, transaction, offset: this.#ofRecord() };
  }

  #ofRecord(): OffsetMap {
    const offset = this.#offset.toOffset();
    this.#recordOffset = offset;
    return offset;
  }

  #moveTo(lsn: number, type: MessageType): void {
    this.#offset.lsn = lsn;
    this.#offset.messageType = type;
  }

  #counted(collection: string | null, lsn: number): Struct | null {
    if (this.#log === null) return null;
    const block = this.#log.event(collection, lsn);
    this.#offset.transaction = this.#log.toOffset();
    return block;
  }

  #source(schema: string, table: string, lsn: number): Struct {
    const { commitLsn, txId, xmin } = this.#offset;
    const origin = this.#origin;
    return sourceBlock(this.#deps.names, {
      time: this.#time,
      snapshot: null,
      commitLsn,
      schema,
      table,
      txId,
      lsn,
      xmin,
      origin: origin?.name ?? null,
      originLsn: origin?.lsn ?? null,
    });
  }
}

/** By value: keys are numbers and text for the most part. */
function keyChanged(shape: TableShape, before: unknown[], after: unknown[]): boolean {
  for (const index of shape.keyIndexes) {
    const a = before[index];
    const b = after[index];
    if (a === b) continue;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return true;
    if (!sameObject(a, b)) return true;
  }
  return false;
}

function sameObject(a: object, b: object): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if ("equals" in a && typeof a.equals === "function") return a.equals(b) as boolean;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return String(a) === String(b);
}
