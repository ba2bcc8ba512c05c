import { isConnectError } from "@millrace/connect";
import { type CatalogColumn, type ColumnKind, rowsOf, type SqlGrammar } from "./sql-grammar.ts";
import {
  bytesKind,
  columnKind,
  dateKind,
  decimalKind,
  float32Kind,
  float64Kind,
  instantNanos,
  integerKinds,
  type Kind,
  localText,
  numericKind,
  stringKind,
  timeKind,
  timestampKind,
  zonedText,
} from "./value-kinds.ts";
import { zoneClock } from "./zone-clock.ts";

const { int8, int16, int32, int64 } = integerKinds;

const KINDS: Readonly<Record<string, Kind>> = {
  bit: int8,
  tinyint: int16,
  smallint: int16,
  int: int32,
  bigint: int64,
  real: float32Kind,
  float: float64Kind,
};
const TEXTS = /^(char|varchar|text|nchar|nvarchar|ntext|xml|uniqueidentifier|sysname)$/;
const BYTES = /^(binary|varbinary|image|rowversion|timestamp)$/;
const LOCAL = /^(datetime|datetime2|smalldatetime)$/;
/** Style 121 is `2024-05-17 13:45:10.2500000`; the driver's own dates know milliseconds only, its decimals are floats. */
const asText = (column: string) => `CONVERT(varchar(40), ${column}, 121)`;
const numberText = (column: string) => `CONVERT(varchar(60), ${column})`;
const moneyText = (column: string) => `CONVERT(varchar(60), ${column}, 2)`;

export const sqlserverGrammar: SqlGrammar = {
  name: "SqlServerDatabaseDialect",
  product: "sqlserver",
  quote: (name) => `[${name.replaceAll("]", "]]")}]`,
  text: (value) => `N'${value.replaceAll("'", "''")}'`,
  tablesQuery: (types) => `SELECT table_catalog, table_schema, table_name FROM information_schema.tables
    WHERE table_type IN (${types.map(tableType).join(", ") || "''"}) AND table_schema NOT IN ('sys', 'cdc') ORDER BY 2, 3`,
  from: ({ schema, name }) => [schema, name].filter(Boolean).map(sqlserverGrammar.quote).join("."),
  async columns(connection, id) {
    const rows = await rowsOf(
      connection,
      `SELECT c.name, coalesce(b.name, t.name) AS type, c.precision, c.scale, c.is_nullable AS nullable, c.is_identity AS ${sqlserverGrammar.quote("identity")}
        FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id
          LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id AND t.is_user_defined = 1
        WHERE c.object_id = OBJECT_ID(${sqlserverGrammar.text(sqlserverGrammar.from(id))}) ORDER BY c.column_id`,
    );
    return rows.map(catalogColumn);
  },
  async primaryKey(connection, id) {
    const rows = await rowsOf(
      connection,
      `SELECT c.name FROM sys.indexes i
          JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
          JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
        WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(${sqlserverGrammar.text(sqlserverGrammar.from(id))})
        ORDER BY k.key_ordinal`,
    );
    return rows.map(([name]) => String(name));
  },
  async resultColumns(connection, query) {
    const described = `SELECT * FROM (${query}\n) millrace_query`;
    const rows = await rowsOf(
      connection,
      `SELECT name, system_type_name, precision, scale, is_nullable, is_identity_column
        FROM sys.dm_exec_describe_first_result_set(${sqlserverGrammar.text(described)}, NULL, 0) ORDER BY column_ordinal`,
    );
    return rows.map(catalogColumn);
  },
  kind: kindOf,
  isInstant: ({ type }) => LOCAL.test(type) || type === "datetimeoffset" || type === "date",
  time(columns, settings) {
    const offsets = columns.some((column) => column.type === "datetimeoffset");
    const zone = zoneClock(offsets || columns.length === 0 ? "UTC" : settings.timeZone);
    const names = columns.map((column) => sqlserverGrammar.quote(column.name));
    const first = names.length === 1 ? names[0]! : `COALESCE(${names.join(", ")})`;
    const expression = offsets ? `SWITCHOFFSET(CAST(${first} AS datetimeoffset(7)), '+00:00')` : first;
    const digits = Math.min(7, ...columns.map(({ type, scale }) => DIGITS[type] ?? scale ?? 7));
    const literal = (text: string) => `CAST('${text.replace(" ", "T")}' AS datetime2(7))`;
    return {
      expression,
      selected: asText(`CAST(${expression} AS datetime2(7))`),
      read: (value) => instantNanos(value, zone),
      instant: (nanos) => literal(offsets ? localText(nanos, 7) : zonedText(nanos, 7, zone)),
      clock: `SELECT ${asText(offsets || columns.length === 0 ? "SYSUTCDATETIME()" : "SYSDATETIME()")}`,
      // datetime2 rounds, datetime to 3.33 ms, smalldatetime to a minute.
      stepNanos: digits < 0 ? 60_000_000_000n : 10n ** BigInt(9 - digits),
    };
  },
  limited: (query, rowsMax) => `${query} OFFSET 0 ROWS FETCH NEXT ${rowsMax} ROWS ONLY`,
  page: (query, skipped, rowsMax) =>
    `${query} ORDER BY (SELECT NULL) OFFSET ${skipped} ROWS FETCH NEXT ${rowsMax} ROWS ONLY`,
  sessionStatements: ({ isolation }) => {
    if (isolation === "DEFAULT") return [];
    const level = isolation === "SQL_SERVER_SNAPSHOT" ? "SNAPSHOT" : isolation.replace("_", " ");
    return [`SET TRANSACTION ISOLATION LEVEL ${level}`];
  },
  snapshotStatement: "",
  pingQuery: "SELECT 1",
  /** Needs VIEW SERVER STATE, or VIEW SERVER PERFORMANCE STATE. */
  async writers(connection) {
    try {
      const rows = await rowsOf(
        connection,
        `SELECT transaction_id FROM sys.dm_tran_database_transactions
          WHERE database_id = DB_ID() AND database_transaction_begin_time IS NOT NULL AND transaction_id > 1000`,
      );
      return rows.map(([id]) => String(id));
    } catch (error) {
      if (isConnectError(error) && DENIED.includes(error.code)) return null;
      throw error;
    }
  },
  shapeChanged: ["207", "208"],
};

const DIGITS: Readonly<Record<string, number>> = { date: 7, smalldatetime: -1, datetime: 2 };
const DENIED = ["297", "300", "262", "229"];

function kindOf(column: CatalogColumn, settings: Parameters<SqlGrammar["kind"]>[1]): ColumnKind | null {
  const { type, precision, scale } = column;
  if (type === "numeric") {
    return columnKind(column, numericKind(precision ?? 18, scale ?? 0, settings.numericMapping), numberText);
  }
  if (type === "decimal") return columnKind(column, decimalKind(precision ?? 18, scale ?? 0), numberText);
  if (type === "money" || type === "smallmoney") {
    return columnKind(column, decimalKind(type === "money" ? 19 : 10, 4), moneyText);
  }
  if (LOCAL.test(type)) return columnKind(column, timestampKind(settings, false), asText);
  if (type === "datetimeoffset") return columnKind(column, timestampKind(settings, true), asText);
  if (type === "date") return columnKind(column, dateKind, asText);
  if (type === "time") return columnKind(column, timeKind, asText);
  if (type === "uniqueidentifier") return columnKind(column, stringKind, (name) => `LOWER(CONVERT(char(36), ${name}))`);
  if (type === "xml") return columnKind(column, stringKind, (name) => `CONVERT(nvarchar(max), ${name})`);
  if (TEXTS.test(type)) return columnKind(column, stringKind);
  if (BYTES.test(type)) return columnKind(column, bytesKind);
  const kind = KINDS[type];
  return kind === undefined ? null : columnKind(column, kind);
}

function catalogColumn([name, type, precision, scale, nullable, identity]: readonly unknown[]): CatalogColumn {
  return {
    name: String(name),
    type: String(type).toLowerCase().replace(/\(.*$/, ""),
    precision: Number(precision),
    scale: Number(scale),
    unsigned: false,
    nullable: nullable === true || nullable === 1,
    autoIncrement: identity === true || identity === 1,
  };
}

function tableType(type: string): string {
  const upper = type.toUpperCase();
  return sqlserverGrammar.text(upper === "TABLE" ? "BASE TABLE" : upper);
}
