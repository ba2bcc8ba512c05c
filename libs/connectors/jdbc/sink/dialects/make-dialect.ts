// Pure: a dialect from what differs between databases.
import type { Schema } from "@millrace/connect";
import type { Product } from "../../connection/jdbc-url.ts";
import type { SinkColumn } from "../sink-columns.ts";
import type { BulkStatement, SinkDialect, Statement, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import type { SinkTable } from "../table-name.ts";
import { columnEncoder, isFineTimestamp, type ValueForms } from "./column-encoder.ts";
import { DIALECT_OF } from "./dialect-names.ts";
import {
  type ColumnTypes,
  columnDefinition,
  columnType,
  createTable,
  type Quote,
  qualified,
  quoteWith,
} from "./sql-text.ts";

export interface DialectParts {
  readonly product: Product;
  /** Around names. */
  readonly quotes: readonly [open: string, close: string];
  /** `a.b` is table b of database a, which has no schemas. */
  readonly schemasAreCatalogs: boolean;
  /** How a table is found from the connection; default: by all parts of its name. */
  readonly placeOf?: (table: SinkTable) => SinkTable;
  readonly types: ColumnTypes;
  /** Of columns in `timestamp.fields.list`, which are finer than a millisecond. */
  readonly fineTimestampType: string;
  readonly forms: ValueForms;
  /** A default as it stands in DDL. */
  literal(schema: Schema, value: unknown): string;
  /** Gives a row `kind, name, type` for each column, in order. */
  describe(table: SinkTable, quote: Quote): Statement;
  /** What follows `ALTER TABLE t `, for each statement. */
  add(definitions: readonly string[]): string[];
  bulk(kind: WriteKind, target: WriteTarget, table: string, quote: Quote): BulkStatement | null;
}

export function makeDialect(settings: JdbcSinkSettings, parts: DialectParts): SinkDialect {
  const quote = quoteWith(...parts.quotes, settings.quoteNames);
  const tableName = (table: SinkTable) => qualified(parts.placeOf?.(table) ?? table, quote);
  const form = {
    quote,
    type: (column: SinkColumn) =>
      isFineTimestamp(column, settings) ? parts.fineTimestampType : columnType(column, parts.types),
    literal: parts.literal,
  };
  return {
    name: DIALECT_OF[parts.product],
    schemasAreCatalogs: parts.schemasAreCatalogs,
    tableName,
    describe: (table) => parts.describe(table, quote),
    createTable: (table, columns) => createTable(tableName(table), columns, form),
    addColumns: (table, columns) =>
      parts
        .add(columns.map((column) => columnDefinition(column, form)))
        .map((change) => `ALTER TABLE ${tableName(table)} ${change}`),
    encoder: columnEncoder(settings, parts.forms),
    bulk: (kind, target) => parts.bulk(kind, target, tableName(target.table), quote),
  };
}
