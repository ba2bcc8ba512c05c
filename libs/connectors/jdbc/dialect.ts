import type { Schema } from "@millrace/connect";
import type { JdbcSourceSettings } from "./settings.ts";
import type { TableId } from "./table-id.ts";

/** What differs from database to database. */
export interface Dialect {
  /** As `dialect.name` says it. */
  readonly name: string;
  accepts(url: string): boolean;
  /** Does not connect yet. @throws ConfigError when the URL cannot be understood. */
  open(settings: JdbcSourceSettings): Database;
}

export interface Column {
  readonly name: string;
  readonly schema: Schema;
  readonly nullable: boolean;
  readonly autoIncrement: boolean;
}

/** A table as it was when described. */
export interface TableShape {
  readonly id: TableId;
  readonly columns: readonly Column[];
  /** Columns of types that have no Connect type. */
  readonly dropped: readonly string[];
  readonly schema: Schema;
}

/** An incrementing column's value: a number when safe, else a bigint. */
export type RowNumber = number | bigint;

/** Rows as values by field index of the shape's schema. */
export interface Rows {
  readonly values: unknown[][];
  /** Size on the wire, to choose the next slice's. */
  readonly bytes: number;
}

export interface Slice {
  readonly column: string;
  readonly after: RowNumber;
  /** Null: no upper bound. */
  readonly upTo: RowNumber | null;
  readonly rowsMax: number;
}

/**
 * How far a table may be read. `newest` is its highest committed value; every row up to it is there for good once the
 * transactions named in `writers` have ended.
 */
export interface Bound {
  readonly newest: RowNumber | null;
  readonly writers: readonly string[];
}

/** One connection at most, used by one caller at a time; connects again after a failure. Failures: see `Dialect`. */
export interface Database {
  /** Fails when the database cannot be used. */
  check(): Promise<void>;
  tables(types: readonly string[]): Promise<TableId[]>;
  /** Null when there is no such table. */
  describe(id: TableId): Promise<TableShape | null>;
  /** Rows in order of `slice.column`. Null when the table no longer has the shape: describe it again. */
  read(shape: TableShape, slice: Slice): Promise<Rows | null>;
  bound(shape: TableShape, column: string): Promise<Bound>;
  /** Those of `writers` that have not ended. */
  unfinished(shape: TableShape, writers: readonly string[]): Promise<readonly string[]>;
  /** All rows, as of one moment. Ends by itself with the last rows, else by `close`. */
  scan(shape: TableShape): Scan;
  close(): Promise<void>;
}

export interface Scan {
  /** Fewer than `rowsMax` rows: these were the last. Null: see `read`. */
  next(rowsMax: number): Promise<Rows | null>;
  close(): Promise<void>;
}
