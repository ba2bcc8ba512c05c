import type { PluginContext, Schema, Struct } from "@millrace/connect";
import type { Position, RowNumber } from "./position.ts";
import type { JdbcSourceSettings } from "./settings.ts";
import type { TableId } from "./table-id.ts";

/** What differs from database to database. */
export interface Dialect {
  /** As `dialect.name` says it. */
  readonly name: string;
  accepts(url: string): boolean;
  /** Does not connect yet. @throws ConfigError when the URL cannot be understood. */
  open(settings: JdbcSourceSettings, sleep: PluginContext["sleep"]): Database;
}

export interface Column {
  readonly name: string;
  readonly schema: Schema;
  readonly nullable: boolean;
  readonly autoIncrement: boolean;
  /** Whether it can be a timestamp column. */
  readonly instant: boolean;
}

/** A table, or the query's result, as it was when described. */
export interface TableShape {
  /** Null for a query. */
  readonly id: TableId | null;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  /** Columns of types that have no Connect type. */
  readonly dropped: readonly string[];
  readonly schema: Schema;
}

export interface Rows {
  readonly length: number;
  /** Size on the wire, to choose the next slice's. */
  readonly bytes: number;
  /** By field index of the shape's schema; where the order has timestamps, one more: nanoseconds, a bigint. */
  value(row: number, field: number): unknown;
  /**
   * Its values are made when somebody asks for them.
   * @throws DataError for a value that cannot be one of its column.
   */
  struct(row: number): Struct;
}

/** Rows come by the first timestamp of a row that is not null, if any are named, then by the keys. */
export interface Order {
  readonly timestamps: readonly Column[];
  readonly keys: readonly Column[];
}

export interface Slice {
  readonly order: Order;
  readonly after: Position;
  /** A key up to which, or nanoseconds before which, rows may be read. Null: no bound. */
  readonly upTo: RowNumber | null;
  readonly rowsMax: number;
  /** `query.suffix`, or nothing. */
  readonly suffix: string;
}

/**
 * How far a table may be read: see `Slice.upTo`. It holds once the transactions named in `writers` have ended; null: no
 * row is new.
 */
export interface Bound {
  readonly upTo: RowNumber | null;
  readonly writers: readonly string[];
}

/** One connection at most, used by one caller at a time; connects again after a failure. Failures: see `Dialect`. */
export interface Database {
  /** Fails when the database cannot be used. */
  check(): Promise<void>;
  /** The database's clock: nanoseconds since the epoch. */
  now(): Promise<bigint>;
  tables(types: readonly string[]): Promise<TableId[]>;
  /** Null when there is no such table. */
  describe(id: TableId): Promise<TableShape | null>;
  describeQuery(query: string): Promise<TableShape>;
  /** Rows in the slice's order. Null when the table no longer has the shape: describe it again. */
  read(shape: TableShape, slice: Slice): Promise<Rows | null>;
  /** For rows after the position. */
  bound(shape: TableShape, order: Order, after: Position): Promise<Bound>;
  /** Those of `writers` that have not ended. */
  unfinished(shape: TableShape, order: Order, writers: readonly string[]): Promise<readonly string[]>;
  /** All rows, as of one moment. Ends by itself with the last rows, else by `close`. */
  scan(shape: TableShape, suffix: string): Scan;
  close(): Promise<void>;
}

export interface Scan {
  /** Fewer than `rowsMax` rows: these were the last. Null: see `read`. */
  next(rowsMax: number): Promise<Rows | null>;
  close(): Promise<void>;
}
