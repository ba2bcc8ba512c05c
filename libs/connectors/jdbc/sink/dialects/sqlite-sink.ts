// Pure: how rows are written to SQLite.
import type { BulkStatement, SinkDialect, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { TEXT_FORMS, type ValueForms } from "./column-encoder.ts";
import { makeDialect } from "./make-dialect.ts";
import { type ColumnTypes, DATE, DECIMAL, literal, names, TIME, TIMESTAMP } from "./sql-text.ts";

const TYPES: ColumnTypes = {
  [DECIMAL]: "NUMERIC",
  [DATE]: "NUMERIC",
  [TIME]: "NUMERIC",
  [TIMESTAMP]: "NUMERIC",
  INT8: "INTEGER",
  INT16: "INTEGER",
  INT32: "INTEGER",
  INT64: "INTEGER",
  FLOAT32: "REAL",
  FLOAT64: "REAL",
  BOOLEAN: "INTEGER",
  STRING: "TEXT",
  BYTES: "BLOB",
};

/** SQLite has no dates: as its JDBC driver does, milliseconds since the epoch. */
const FORMS: ValueForms = { ...TEXT_FORMS, date: (ms) => ms, time: (ms) => ms, timestamp: (ms) => ms };
const LITERALS = { true: "1", false: "0", bytes: (hex: string) => `x'${hex}'` };

export function sqliteSink(settings: JdbcSinkSettings): SinkDialect {
  return makeDialect(settings, {
    product: "sqlite",
    quotes: ["`", "`"],
    schemasAreCatalogs: false,
    // A catalog is an attached file, and there are no schemas.
    placeOf: ({ catalog, schema, name }) => ({ catalog: null, schema: schema ?? catalog, name }),
    types: TYPES,
    fineTimestampType: "NUMERIC",
    forms: FORMS,
    literal: (schema, value) => (value instanceof Date ? String(value.getTime()) : literal(schema, value, LITERALS)),
    describe: ({ catalog, schema, name }) => ({
      sql:
        "SELECT UPPER((SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view'))), name, type " +
        "FROM pragma_table_info(?, ?)",
      values: [name, name, schema ?? catalog ?? "main"],
    }),
    add: (definitions) => definitions.map((each) => `ADD ${each}`),
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
  const all = [...key, ...others];
  const matches = (left: string, right: (i: number) => string) =>
    key.map((name, i) => `${left}${name} = ${right(i)}`).join(" AND ");
  switch (kind) {
    case "delete":
      return { by: "row", sql: `DELETE FROM ${table} WHERE ${matches("", () => "?")}` };
    case "update": {
      if (others.length === 0) return null;
      const incoming = all.map((_, i) => `? AS c${i}`).join(", ");
      const changes = others.map((name, i) => `${name} = incoming.c${key.length + i}`).join(", ");
      const where = matches(`${table}.`, (i) => `incoming.c${i}`);
      return { by: "row", sql: `UPDATE ${table} SET ${changes} FROM (SELECT ${incoming}) AS incoming WHERE ${where}` };
    }
  }
  const verb = kind === "upsert" ? "INSERT OR REPLACE" : "INSERT";
  return { by: "row", sql: `${verb} INTO ${table}(${all.join(",")}) VALUES(${all.map(() => "?").join(",")})` };
}
