// Pure: how rows are written to SQL Server and Oracle, which both have MERGE.
import type { SinkDialect, WriteKind, WriteTarget } from "../sink-dialect.ts";
import type { JdbcSinkSettings } from "../sink-settings.ts";
import { TEXT_FORMS, type ValueForms } from "./column-encoder.ts";
import { makeDialect } from "./make-dialect.ts";
import { type ColumnTypes, DATE, DECIMAL, literal, names, TIME, TIMESTAMP } from "./sql-text.ts";

const SQLSERVER_TYPES: ColumnTypes = {
  [DECIMAL]: ({ schema }) => `decimal(38,${schema.parameters?.scale ?? 0})`,
  [DATE]: "date",
  [TIME]: "time",
  [TIMESTAMP]: "datetime2",
  INT8: "tinyint",
  INT16: "smallint",
  INT32: "int",
  INT64: "bigint",
  FLOAT32: "real",
  FLOAT64: "float",
  BOOLEAN: "bit",
  // A key takes at most 900 bytes.
  STRING: ({ isKey }) => (isKey ? "varchar(900)" : "varchar(max)"),
  BYTES: "varbinary(max)",
};

const ORACLE_TYPES: ColumnTypes = {
  [DECIMAL]: ({ schema }) => `NUMBER(*,${schema.parameters?.scale ?? 0})`,
  [DATE]: "DATE",
  [TIME]: "DATE",
  [TIMESTAMP]: "TIMESTAMP",
  INT8: "NUMBER(3,0)",
  INT16: "NUMBER(5,0)",
  INT32: "NUMBER(10,0)",
  INT64: "NUMBER(19,0)",
  FLOAT32: "BINARY_FLOAT",
  FLOAT64: "BINARY_DOUBLE",
  BOOLEAN: "NUMBER(1,0)",
  STRING: "VARCHAR2(4000)",
  BYTES: "BLOB",
};

/** Texts in the formats the connection has set for its session. */
const ORACLE_FORMS: ValueForms = {
  ...TEXT_FORMS,
  date: (ms, zone) => `${zone.date(ms)} 00:00:00`,
  time: (ms, zone) => `1970-01-01 ${zone.time(ms).slice(0, 8)}`,
};

/** SQL Server takes at most 2,100 values in one statement, and 1,000 rows in VALUES. */
const VALUES_MAX = 2000;

export function sqlserverSink(settings: JdbcSinkSettings): SinkDialect {
  return makeDialect(settings, {
    product: "sqlserver",
    quotes: ["[", "]"],
    schemasAreCatalogs: false,
    types: SQLSERVER_TYPES,
    fineTimestampType: "datetime2",
    forms: TEXT_FORMS,
    literal: (schema, value) => literal(schema, value, { true: "1", false: "0", bytes: (hex) => `0x${hex}` }),
    describe: ({ schema, name }) => ({
      sql:
        "SELECT CASE t.TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, c.COLUMN_NAME, " +
        "c.DATA_TYPE + CASE WHEN c.CHARACTER_MAXIMUM_LENGTH = -1 THEN '(max)' WHEN c.CHARACTER_MAXIMUM_LENGTH IS NOT NULL " +
        "THEN '(' + CAST(c.CHARACTER_MAXIMUM_LENGTH AS varchar(10)) + ')' WHEN c.DATA_TYPE IN ('decimal', 'numeric') " +
        "THEN '(' + CAST(c.NUMERIC_PRECISION AS varchar(10)) + ',' + CAST(c.NUMERIC_SCALE AS varchar(10)) + ')' ELSE '' END " +
        "FROM INFORMATION_SCHEMA.COLUMNS c JOIN INFORMATION_SCHEMA.TABLES t " +
        "ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME " +
        "WHERE c.TABLE_NAME = @p1 AND c.TABLE_SCHEMA = COALESCE(@p2, SCHEMA_NAME()) ORDER BY c.ORDINAL_POSITION",
      values: [name, schema],
    }),
    add: (definitions) => [`ADD ${definitions.join(", ")}`],
    bulk: (kind, target, table, quote) => {
      const columns = kind === "delete" ? target.key : [...target.key, ...target.others];
      const hold = settings.mergeHoldlock ? " WITH (HOLDLOCK)" : "";
      const body = statement(kind, target, quote, { table, mergeInto: `${table}${hold} AS target`, end: ";" });
      if (body === null) return null;
      // Parameters say too little of their types: a null text does not become bytes by itself.
      const row = (at: number) =>
        `(${columns.map((each, i) => `CAST(@p${at * columns.length + i + 1} AS ${each.target.type})`).join(",")})`;
      const list = columns.map((_, i) => `c${i}`).join(",");
      const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at)).join(",");
      const sql = (count: number) =>
        body(
          `(VALUES ${rows(count)}) AS incoming(${list})`,
          `SELECT ${list} FROM (VALUES ${rows(count)}) AS incoming(${list})`,
        );
      return { by: "rows", sql, rowsMax: Math.max(1, Math.min(1000, Math.floor(VALUES_MAX / columns.length))) };
    },
  });
}

export function oracleSink(settings: JdbcSinkSettings): SinkDialect {
  return makeDialect(settings, {
    product: "oracle",
    quotes: ['"', '"'],
    schemasAreCatalogs: false,
    placeOf: ({ schema, name }) => ({ catalog: null, schema, name }),
    types: ORACLE_TYPES,
    fineTimestampType: "TIMESTAMP(9)",
    forms: ORACLE_FORMS,
    literal: (schema, value) => {
      const text = literal(schema, value, { true: "1", false: "0", bytes: (hex) => `HEXTORAW('${hex}')` });
      if (schema.name === DATE) return `DATE ${text}`;
      return schema.name === TIMESTAMP ? `TIMESTAMP ${text}` : text;
    },
    describe: ({ schema, name }) => ({
      sql:
        "SELECT CASE WHEN v.VIEW_NAME IS NULL THEN 'TABLE' ELSE 'VIEW' END, c.COLUMN_NAME, c.DATA_TYPE FROM ALL_TAB_COLUMNS c " +
        "LEFT JOIN ALL_VIEWS v ON v.OWNER = c.OWNER AND v.VIEW_NAME = c.TABLE_NAME " +
        "WHERE c.TABLE_NAME = :1 AND c.OWNER = COALESCE(:2, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) ORDER BY c.COLUMN_ID",
      values: [settings.quoteNames ? name : name.toUpperCase(), schema],
    }),
    add: (definitions) => [`ADD(${definitions.join(", ")})`],
    bulk: (kind, target, table, quote) => {
      const columns = kind === "delete" ? target.key : [...target.key, ...target.others];
      const body = statement(kind, target, quote, { table, mergeInto: `${table} target`, end: "" });
      const select = `SELECT ${columns.map((_, i) => `:${i + 1} AS c${i}`).join(",")} FROM dual`;
      return body === null ? null : { by: "row", sql: body(`(${select}) incoming`, select) };
    },
  });
}

interface MergeParts {
  readonly table: string;
  /** The table as MERGE names it, with its other name `target`. */
  readonly mergeInto: string;
  readonly end: string;
}

/** Given the incoming rows, as a source for MERGE and as a query, with columns c0, c1, …: the statement. */
function statement(
  kind: WriteKind,
  target: WriteTarget,
  quote: (name: string) => string,
  { table, mergeInto, end }: MergeParts,
): ((source: string, query: string) => string) | null {
  const key = names(target.key, quote);
  const others = names(target.others, quote);
  const all = [...key, ...others];
  const matches = (left: string) => key.map((name, i) => `${left}.${name}=incoming.c${i}`).join(" AND ");
  const changes = others.map((name, i) => `target.${name}=incoming.c${key.length + i}`).join(",");
  const update = others.length === 0 ? "" : ` WHEN MATCHED THEN UPDATE SET ${changes}`;
  const merge = (source: string) => `MERGE INTO ${mergeInto} USING ${source} ON (${matches("target")})${update}`;
  const values = all.map((_, i) => `incoming.c${i}`).join(",");
  switch (kind) {
    case "insert":
      return (_source, query) => `INSERT INTO ${table} (${all.join(",")}) ${query}`;
    case "update":
      return others.length === 0 ? null : (source) => merge(source) + end;
    case "upsert":
      return (source) => `${merge(source)} WHEN NOT MATCHED THEN INSERT(${all.join(",")}) VALUES(${values})${end}`;
    case "delete":
      return (_source, query) =>
        `DELETE FROM ${table} WHERE EXISTS (SELECT 1 FROM (${query}) incoming WHERE ${matches(table)})`;
  }
}
