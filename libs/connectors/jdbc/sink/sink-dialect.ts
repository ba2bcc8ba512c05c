import type { SqlValue } from "../connection/connection.ts";
import type { SinkColumn } from "./sink-columns.ts";
import type { SinkTable } from "./table-name.ts";

/** A column of a table as it is in the database. */
export interface TableColumn {
  readonly name: string;
  /** As the database writes it, e.g. `character varying(20)`. */
  readonly type: string;
}

export interface TableShape {
  /** TABLE, PARTITIONED TABLE or VIEW. */
  readonly kind: string;
  readonly columns: readonly TableColumn[];
}

/** A record's column and the table's column it goes to. */
export interface TargetColumn {
  readonly column: SinkColumn;
  readonly target: TableColumn;
}

export interface WriteTarget {
  readonly table: SinkTable;
  readonly key: readonly TargetColumn[];
  /** Behind the key's, in rows too. */
  readonly others: readonly TargetColumn[];
}

/** Rows have the key's values first; those of `delete` have nothing else. */
export type WriteKind = "insert" | "upsert" | "update" | "delete";

/** How many rows at once are written. */
export type BulkStatement =
  /** One statement for any number of rows, whose values are packed: one for each column. */
  | { readonly by: "columns"; readonly sql: string; pack(rows: readonly SqlRow[]): Uint8Array }
  /** A statement that grows with the rows; its values are theirs in order. */
  | { readonly by: "rows"; sql(rowCount: number): string; readonly rowsMax: number }
  /** The same statement for each row. */
  | { readonly by: "row"; readonly sql: string };

export type SqlRow = readonly SqlValue[];

export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What differs from database to database when records are written. Decides only; the writer acts. */
export interface SinkDialect {
  /** As `dialect.name` says it. */
  readonly name: string;
  /** `a.b` is table b of database a, which has no schemas. */
  readonly schemasAreCatalogs: boolean;
  tableName(table: SinkTable): string;
  /** Gives a row `kind, name, type` for each column, in order; no row: there is no such table. */
  describe(table: SinkTable): Statement;
  /** @throws ConnectError for a column of a type the database has nothing for. */
  createTable(table: SinkTable, columns: readonly SinkColumn[]): string;
  addColumns(table: SinkTable, columns: readonly SinkColumn[]): string[];
  /** Makes values fit for the column: what a record has becomes what a statement takes. Null stays null. */
  encoder(column: SinkColumn): (value: unknown) => SqlValue;
  /** Null: this row kind has nothing to do, e.g. an update of no column. */
  bulk(kind: WriteKind, target: WriteTarget): BulkStatement | null;
}
