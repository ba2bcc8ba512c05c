import type { Schema } from "@millrace/connect";
import type { JdbcConnection, SqlValue } from "../connection/connection.ts";
import type { Product } from "../connection/jdbc-url.ts";
import type { JdbcSourceSettings } from "../settings.ts";
import type { TableId } from "../table-id.ts";

/** A column as its database's catalog describes it. */
export interface CatalogColumn {
  readonly name: string;
  /** In lower case, without length and precision: `varchar`, `datetime`. */
  readonly type: string;
  /** Digits of a number, fraction digits of a time, bits of a bit field; null where there are none. */
  readonly precision: number | null;
  readonly scale: number | null;
  readonly unsigned: boolean;
  readonly nullable: boolean;
  readonly autoIncrement: boolean;
}

/** A value as the connection gives it, never null, as Connect's. */
export type ValueReader = (value: unknown) => unknown;

export interface ColumnKind {
  readonly schema: Schema;
  readonly read: ValueReader;
  /** What to select, given the quoted column. */
  readonly select: (column: string) => string;
}

/** How rows are ordered by time. Instants are nanoseconds since the epoch. */
export interface TimeWords {
  readonly expression: string;
  readonly selected: string;
  readonly read: (value: unknown) => bigint;
  /** To compare the expression with; not earlier than given. */
  readonly instant: (nanos: bigint) => string;
  /** A query of the clock that timestamps are taken from, in the form `selected` has. */
  readonly clock: string;
  /** The coarsest step between two timestamps of the columns. */
  readonly stepNanos: bigint;
}

/** What is peculiar to a database, as SQL. It decides; `SqlDatabase` asks. */
export interface SqlGrammar {
  /** As `dialect.name` says it. */
  readonly name: string;
  readonly product: Product;
  quote(name: string): string;
  text(value: string): string;
  /** Rows of catalog, schema and name; absent parts empty. */
  tablesQuery(types: readonly string[]): string;
  from(id: TableId): string;
  /** Empty: there is no such table. */
  columns(connection: JdbcConnection, id: TableId): Promise<CatalogColumn[]>;
  /** Names, in the key's order. */
  primaryKey(connection: JdbcConnection, id: TableId): Promise<string[]>;
  resultColumns(connection: JdbcConnection, query: string): Promise<CatalogColumn[]>;
  /** Null for types Connect has nothing for. */
  kind(column: CatalogColumn, settings: JdbcSourceSettings): ColumnKind | null;
  isInstant(column: CatalogColumn): boolean;
  time(columns: readonly CatalogColumn[], settings: JdbcSourceSettings): TimeWords;
  /** The first rows of a query that ends with ORDER BY. */
  limited(query: string, rowsMax: number): string;
  /** Of an unordered query, the rows after the first `skipped`. */
  page(query: string, skipped: number, rowsMax: number): string;
  /** For a new connection. */
  sessionStatements(settings: JdbcSourceSettings): readonly string[];
  /** Begins reading as of one moment, as far as the database can. */
  readonly snapshotStatement: string;
  /** A query that does nothing. */
  readonly pingQuery: string;
  /**
   * Transactions in flight that have written, by names that end with them; null when the user may not see them. What was
   * begun before the call is seen. Without: see `serialWriters`.
   */
  writers?(connection: JdbcConnection): Promise<string[] | null>;
  /** One writer at a time, in the order of commits: ids need no guard, and this says whether one is at work. */
  serialWriters?(connection: JdbcConnection): Promise<boolean>;
  /** Codes of errors that mean that a table or column is not there. */
  readonly shapeChanged: readonly string[];
}

export async function rowsOf(
  connection: JdbcConnection,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<readonly (readonly unknown[])[]> {
  return (await connection.query(sql, values)).rows;
}
