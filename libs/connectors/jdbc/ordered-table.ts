import type { Logger, OffsetMap } from "@millrace/connect";
import type { Database, Order, Rows, TableShape } from "./dialect.ts";
import {
  incrementingNumber,
  type KeyValue,
  keyValue,
  type Marks,
  offsetInGroup,
  type Position,
  type RowNumber,
  type Start,
  timestampOffset,
} from "./position.ts";
import type { TableBatch, TableReader } from "./table-reader.ts";

/**
 * A slice is whole batches of about this many bytes: enough for a round trip to pay off, few enough for its rows to be
 * gone before the garbage collector takes them for old.
 */
const SLICE_BYTES = 1024 * 1024;
const SLICE_ROWS_MAX = 10_000;
/** Between two looks at whether the writers waited for have ended. */
const WRITERS_CHECK_MS = 100;
const WRITERS_WARNING_MS = 60_000;

export interface OrderedTableDeps {
  readonly database: Database;
  readonly shape: TableShape;
  readonly order: Order;
  readonly marks: Marks;
  readonly start: Start;
  readonly guard: boolean;
  /** `timestamp.delay.interval.ms` */
  readonly delayMs: number;
  readonly suffix: string;
  readonly batchMaxRows: number;
  readonly logger: Logger;
  nowMs(): number;
}

/** Rows of one slice, and the timestamps they are ordered by. */
interface Taken {
  /** Null: there are none. */
  readonly rows: Rows | null;
  /** As many of `rows` as are whole groups. */
  readonly length: number;
  readonly nanos: readonly bigint[];
  /** By row, the timestamp up to which all is done. */
  readonly doneNanos: readonly bigint[];
  /** Nothing more of the last row's timestamp is to come. */
  readonly groupEnds: boolean;
}

const NOTHING: Taken = { rows: null, length: 0, nanos: [], doneNanos: [], groupEnds: true };

/**
 * New and changed rows of one table, by columns that only grow.
 *
 *   idle ──bound──▶ settling ──writers ended──▶ draining ──all below the bound read──▶ idle
 *
 * Never past a transaction in flight: see `Bound`. While a slice is handed out the next is being read.
 *
 * Rows of one timestamp and nothing to tell them apart are a group: slices and batches are then made of whole groups, so
 * that an offset, which can only name a timestamp, never stands inside one.
 */
export class OrderedTable implements TableReader {
  readonly #deps: OrderedTableDeps;
  readonly #keyIndexes: readonly number[];
  readonly #timed: boolean;
  readonly #inGroups: boolean;
  #after: Position;
  #doneNanos: bigint;
  #upTo: RowNumber | null = null;
  #writers: readonly string[] | null = null;
  #waitingSinceMs: number | null = null;
  #draining = false;
  /** The last slice was handed over: say so once, and give other tables their turn. */
  #complete = false;
  #taken = NOTHING;
  #at = 0;
  #sliceRows: number;
  #ahead: Promise<Rows | null> | null = null;

  constructor(deps: OrderedTableDeps) {
    this.#deps = deps;
    this.#after = deps.start.after;
    this.#doneNanos = deps.start.doneNanos;
    this.#sliceRows = deps.batchMaxRows;
    this.#keyIndexes = deps.order.keys.map((column) => deps.shape.schema.field(column.name)!.index);
    this.#timed = deps.marks.timestamp;
    this.#inGroups = this.#timed && deps.order.keys.length === 0;
  }

  async next(): Promise<TableBatch> {
    if (this.#at === this.#taken.length) {
      if (this.#complete) {
        this.#complete = false;
        return { kind: "end" };
      }
      if (!this.#draining) {
        const waiting = await this.#settle();
        if (waiting !== null) return waiting;
      }
      const rows = await (this.#ahead ?? this.#readSlice(this.#sliceRows));
      this.#ahead = null;
      if (rows === null || !(await this.#take(rows))) return { kind: "changed" };
      if (this.#taken.length === 0) return { kind: "end" };
    }
    const from = this.#at;
    this.#at = this.#batchEnd(from);
    const taken = this.#taken;
    const rows = taken.rows!;
    return { kind: "rows", rows, from, to: this.#at, offsets: (row) => this.#offset(rows, taken, row) };
  }

  async close(): Promise<void> {
    await this.#ahead?.catch(() => {});
  }

  /** Fixes how far to read. Null: go on reading. */
  async #settle(): Promise<TableBatch | null> {
    const { database, shape, order, guard, delayMs } = this.#deps;
    const delayNanos = BigInt(delayMs) * 1_000_000n;
    if (!guard) {
      this.#upTo = this.#timed ? (await database.now()) - delayNanos : null;
      this.#draining = true;
      return null;
    }
    if (this.#writers === null) {
      const { upTo, writers } = await database.bound(shape, order, this.#after);
      if (upTo === null) return { kind: "end" };
      this.#upTo = this.#timed ? BigInt(upTo) - delayNanos : upTo;
      this.#writers = writers;
    }
    if (this.#writers.length > 0) this.#writers = await database.unfinished(shape, order, this.#writers);
    if (this.#writers.length > 0) return this.#waitForWriters(this.#writers);
    this.#writers = null;
    this.#waitingSinceMs = null;
    this.#draining = true;
    return null;
  }

  #waitForWriters(writers: readonly string[]): TableBatch {
    const { logger, shape } = this.#deps;
    const nowMs = this.#deps.nowMs();
    const fields = { table: shape.id?.name ?? "query", writers };
    if (this.#waitingSinceMs === null) {
      this.#waitingSinceMs = nowMs;
      logger.debug("Waiting for transactions that may add rows to end.", fields);
    } else if (nowMs - this.#waitingSinceMs > WRITERS_WARNING_MS) {
      this.#waitingSinceMs = nowMs;
      logger.warn("Still waiting for transactions that may add rows to end: later rows are not read before.", fields);
    }
    return { kind: "wait", delayMs: WRITERS_CHECK_MS };
  }

  /** False: the table has changed. */
  async #take(rows: Rows): Promise<boolean> {
    let cut = rows.length >= this.#sliceRows;
    if (!this.#timed) {
      this.#keep({ rows, length: rows.length, nanos: [], doneNanos: [], groupEnds: true });
    } else {
      const taken = await this.#takeTimed(rows, cut);
      if (taken === null) return false;
      cut = taken;
    }
    if (!cut) {
      this.#draining = false;
      this.#complete = rows.length > 0;
      this.#upTo = null;
      return true;
    }
    this.#sliceRows = nextSliceRows(rows, this.#deps.batchMaxRows);
    this.#ahead = this.#readSlice(this.#sliceRows);
    this.#ahead.catch(() => {});
    return true;
  }

  /** Whether there may be more; null: the table has changed. */
  async #takeTimed(rows: Rows, full: boolean): Promise<boolean | null> {
    const { suffix } = this.#deps;
    const nanos = this.#nanosOf(rows);
    if (!this.#inGroups || nanos.length === 0 || (!full && suffix === "")) {
      this.#keepTimed(rows, nanos, !full && suffix === "");
      return full;
    }
    const whole = wholeGroups(nanos);
    if (whole > 0) {
      this.#keepTimed(rows, nanos.slice(0, whole), false);
      return true;
    }
    const group = await this.#readGroup(nanos[0]!);
    if (group === null) return null;
    this.#keepTimed(group, this.#nanosOf(group), false);
    return true;
  }

  #nanosOf(rows: Rows): bigint[] {
    const field = this.#deps.shape.columns.length;
    return Array.from({ length: rows.length }, (_, row) => rows.value(row, field) as bigint);
  }

  #keepTimed(rows: Rows, nanos: readonly bigint[], groupEnds: boolean): void {
    const doneNanos = new Array<bigint>(nanos.length);
    let group = this.#after.nanos;
    for (const [i, each] of nanos.entries()) {
      if (each !== group) {
        this.#doneNanos = group!;
        group = each;
      }
      doneNanos[i] = this.#doneNanos;
    }
    this.#keep({ rows, length: nanos.length, nanos, doneNanos, groupEnds });
  }

  #keep(taken: Taken): void {
    this.#taken = taken;
    this.#at = 0;
    const { rows, length, groupEnds, nanos } = taken;
    if (rows === null || length === 0) return;
    const tied = this.#timed && !this.#deps.marks.incrementing;
    const keys = this.#inGroups || (groupEnds && tied) ? null : this.#keysOf(rows, length - 1);
    this.#after = { nanos: this.#timed ? nanos.at(-1)! : null, keys };
  }

  /** The group that fills a slice alone, whole: there is no place to go on inside it. */
  async #readGroup(nanos: bigint): Promise<Rows | null> {
    for (let rowsMax = this.#sliceRows * 2; ; rowsMax *= 2) {
      const rows = await this.#readSlice(rowsMax, nanos + 1n);
      if (rows === null || rows.length < rowsMax) return rows;
      if (rowsMax > SLICE_ROWS_MAX) {
        const fields = { table: this.#deps.shape.id?.name ?? "query", rows: rowsMax };
        this.#deps.logger.warn("Many rows have the same timestamp: with a primary key they need less memory.", fields);
      }
    }
  }

  #readSlice(rowsMax: number, groupEnd: bigint | null = null): Promise<Rows | null> {
    const { database, shape, order, suffix } = this.#deps;
    return database.read(shape, {
      order,
      after: this.#after,
      upTo: groupEnd ?? this.#upTo,
      rowsMax,
      suffix: groupEnd === null ? suffix : "",
    });
  }

  #batchEnd(from: number): number {
    const { length, nanos } = this.#taken;
    let end = Math.min(length, from + this.#deps.batchMaxRows);
    if (this.#inGroups) while (end < length && nanos[end] === nanos[end - 1]) end++;
    return end;
  }

  #offset(rows: Rows, { nanos, doneNanos, groupEnds }: Taken, row: number): OffsetMap {
    if (!this.#timed) return { incrementing: this.#idOf(rows, row) };
    const own = nanos[row]!;
    if (this.#deps.marks.incrementing) return { incrementing: this.#idOf(rows, row), ...timestampOffset(own) };
    const next = nanos[row + 1];
    const finished = next === undefined ? groupEnds || this.#inGroups : next !== own;
    if (finished) return timestampOffset(own);
    // Inside a batch of whole groups; its last row says that they are done.
    if (this.#inGroups) return timestampOffset(doneNanos[row]!);
    return offsetInGroup(doneNanos[row]!, { nanos: own, keys: this.#keysOf(rows, row) });
  }

  #keysOf(rows: Rows, row: number): KeyValue[] {
    if (this.#deps.marks.incrementing) return [this.#idOf(rows, row)];
    return this.#keyIndexes.map((index) => keyValue(rows.value(row, index)));
  }

  #idOf(rows: Rows, row: number): RowNumber {
    const index = this.#keyIndexes[0]!;
    return incrementingNumber(rows.value(row, index), this.#deps.shape.columns[index]!.schema.type);
  }
}

/** How many rows there are before the last group. */
function wholeGroups(nanos: readonly bigint[]): number {
  let at = nanos.length - 1;
  while (at > 0 && nanos[at - 1] === nanos[at]) at--;
  return at;
}

function nextSliceRows({ length, bytes }: Rows, batchMaxRows: number): number {
  const fitting = Math.min(SLICE_ROWS_MAX, (SLICE_BYTES * length) / bytes);
  return Math.max(1, Math.floor(fitting / batchMaxRows)) * batchMaxRows;
}
