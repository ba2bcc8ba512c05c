// Pure: how rows are written to Postgres.
import type { Schema } from "@millrace/connect";
import type { BulkStatement, SinkDialect, TargetColumn, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { type Encode, TEXT_FORMS, type ValueForms } from "./column-encoder.ts";
import { makeDialect } from "./make-dialect.ts";
import { elementText, packArrays } from "./postgres-arrays.ts";
import { type ColumnTypes, columnType, DATE, DECIMAL, literal, names, qualified, TIME, TIMESTAMP } from "./sql-text.ts";

const TYPES: ColumnTypes = {
  [DECIMAL]: "DECIMAL",
  [DATE]: "DATE",
  [TIME]: "TIME",
  [TIMESTAMP]: "TIMESTAMP",
  INT8: "SMALLINT",
  INT16: "SMALLINT",
  INT32: "INT",
  INT64: "BIGINT",
  FLOAT32: "REAL",
  FLOAT64: "DOUBLE PRECISION",
  BOOLEAN: "BOOLEAN",
  STRING: "TEXT",
  BYTES: "BYTEA",
  ARRAY: (column) => `${columnType({ ...column, schema: column.schema.valueSchema! }, TYPES)}[]`,
};

/** Times keep their offset: a column with a time zone takes the instant, one without the date and time before it. */
const FORMS: ValueForms = {
  ...TEXT_FORMS,
  boolean: (value) => value,
  timestamp: (ms, zone) => zone.timestampWithOffset(ms),
  array: (schema, element) => arrayEncoder(schema, element),
};

const LITERALS = { true: "TRUE", false: "FALSE", bytes: (hex: string) => `'\\x${hex}'` };

/** `pg_class.relkind` as the kinds of table.types. */
const KIND =
  "CASE c.relkind WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'VIEW' ELSE 'TABLE' END";

export function postgresSink(settings: JdbcSinkSettings): SinkDialect {
  return makeDialect(settings, {
    product: "postgres",
    quotes: ['"', '"'],
    schemasAreCatalogs: false,
    types: TYPES,
    fineTimestampType: "TIMESTAMP",
    forms: FORMS,
    literal: (schema, value) => literal(schema, value, LITERALS),
    // Types without length and precision: those of the column apply, with an error where a cast would cut off.
    describe: (table, quote) => ({
      sql:
        `SELECT ${KIND}, a.attname, format_type(a.atttypid, -1) FROM pg_class c ` +
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped " +
        "WHERE c.oid = to_regclass($1) ORDER BY a.attnum",
      // The catalog is the database one is connected to.
      values: [qualified({ ...table, catalog: null }, quote)],
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
  const { key, others } = target;
  const all = kind === "delete" ? key : [...key, ...others];
  const sql = statement(kind, table, names(key, quote), names(others, quote), incoming(all));
  if (sql === null) return null;
  const types = all.map(({ target: { type } }) => elementType(type));
  return { by: "columns", sql, pack: (rows) => packArrays(rows, types) };
}

/** `unnest` of one array for each column, as columns c1, c2, …. It would flatten arrays in arrays: these come as text. */
function incoming(columns: readonly TargetColumn[]): { readonly from: string; readonly values: readonly string[] } {
  const arrays = columns.map(({ target: { type } }, i) => `$${i + 1}::${elementType(type)}[]`);
  return {
    from: `unnest(${arrays.join(", ")}) AS incoming(${columns.map((_, i) => `c${i + 1}`).join(", ")})`,
    values: columns.map(({ target: { type } }, i) => (isArrayType(type) ? `c${i + 1}::${type}` : `c${i + 1}`)),
  };
}

function statement(
  kind: WriteKind,
  table: string,
  key: readonly string[],
  others: readonly string[],
  { from, values }: ReturnType<typeof incoming>,
): string | null {
  const matches = key.map((name, i) => `${table}.${name} = ${values[i]}`).join(" AND ");
  switch (kind) {
    case "delete":
      return `DELETE FROM ${table} USING ${from} WHERE ${matches}`;
    case "update": {
      if (others.length === 0) return null;
      const changes = others.map((name, i) => `${name} = ${values[key.length + i]}`);
      return `UPDATE ${table} SET ${changes.join(", ")} FROM ${from} WHERE ${matches}`;
    }
  }
  const insert = `INSERT INTO ${table} (${[...key, ...others].join(",")}) SELECT ${values.join(", ")} FROM ${from}`;
  if (kind === "insert") return insert;
  const changes = others.map((name) => `${name}=EXCLUDED.${name}`);
  const action = changes.length === 0 ? "NOTHING" : `UPDATE SET ${changes.join(",")}`;
  return `${insert} ON CONFLICT (${key.join(",")}) DO ${action}`;
}

function isArrayType(type: string): boolean {
  return type.endsWith("[]");
}

function elementType(type: string): string {
  return isArrayType(type) ? "text" : type;
}

function arrayEncoder(schema: Schema, element: Encode): Encode {
  const encode = schema.valueSchema?.type === "ARRAY" ? element : (value: unknown) => elementText(element(value));
  return (value) => {
    const items = (value as readonly unknown[]).map((item) => ((item ?? null) === null ? "NULL" : encode(item)));
    return `{${items.join(",")}}`;
  };
}
