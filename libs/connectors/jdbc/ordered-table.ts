import { ConnectError, DataError, Decimal, type Logger, type OffsetMap } from "@millrace/connect";
import type { Database, RowNumber, Rows, TableShape } from "./dialect.ts";
import type { TableBatch, TableReader } from "./table-reader.ts";

/**
 * A slice is whole batches of about this many bytes: enough for a round trip to pay off, few enough for its rows to be
 * gone before the garbage collector takes them for old.
 */
const SLICE_BYTES = 1024 * 1024;
const SLICE_ROWS_MAX = 10_000;
/** Between two looks at whether the writers waited for have ended. */
const WRITERS_CHECK_MS = 100;

export interface IncrementingTableDeps {
  readonly database: Database;
  readonly shape: TableShape;
  readonly column: string;
  /** The highest value handed over before. */
  readonly after: RowNumber;
  readonly guard: boolean;
  readonly batchMaxRows: number;
  readonly logger: Logger;
}

/**
 * New rows of one table, by a column that only grows.
 *
 *   idle ──newest value──▶ settling ──writers ended──▶ draining ──all up to newest read──▶ idle
 *
 * Never past a transaction in flight: see `Bound`. While a slice is handed out the next is being read.
 */
export class IncrementingTable implements TableReader {
  readonly #deps: IncrementingTableDeps;
  readonly #columnIndex: number;
  #after: RowNumber;
  #upTo: RowNumber | null = null;
  #writers: readonly string[] = [];
  #draining = false;
  /** The last slice was handed over: say so once, and give other tables their turn. */
  #complete = false;
  #rows: unknown[][] = [];
  #rowsAt = 0;
  #sliceRows: number;
  #ahead: Promise<Rows | null> | null = null;

  constructor(deps: IncrementingTableDeps) {
    this.#deps = deps;
    this.#after = deps.after;
    this.#sliceRows = deps.batchMaxRows;
    this.#columnIndex = deps.shape.schema.field(deps.column)!.index;
  }

  async next(): Promise<TableBatch> {
    if (this.#rowsAt === this.#rows.length) {
      if (this.#complete) {
        this.#complete = false;
        return { kind: "end" };
      }
      if (!this.#draining) {
        const waiting = await this.#settle();
        if (waiting !== null) return waiting;
      }
      const rows = await (this.#ahead ?? this.#readSlice(this.#after));
      this.#ahead = null;
      if (rows === null) return { kind: "changed" };
      this.#take(rows);
      if (rows.values.length === 0) return { kind: "end" };
    }
    const values = this.#rows.slice(this.#rowsAt, this.#rowsAt + this.#deps.batchMaxRows);
    this.#rowsAt += values.length;
    return { kind: "rows", values };
  }

  offset(row: readonly unknown[]): OffsetMap {
    return { incrementing: this.#numberOf(row) };
  }

  async close(): Promise<void> {
    await this.#ahead?.catch(() => {});
  }

  /** Fixes how far to read. Null: go on reading. */
  async #settle(): Promise<TableBatch | null> {
    const { database, shape, column, guard } = this.#deps;
    if (!guard) {
      this.#draining = true;
      return null;
    }
    if (this.#upTo === null) {
      const bound = await database.bound(shape, column);
      if (bound.newest === null || bound.newest <= this.#after) return { kind: "end" };
      this.#upTo = bound.newest;
      this.#writers = bound.writers;
    }
    if (this.#writers.length > 0) this.#writers = await database.unfinished(shape, this.#writers);
    if (this.#writers.length > 0) {
      this.#deps.logger.debug("Waiting for transactions writing to the table to end.", {
        table: shape.id.name,
        writers: this.#writers,
      });
      return { kind: "wait", delayMs: WRITERS_CHECK_MS };
    }
    this.#draining = true;
    return null;
  }

  #take(rows: Rows): void {
    const { values } = rows;
    this.#rows = values;
    this.#rowsAt = 0;
    if (values.length > 0) this.#after = this.#numberOf(values.at(-1)!);
    if (values.length < this.#sliceRows) {
      this.#draining = false;
      this.#complete = values.length > 0;
      this.#upTo = null;
      return;
    }
    this.#sliceRows = nextSliceRows(rows, this.#deps.batchMaxRows);
    this.#ahead = this.#readSlice(this.#after);
    this.#ahead.catch(() => {});
  }

  #readSlice(after: RowNumber): Promise<Rows | null> {
    const { database, shape, column } = this.#deps;
    return database.read(shape, { column, after, upTo: this.#upTo, rowsMax: this.#sliceRows });
  }

  #numberOf(row: readonly unknown[]): RowNumber {
    return incrementingNumber(row[this.#columnIndex], this.#deps.shape.columns[this.#columnIndex]!.schema.type);
  }
}

function nextSliceRows({ values, bytes }: Rows, batchMaxRows: number): number {
  const fitting = Math.min(SLICE_ROWS_MAX, (SLICE_BYTES * values.length) / bytes);
  return Math.max(1, Math.floor(fitting / batchMaxRows)) * batchMaxRows;
}

const LONG_MAX = 9223372036854775807n;

/** @throws ConnectError when the value cannot be an offset. */
export function incrementingNumber(value: unknown, type: string): RowNumber {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "bigint") return value;
  if (value === null) throw new ConnectError(`Null value for incrementing column of type: ${type}`);
  if (!(value instanceof Decimal)) throw new ConnectError(`Invalid type for incrementing column: ${type}`);
  if (value.scale !== 0) throw new ConnectError("Scale of Decimal value for incrementing column must be 0");
  if (!Number.isNaN(value.unscaledNumber)) return value.unscaledNumber;
  if (value.unscaled > LONG_MAX) throw new DataError("Decimal value for incrementing column exceeded Long.MAX_VALUE");
  return value.unscaled;
}
