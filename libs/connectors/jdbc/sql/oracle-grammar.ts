import { isConnectError } from "@millrace/connect";
import { type CatalogColumn, rowsOf, type SqlGrammar } from "./sql-grammar.ts";
import {
  booleanKind,
  bytesKind,
  columnKind,
  float32Kind,
  float64Kind,
  instantNanos,
  localText,
  numericKind,
  stringKind,
  timestampKind,
  zonedText,
} from "./value-kinds.ts";
import { zoneClock } from "./zone-clock.ts";

const TEXTS = /^(n?char|n?varchar2?|n?clob|long|xmltype|db_type_(n?char|n?varchar|n?clob|long|xmltype))$/;
const BYTES = /^(raw|blob|long raw)$/;
/** A NUMBER without precision and scale: as Confluent's dialect, a scale that holds any. */
const SCALE_UNSET = -127;
const SCALE_HIGH = 127;
const LOCAL_FORMAT = "'YYYY-MM-DD HH24:MI:SS.FF9'";

/** Names are those of the catalog, in upper case where they were not quoted. */
export const oracleGrammar: SqlGrammar = {
  name: "OracleDatabaseDialect",
  product: "oracle",
  quote: (name) => `"${name}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  tablesQuery: (types) => {
    const upper = types.map((type) => type.toUpperCase());
    const sources = [
      ...(upper.includes("TABLE")
        ? ["SELECT owner, table_name FROM all_tables WHERE nested = 'NO' AND secondary = 'N'"]
        : []),
      ...(upper.includes("VIEW") ? ["SELECT owner, view_name FROM all_views"] : []),
      "SELECT owner, table_name FROM all_tables WHERE 1 = 0",
    ];
    return `SELECT '', owner, table_name FROM (${sources.join(" UNION ALL ")}) found
      WHERE owner NOT IN (SELECT username FROM all_users WHERE oracle_maintained = 'Y') ORDER BY 2, 3`;
  },
  from: ({ schema, name }) => [schema, name].filter(Boolean).map(oracleGrammar.quote).join("."),
  async columns(connection, { schema, name }) {
    const rows = await rowsOf(
      connection,
      `SELECT column_name, data_type, data_precision, data_scale, nullable, identity_column FROM all_tab_columns
        WHERE owner = :1 AND table_name = :2 ORDER BY column_id`,
      [schema, name],
    );
    return rows.map(([column, type, precision, scale, nullable, identity]) =>
      catalogColumn(String(column), String(type), precision, scale, nullable === "Y", identity === "YES"),
    );
  },
  async primaryKey(connection, { schema, name }) {
    const rows = await rowsOf(
      connection,
      `SELECT k.column_name FROM all_constraints c JOIN all_cons_columns k
          ON k.owner = c.owner AND k.constraint_name = c.constraint_name
        WHERE c.constraint_type = 'P' AND c.owner = :1 AND c.table_name = :2 ORDER BY k.position`,
      [schema, name],
    );
    return rows.map(([column]) => String(column));
  },
  async resultColumns(connection, query) {
    const { columns } = await connection.query(`SELECT * FROM (${query}\n) millrace_query WHERE 1 = 0`);
    return columns.map(({ name, type, precision, scale, nullable }) => {
      const plain = type
        .toLowerCase()
        .replace(/^db_type_/, "")
        .replace("binary_integer", "number");
      return catalogColumn(name, plain, precision || null, precision ? scale : null, nullable !== false, false);
    });
  },
  kind(column, settings) {
    const { type, precision, scale } = column;
    if (type === "number") {
      const places = scale === null || scale === SCALE_UNSET ? SCALE_UNSET : scale;
      const kind = numericKind(precision ?? (scale === 0 ? 38 : 0), places, settings.numericMapping);
      if (places !== SCALE_UNSET) return columnKind(column, kind);
      return columnKind(column, numericKind(0, SCALE_HIGH, "none"));
    }
    if (type === "float" || type === "binary_double") return columnKind(column, float64Kind);
    if (type === "binary_float") return columnKind(column, float32Kind);
    if (type === "date") return columnKind(column, timestampKind(settings, false));
    if (type.startsWith("timestamp")) {
      const zoned = type.includes("time zone") || /_l?tz$/.test(type);
      if (!zoned) return columnKind(column, timestampKind(settings, false));
      return columnKind(column, timestampKind(settings, true), (name) => `SYS_EXTRACT_UTC(${name})`);
    }
    if (TEXTS.test(type)) return columnKind(column, stringKind);
    if (BYTES.test(type)) return columnKind(column, bytesKind);
    return type === "boolean" ? columnKind(column, booleanKind) : null;
  },
  isInstant: ({ type }) => type === "date" || type.startsWith("timestamp"),
  time(columns, settings) {
    const zoned = columns.some(({ type }) => type.includes("time zone") || /_l?tz$/.test(type));
    const utc = zoned || columns.length === 0;
    const zone = zoneClock(utc ? "UTC" : settings.timeZone);
    const parts = columns.map(({ name, type }) => {
      const column = oracleGrammar.quote(name);
      return type.includes("time zone") || /_l?tz$/.test(type) ? `SYS_EXTRACT_UTC(${column})` : column;
    });
    const expression =
      parts.length === 1 ? parts[0]! : `COALESCE(${parts.map((part) => `CAST(${part} AS TIMESTAMP(9))`).join(", ")})`;
    const dates = columns.some(({ type }) => type === "date");
    const digits = dates ? 0 : Math.min(9, ...columns.map(({ scale }) => scale ?? 6));
    const text = (column: string) => `TO_CHAR(CAST(${column} AS TIMESTAMP(9)), ${LOCAL_FORMAT})`;
    return {
      expression,
      selected: text(expression),
      read: (value) => instantNanos(value, zone),
      instant: (nanos) => `TIMESTAMP '${utc ? localText(nanos, 9) : zonedText(nanos, 9, zone)}'`,
      clock: `SELECT ${text(utc ? "SYS_EXTRACT_UTC(SYSTIMESTAMP)" : "SYSTIMESTAMP")} FROM dual`,
      stepNanos: 10n ** BigInt(9 - digits),
    };
  },
  limited: (query, rowsMax) => `${query} FETCH FIRST ${rowsMax} ROWS ONLY`,
  page: (query, skipped, rowsMax) => `${query} OFFSET ${skipped} ROWS FETCH NEXT ${rowsMax} ROWS ONLY`,
  sessionStatements: ({ isolation }) =>
    isolation === "SERIALIZABLE" ? ["ALTER SESSION SET ISOLATION_LEVEL = SERIALIZABLE"] : [],
  snapshotStatement: "",
  pingQuery: "SELECT 1 FROM dual",
  /** Needs SELECT on V_$TRANSACTION. */
  async writers(connection) {
    try {
      const rows = await rowsOf(connection, "SELECT xidusn || '.' || xidslot || '.' || xidsqn FROM v$transaction");
      return rows.map(([id]) => String(id));
    } catch (error) {
      if (isConnectError(error) && /^ORA-(00942|01031|41900)/.test(error.code)) return null;
      throw error;
    }
  },
  shapeChanged: ["ORA-00904", "ORA-00942"],
};

function catalogColumn(
  name: string,
  type: string,
  precision: unknown,
  scale: unknown,
  nullable: boolean,
  autoIncrement: boolean,
): CatalogColumn {
  const fraction = /^timestamp\((\d)\)/i.exec(type)?.[1];
  const places = fraction ?? scale;
  return {
    name,
    type: type.toLowerCase().replace(/\(\d+\)/, ""),
    precision: precision === null || precision === undefined ? null : Number(precision),
    scale: places === null || places === undefined ? null : Number(places),
    unsigned: false,
    nullable,
    autoIncrement,
  };
}
