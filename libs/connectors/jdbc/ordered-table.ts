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
  readonly rows: unknown[][];
  readonly nanos: readonly bigint[];
  /** By row, the timestamp up to which all is done. */
  readonly doneNanos: readonly bigint[];
  /** Nothing more of the last row's timestamp is to come. */
  readonly groupEnds: boolean;
}

const NOTHING: Taken = { rows: [], nanos: [], doneNanos: [], groupEnds: true };

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
    if (this.#at === this.#taken.rows.length) {
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
      if (this.#taken.rows.length === 0) return { kind: "end" };
    }
    const from = this.#at;
    this.#at = this.#batchEnd(from);
    const taken = this.#taken;
    return {
      kind: "rows",
      values: taken.rows.slice(from, this.#at),
      offsets: (i) => this.#offset(taken, from + i),
    };
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
    const { suffix } = this.#deps;
    let { values } = rows;
    let cut = values.length >= this.#sliceRows;
    let nanos = this.#takeNanos(values);
    if (this.#inGroups && values.length > 0 && (cut || suffix !== "")) {
      const whole = wholeGroups(nanos);
      if (whole > 0) {
        nanos.length = whole;
        values.length = whole;
        cut = true;
      } else {
        const group = await this.#readGroup(nanos[0]!);
        if (group === null) return false;
        values = group.values;
        nanos = this.#takeNanos(values);
        cut = true;
      }
    }
    this.#keep(values, nanos, !cut && suffix === "");
    if (!cut) {
      this.#draining = false;
      this.#complete = values.length > 0;
      this.#upTo = null;
      return true;
    }
    this.#sliceRows = nextSliceRows(rows, this.#deps.batchMaxRows);
    this.#ahead = this.#readSlice(this.#sliceRows);
    this.#ahead.catch(() => {});
    return true;
  }

  #keep(rows: unknown[][], nanos: bigint[], groupEnds: boolean): void {
    const done = new Array<bigint>(nanos.length);
    let group = this.#after.nanos;
    for (const [i, each] of nanos.entries()) {
      if (each !== group) {
        this.#doneNanos = group!;
        group = each;
      }
      done[i] = this.#doneNanos;
    }
    this.#taken = { rows, nanos, doneNanos: done, groupEnds };
    this.#at = 0;
    const last = rows.at(-1);
    if (last === undefined) return;
    const keys = this.#inGroups || (groupEnds && !this.#deps.marks.incrementing) ? null : this.#keysOf(last);
    this.#after = { nanos: this.#timed ? nanos.at(-1)! : null, keys };
  }

  /** The group that fills a slice alone, whole: there is no place to go on inside it. */
  async #readGroup(nanos: bigint): Promise<Rows | null> {
    for (let rowsMax = this.#sliceRows * 2; ; rowsMax *= 2) {
      const rows = await this.#readSlice(rowsMax, nanos + 1n);
      if (rows === null || rows.values.length < rowsMax) return rows;
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

  #takeNanos(rows: unknown[][]): bigint[] {
    return this.#timed ? rows.map((row) => row.pop() as bigint) : [];
  }

  #batchEnd(from: number): number {
    const { rows, nanos } = this.#taken;
    let end = Math.min(rows.length, from + this.#deps.batchMaxRows);
    if (this.#inGroups) while (end < rows.length && nanos[end] === nanos[end - 1]) end++;
    return end;
  }

  #offset({ rows, nanos, doneNanos, groupEnds }: Taken, i: number): OffsetMap {
    const row = rows[i]!;
    if (!this.#timed) return { incrementing: this.#idOf(row) };
    const own = nanos[i]!;
    if (this.#deps.marks.incrementing) return { incrementing: this.#idOf(row), ...timestampOffset(own) };
    const next = nanos[i + 1];
    const finished = next === undefined ? groupEnds || this.#inGroups : next !== own;
    if (finished) return timestampOffset(own);
    // Inside a batch of whole groups; its last row says that they are done.
    if (this.#inGroups) return timestampOffset(doneNanos[i]!);
    return offsetInGroup(doneNanos[i]!, { nanos: own, keys: this.#keysOf(row) });
  }

  #keysOf(row: readonly unknown[]): KeyValue[] {
    if (this.#deps.marks.incrementing) return [this.#idOf(row)];
    return this.#keyIndexes.map((index) => keyValue(row[index]));
  }

  #idOf(row: readonly unknown[]): RowNumber {
    const index = this.#keyIndexes[0]!;
    return incrementingNumber(row[index], this.#deps.shape.columns[index]!.schema.type);
  }
}

/** How many rows there are before the last group. */
function wholeGroups(nanos: readonly bigint[]): number {
  let at = nanos.length - 1;
  while (at > 0 && nanos[at - 1] === nanos[at]) at--;
  return at;
}

function nextSliceRows({ values, bytes }: Rows, batchMaxRows: number): number {
  const fitting = Math.min(SLICE_ROWS_MAX, (SLICE_BYTES * values.length) / bytes);
  return Math.max(1, Math.floor(fitting / batchMaxRows)) * batchMaxRows;
}
