import { isConnectError } from "@millrace/connect";
import { type CatalogColumn, rowsOf, type SqlGrammar } from "./sql-grammar.ts";
import {
  booleanKind,
  bytesKind,
  columnKind,
  dateKind,
  float32Kind,
  float64Kind,
  integerKinds,
  type Kind,
  numericKind,
  stringKind,
  timeKind,
  timestampKind,
} from "./value-kinds.ts";
import { zoneClock } from "./zone-clock.ts";

const { int8, int16, int64 } = integerKinds;

/** By the declared type; INTEGER is INT64, as its values are of 64 bits. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^bool(ean)?$/, booleanKind],
  [/^tinyint$/, int8],
  [/^(smallint|int2)$/, int16],
  [/int/, int64],
  [/^(real|float)$/, float64Kind],
  [/^float4$/, float32Kind],
  [/doub|floa|real/, float64Kind],
  [/char|clob|text|json|uuid/, stringKind],
  [/blob|binary/, bytesKind],
  [/^date$/, dateKind],
  [/^time$/, timeKind],
];
const INSTANT = /^(datetime|timestamp)/;

/**
 * Of a column that holds text, milliseconds since the epoch (as Java's driver writes), or both: milliseconds. SQLite's own
 * functions know no finer times.
 */
function milliseconds(column: string): string {
  return `CASE typeof(${column}) WHEN 'text' THEN CAST(round((julianday(${column}) - 2440587.5) * 86400000) AS INTEGER) ELSE CAST(${column} AS INTEGER) END`;
}

export const sqliteGrammar: SqlGrammar = {
  name: "SqliteDatabaseDialect",
  product: "sqlite",
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  tablesQuery: (types) => `SELECT '', '', name FROM sqlite_master
    WHERE upper(type) IN (${types.map((type) => sqliteGrammar.text(type.toUpperCase())).join(", ") || "''"})
      AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`,
  from: ({ name }) => sqliteGrammar.quote(name),
  async columns(connection, { name }) {
    const rows = await rowsOf(connection, `SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid`, [
      name,
    ]);
    const keys = rows.filter(([, , , key]) => Number(key) > 0).length;
    return rows.map(([column, type, notNull, key]) => {
      const rowid = keys === 1 && Number(key) === 1 && /^integer$/i.test(String(type));
      return {
        ...declared(String(column), String(type)),
        nullable: !rowid && Number(notNull) === 0,
        autoIncrement: rowid,
      };
    });
  },
  async primaryKey(connection, { name }) {
    const rows = await rowsOf(connection, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [name]);
    return rows.map(([column]) => String(column));
  },
  /** Of an expression nothing is declared: the first row that has a value tells. */
  async resultColumns(connection, query) {
    const { columns, rows } = await connection.query(`SELECT * FROM (${query}\n) LIMIT 100`);
    return columns.map(({ name, type }, i) => {
      if (type !== "") return declared(name, type);
      const sample = rows.map((row) => row[i]).find((value) => value !== null);
      return declared(name, sampleType(sample));
    });
  },
  kind(column, settings) {
    const { type, precision, scale } = column;
    if (INSTANT.test(type)) return columnKind(column, timestampKind(settings, false));
    const found = KINDS.find(([pattern]) => pattern.test(type));
    if (found !== undefined) return columnKind(column, found[1]);
    if (scale !== null || /^(numeric|decimal|number)$/.test(type)) {
      const mapping = type === "decimal" ? "none" : settings.numericMapping;
      return columnKind(column, numericKind(precision ?? 0, scale ?? 0, mapping));
    }
    return columnKind(column, stringKind);
  },
  isInstant: ({ type, autoIncrement }) =>
    !autoIncrement && (INSTANT.test(type) || /^(date|text|integer|int|bigint|varchar|numeric)$/.test(type)),
  time(columns, settings) {
    const zone = zoneClock(settings.timeZone);
    const parts = columns.map((column) => milliseconds(sqliteGrammar.quote(column.name)));
    const expression = parts.length === 1 ? parts[0]! : `COALESCE(${parts.join(", ")})`;
    return {
      expression,
      selected: expression,
      read: (value) => BigInt(zone.instantMs(Number(value))) * 1_000_000n,
      instant: (nanos) => String(zone.localMs(Number((nanos + 999_999n) / 1_000_000n))),
      clock: `SELECT ${milliseconds("(SELECT strftime('%Y-%m-%d %H:%M:%f', 'now'))")}`,
      stepNanos: 1_000_000_000n,
    };
  },
  limited: (query, rowsMax) => `${query} LIMIT ${rowsMax}`,
  page: (query, skipped, rowsMax) => `${query} LIMIT ${rowsMax} OFFSET ${skipped}`,
  sessionStatements: () => [],
  snapshotStatement: "BEGIN",
  pingQuery: "SELECT count(*) FROM sqlite_master",
  async serialWriters(connection) {
    try {
      await connection.query("BEGIN IMMEDIATE");
    } catch (error) {
      if (isConnectError(error) && error.code.startsWith("SQLITE_BUSY")) return true;
      if (isConnectError(error) && error.code.startsWith("SQLITE_READONLY")) return false;
      throw error;
    }
    await connection.query("ROLLBACK");
    return false;
  },
  shapeChanged: [],
};

/** `decimal(12,2)` in parts. */
function declared(name: string, text: string): CatalogColumn {
  const match = /^([^(]*)(?:\((\d+)(?:\s*,\s*(\d+))?\))?/.exec(text.toLowerCase());
  const [, type = "", precision, scale] = match ?? [];
  return {
    name,
    type: type.trim(),
    precision: precision === undefined ? null : Number(precision),
    scale: scale === undefined ? null : Number(scale),
    unsigned: false,
    nullable: true,
    autoIncrement: false,
  };
}

function sampleType(value: unknown): string {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return "integer";
  if (typeof value === "number") return "double";
  return value instanceof Uint8Array ? "blob" : "text";
}
