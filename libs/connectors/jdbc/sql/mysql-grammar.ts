import type { JdbcConnection } from "../connection/connection.ts";
import { rowsOf, type SqlGrammar } from "./sql-grammar.ts";
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
  stringKind,
  timeKind,
  timestampKind,
  zonedText,
} from "./value-kinds.ts";
import { zoneClock } from "./zone-clock.ts";

const { int8, int16, int32, int64 } = integerKinds;

const KINDS: Readonly<Record<string, Kind>> = {
  tinyint: int8,
  smallint: int16,
  mediumint: int32,
  int: int32,
  bigint: int64,
  float: float32Kind,
  double: float64Kind,
  date: dateKind,
  time: timeKind,
  year: [dateKind[0], (value) => dateKind[1](`${String(value).padStart(4, "0")}-01-01`)],
};
const UNSIGNED: Readonly<Record<string, Kind>> = { tinyint: int16, smallint: int32, mediumint: int64, int: int64 };
const TEXTS = /^(char|varchar|(tiny|medium|long)?text|enum|set|json|uuid|inet4|inet6)$/;
const BYTES = /^((var)?binary|(tiny|medium|long)?blob|geometry|point|linestring|polygon|multi\w+|geometrycollection)$/;

/** Names of mysql2's types as the catalog calls them. */
const RESULT_TYPES: Readonly<Record<string, string>> = {
  TINY: "tinyint",
  SHORT: "smallint",
  INT24: "mediumint",
  LONG: "int",
  LONGLONG: "bigint",
  NEWDECIMAL: "decimal",
  NEWDATE: "date",
  VAR_STRING: "varchar",
  STRING: "char",
  TINY_BLOB: "tinyblob",
  MEDIUM_BLOB: "mediumblob",
  LONG_BLOB: "longblob",
};

/** Between two readings of INNODB_TRX, which the server renews only when nobody has read it for 100 ms. */
const LIST_WAIT = "SELECT SLEEP(0.11)";
const LIST_ATTEMPTS_MAX = 20;
/** ER_SPECIFIC_ACCESS_DENIED_ERROR: the user has no PROCESS privilege. */
const DENIED = "ER_SPECIFIC_ACCESS_DENIED_ERROR";

/** MySQL and MariaDB. The session's time zone is UTC: see the connection. */
export const mysqlGrammar: SqlGrammar = {
  name: "MySqlDatabaseDialect",
  product: "mysql",
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  text: (value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
  tablesQuery: (types) => `SELECT table_schema, '', table_name FROM information_schema.tables
    WHERE table_type IN (${types.map(tableType).join(", ") || "''"})
      AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
      AND (DATABASE() IS NULL OR table_schema = DATABASE())
    ORDER BY 1, 3`,
  from: ({ catalog, name }) => [catalog, name].filter(Boolean).map(mysqlGrammar.quote).join("."),
  async columns(connection, { catalog, name }) {
    const rows = await rowsOf(
      connection,
      `SELECT column_name, data_type, column_type, coalesce(numeric_precision, datetime_precision), numeric_scale, is_nullable, extra
        FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
      [catalog, name],
    );
    return rows.map(([column, type, full, precision, scale, nullable, extra]) => ({
      name: String(column),
      type: String(type).toLowerCase(),
      precision: precision === null ? null : Number(precision),
      scale: scale === null ? null : Number(scale),
      unsigned: /\bunsigned\b/i.test(String(full)),
      nullable: nullable === "YES",
      autoIncrement: /\bauto_increment\b/i.test(String(extra)),
    }));
  },
  async primaryKey(connection, { catalog, name }) {
    const rows = await rowsOf(
      connection,
      `SELECT column_name FROM information_schema.key_column_usage
        WHERE constraint_name = 'PRIMARY' AND table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
      [catalog, name],
    );
    return rows.map(([column]) => String(column));
  },
  async resultColumns(connection, query) {
    const { columns } = await connection.query(`SELECT * FROM (${query}\n) millrace_query LIMIT 0`);
    return columns.map(({ name, type, precision = 0, scale = 0, ...flags }) => {
      const unsigned = flags.unsigned === true;
      const named = RESULT_TYPES[type] ?? type.toLowerCase();
      const decimal = named === "decimal";
      return {
        name,
        type: textOrBytes(named, flags.binary === true),
        // Of a decimal the length counts the point and the sign.
        precision: decimal ? precision - (scale > 0 ? 1 : 0) - (unsigned ? 0 : 1) : named === "bit" ? precision : scale,
        scale,
        unsigned,
        nullable: flags.nullable !== false,
        autoIncrement: flags.autoIncrement === true,
      };
    });
  },
  kind(column, settings) {
    const { type, unsigned, precision, scale } = column;
    if (type === "decimal") return columnKind(column, decimalKind(precision ?? 10, scale ?? 0));
    if (type === "bit") return columnKind(column, precision === 1 ? int8 : bytesKind);
    if (type === "datetime") return columnKind(column, timestampKind(settings, false));
    if (type === "timestamp") return columnKind(column, timestampKind(settings, true));
    if (TEXTS.test(type)) return columnKind(column, stringKind);
    if (BYTES.test(type)) return columnKind(column, bytesKind);
    const kind = (unsigned ? UNSIGNED[type] : undefined) ?? KINDS[type];
    return kind === undefined ? null : columnKind(column, kind);
  },
  isInstant: ({ type }) => type === "datetime" || type === "timestamp" || type === "date",
  time(columns, settings) {
    // TIMESTAMP is an instant; the others are local times, which writers take from the server's own zone.
    const instants = columns.length === 0 || columns.every((column) => column.type === "timestamp");
    const zone = zoneClock(instants ? "UTC" : settings.timeZone);
    const names = columns.map((column) => mysqlGrammar.quote(column.name));
    const expression = names.length === 1 ? names[0]! : `COALESCE(${names.join(", ")})`;
    const digits = Math.min(...columns.map((column) => (column.type === "date" ? -5 : (column.precision ?? 0))));
    return {
      expression,
      selected: `CAST(${expression} AS DATETIME(6))`,
      read: (value) => instantNanos(value, zone),
      instant: (nanos) => (instants ? `TIMESTAMP'${localText(nanos, 6)}'` : `TIMESTAMP'${zonedText(nanos, 6, zone)}'`),
      clock: instants ? "SELECT UTC_TIMESTAMP(6)" : "SELECT CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', @@GLOBAL.time_zone)",
      stepNanos: digits < 0 ? 0n : 10n ** BigInt(9 - Math.min(9, digits)),
    };
  },
  limited: (query, rowsMax) => `${query} LIMIT ${rowsMax}`,
  page: (query, skipped, rowsMax) => `${query} LIMIT ${skipped}, ${rowsMax}`,
  sessionStatements: ({ isolation }) =>
    isolation === "DEFAULT" ? [] : [`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation.replace("_", " ")}`],
  snapshotStatement: "START TRANSACTION WITH CONSISTENT SNAPSHOT",
  pingQuery: "SELECT 1",
  writers: listWriters,
  shapeChanged: ["ER_BAD_FIELD_ERROR", "ER_NO_SUCH_TABLE", "ER_TABLE_DEF_CHANGED"],
};

let listings = 0;

/**
 * Every transaction with a number has written, or is about to: InnoDB gives it with the first lock for writing. An id is
 * taken from the counter just before, so the list is looked at a while after the ids. INNODB_TRX may be an old copy; it is
 * new when our own entry shows the query that asks.
 */
async function listWriters(connection: JdbcConnection): Promise<string[] | null> {
  await connection.query("START TRANSACTION WITH CONSISTENT SNAPSHOT");
  try {
    for (let attempt = 0; attempt < LIST_ATTEMPTS_MAX; attempt++) {
      await connection.query(LIST_WAIT);
      const mark = `millrace-${++listings}`;
      const rows = await rowsOf(
        connection,
        `SELECT /* ${mark} */ trx_mysql_thread_id, trx_id, trx_query, trx_mysql_thread_id = CONNECTION_ID()
          FROM information_schema.innodb_trx`,
      );
      if (!rows.some(([, , query, own]) => Number(own) === 1 && String(query).includes(`/* ${mark} */`))) continue;
      return rows
        .filter(([, id, , own]) => Number(own) !== 1 && hasWritten(String(id)))
        .map(([thread, id]) => `${thread}:${id}`);
    }
    return null;
  } catch (error) {
    if ((error as { code?: string }).code === DENIED) return null;
    throw error;
  } finally {
    await connection.query("ROLLBACK");
  }
}

/** Transactions that only read have 0 in MariaDB, a number above 2^48 in MySQL. */
function hasWritten(id: string): boolean {
  return id !== "0" && BigInt(id) < 2n ** 48n;
}

function tableType(type: string): string {
  const upper = type.toUpperCase();
  return mysqlGrammar.text(upper === "TABLE" ? "BASE TABLE" : upper);
}

function textOrBytes(type: string, binary: boolean): string {
  if (binary && (type === "varchar" || type === "char")) return "varbinary";
  if (!binary && type.endsWith("blob")) return type.replace("blob", "text");
  return type;
}
