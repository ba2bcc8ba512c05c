// Pure: how rows are written to MySQL and MariaDB.
import type { Schema } from "@millrace/connect";
import type { SinkColumn } from "../sink-columns.ts";
import type { BulkStatement, SinkDialect, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { columnEncoder, isFineTimestamp, TEXT_FORMS } from "./column-encoder.ts";
import { DIALECT_OF } from "./dialect-names.ts";
import {
  type ColumnTypes,
  columnDefinition,
  columnType,
  createTable,
  DATE,
  DECIMAL,
  literal,
  names,
  qualified,
  quoteWith,
  TIME,
  TIMESTAMP,
} from "./sql-text.ts";

const TYPES: ColumnTypes = {
  [DECIMAL]: ({ schema }) => `DECIMAL(65,${schema.parameters?.scale ?? 0})`,
  [DATE]: "DATE",
  [TIME]: "TIME(3)",
  [TIMESTAMP]: "DATETIME(3)",
  INT8: "TINYINT",
  INT16: "SMALLINT",
  INT32: "INT",
  INT64: "BIGINT",
  FLOAT32: "FLOAT",
  FLOAT64: "DOUBLE",
  BOOLEAN: "TINYINT",
  // A key on a text without a length is refused.
  STRING: ({ isKey }) => (isKey ? "VARCHAR(256)" : "TEXT"),
  BYTES: "VARBINARY(1024)",
};

const LITERALS = { true: "1", false: "0", bytes: (hex: string) => `x'${hex}'` };
/** A statement of more rows than this gains nothing. */
const ROWS_MAX = 1000;

export function mysqlSink(settings: JdbcSinkSettings): SinkDialect {
  const quote = quoteWith("`", "`", settings.quoteNames);
  const tableName = (table: Parameters<SinkDialect["tableName"]>[0]) => qualified(table, quote);
  const form = {
    quote,
    type: (column: SinkColumn) => (isFineTimestamp(column, settings) ? "DATETIME(6)" : columnType(column, TYPES)),
    literal: (schema: Schema, value: unknown) => {
      const text = literal(schema, value, LITERALS);
      // Texts take a default only as an expression.
      return schema.type === "STRING" ? `(${text})` : text;
    },
  };
  return {
    name: DIALECT_OF.mysql,
    schemasAreCatalogs: true,
    tableName,
    describe: ({ catalog, schema, name }) => ({
      sql:
        "SELECT CASE t.table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, c.column_name, c.column_type " +
        "FROM information_schema.columns c JOIN information_schema.tables t " +
        "ON t.table_schema = c.table_schema AND t.table_name = c.table_name " +
        "WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? ORDER BY c.ordinal_position",
      values: [catalog ?? schema, name],
    }),
    createTable: (table, columns) => createTable(tableName(table), columns, form),
    addColumns: (table, columns) => [
      `ALTER TABLE ${tableName(table)} ${columns.map((column) => `ADD ${columnDefinition(column, form)}`).join(", ")}`,
    ],
    encoder: columnEncoder(settings, TEXT_FORMS),
    bulk: (kind, target) => bulk(kind, target, tableName(target.table), quote),
  };
}

function bulk(
  kind: WriteKind,
  target: WriteTarget,
  table: string,
  quote: (name: string) => string,
): BulkStatement | null {
  const key = names(target.key, quote);
  const others = names(target.others, quote);
  const row = (count: number) => `(${Array(count).fill("?").join(",")})`;
  const rows = (rowCount: number, width: number) => Array(rowCount).fill(row(width)).join(",");
  const all = [...key, ...others];
  switch (kind) {
    case "delete": {
      const tuple = key.length === 1 ? key[0] : `(${key.join(",")})`;
      const one = key.length === 1 ? "?" : row(key.length);
      const sql = (count: number) => `DELETE FROM ${table} WHERE ${tuple} IN (${Array(count).fill(one).join(",")})`;
      return { by: "rows", sql, rowsMax: ROWS_MAX };
    }
    case "update": {
      if (others.length === 0) return null;
      const first = `SELECT ${all.map((_, i) => `? AS c${i}`).join(",")}`;
      const next = ` UNION ALL SELECT ${all.map(() => "?").join(",")}`;
      const matches = key.map((name, i) => `target.${name} = incoming.c${i}`).join(" AND ");
      const changes = others.map((name, i) => `target.${name} = incoming.c${key.length + i}`).join(", ");
      const sql = (count: number) =>
        `UPDATE ${table} AS target JOIN (${first}${next.repeat(count - 1)}) AS incoming ON ${matches} SET ${changes}`;
      return { by: "rows", sql, rowsMax: ROWS_MAX };
    }
  }
  const insert = `INSERT INTO ${table} (${all.join(",")}) VALUES `;
  const changes = (others.length > 0 ? others : key).map((name) => `${name}=VALUES(${name})`).join(",");
  const end = kind === "upsert" ? ` ON DUPLICATE KEY UPDATE ${changes}` : "";
  return { by: "rows", sql: (count) => insert + rows(count, all.length) + end, rowsMax: ROWS_MAX };
}
