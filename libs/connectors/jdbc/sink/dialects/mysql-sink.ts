// Pure: how rows are written to MySQL and MariaDB.
import type { BulkStatement, SinkDialect, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { TEXT_FORMS } from "./column-encoder.ts";
import { makeDialect } from "./make-dialect.ts";
import { type ColumnTypes, DATE, DECIMAL, literal, names, TIME, TIMESTAMP } from "./sql-text.ts";

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
  return makeDialect(settings, {
    product: "mysql",
    quotes: ["`", "`"],
    schemasAreCatalogs: true,
    types: TYPES,
    fineTimestampType: "DATETIME(6)",
    forms: TEXT_FORMS,
    literal: (schema, value) => {
      const text = literal(schema, value, LITERALS);
      // Texts take a default only as an expression.
      return schema.type === "STRING" ? `(${text})` : text;
    },
    describe: ({ catalog, schema, name }) => ({
      sql:
        "SELECT CASE t.table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, c.column_name, c.column_type " +
        "FROM information_schema.columns c JOIN information_schema.tables t " +
        "ON t.table_schema = c.table_schema AND t.table_name = c.table_name " +
        "WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? ORDER BY c.ordinal_position",
      values: [catalog ?? schema, name],
    }),
    add: (definitions) => [definitions.map((each) => `ADD ${each}`).join(", ")],
    bulk,
  });
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
