// Pure: every key the JDBC sink can be configured with.
import { CaseInsensitiveValidString, ConfigDef, lambda, Range, ValidString } from "@millrace/connect";
import { type Entry, suggest, timeZone } from "../config-checks.ts";
import { connectionRetryKeys } from "../connection/retry-keys.ts";
import { SINK_DIALECT_NAMES } from "./dialects/dialect-names.ts";

export const INSERT_MODES = ["insert", "upsert", "update"] as const;
export const PK_MODES = ["none", "kafka", "record_key", "record_value"] as const;
export const TABLE_TYPES = ["TABLE", "PARTITIONED TABLE", "VIEW"] as const;
export const DELIVERIES = ["at-least-once", "exactly-once"] as const;

const tableTypes = lambda(
  (name, value) => {
    const one = ValidString.in(...TABLE_TYPES);
    for (const type of value as readonly string[]) one.ensureValid(name, type.trim().toUpperCase());
  },
  `a list of ${TABLE_TYPES.join(", ")}`,
);

const connectionKeys: readonly Entry[] = [
  {
    name: "connection.url",
    type: "STRING",
    importance: "HIGH",
    documentation:
      "JDBC connection URL, for example jdbc:postgresql://localhost:5432/shop, jdbc:mysql://localhost/shop, " +
      "jdbc:mariadb://localhost/shop, jdbc:sqlite:/var/shop.db, jdbc:sqlserver://localhost;databaseName=shop or " +
      "jdbc:oracle:thin:@//localhost:1521/shop. Other keys that begin with connection. are properties of the driver.",
    width: "LONG",
    displayName: "JDBC URL",
  },
  {
    name: "connection.user",
    type: "STRING",
    default: null,
    importance: "HIGH",
    documentation: "JDBC connection user. Takes precedence over a user in the URL.",
    width: "MEDIUM",
    displayName: "JDBC User",
  },
  {
    name: "connection.password",
    type: "PASSWORD",
    default: null,
    importance: "HIGH",
    documentation: "JDBC connection password. Takes precedence over a password in the URL.",
    width: "MEDIUM",
    displayName: "JDBC Password",
  },
  {
    name: "jdbc.credentials.provider.class",
    type: "STRING",
    default: "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
    validator: ValidString.in("io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider"),
    importance: "LOW",
    documentation: "Where credentials come from. Only the default, the connection.* settings, is supported yet.",
    width: "LONG",
    displayName: "JDBC Credentials Provider Class",
  },
  {
    name: "dialect.name",
    type: "STRING",
    default: "",
    validator: ValidString.in("", ...SINK_DIALECT_NAMES),
    importance: "LOW",
    documentation: "The database dialect to use. Empty: the one for the URL.",
    width: "LONG",
    displayName: "Database Dialect",
    recommender: suggest(["", ...SINK_DIALECT_NAMES]),
  },
  ...connectionRetryKeys,
];

const writeKeys: readonly Entry[] = [
  {
    name: "insert.mode",
    type: "STRING",
    default: "insert",
    validator: CaseInsensitiveValidString.in(...INSERT_MODES),
    importance: "HIGH",
    documentation:
      "How records become rows. insert: a new row each. upsert: a new row, or the row with the same primary key is changed. " +
      "update: only rows that are there are changed.",
    width: "MEDIUM",
    displayName: "Insert Mode",
    recommender: suggest(INSERT_MODES),
  },
  {
    name: "batch.size",
    type: "INT",
    default: 3000,
    validator: Range.atLeast(0),
    importance: "MEDIUM",
    documentation: "The most rows one statement writes.",
    width: "SHORT",
    displayName: "Batch Size",
  },
  {
    name: "delete.enabled",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Whether records with a null value delete the row with their key. Requires pk.mode=record_key.",
    width: "SHORT",
    displayName: "Enable deletes",
  },
  {
    name: "millrace.delivery",
    type: "STRING",
    default: "at-least-once",
    validator: CaseInsensitiveValidString.in(...DELIVERIES),
    importance: "MEDIUM",
    documentation:
      "exactly-once keeps the offsets in the target database, in a table named millrace_sink_<connector>, and changes them in the " +
      "transaction that writes the rows: after a crash nothing is missing and nothing is there twice, in every insert.mode.",
    width: "MEDIUM",
    displayName: "Delivery guarantee",
    recommender: suggest(DELIVERIES),
  },
];

const mappingKeys: readonly Entry[] = [
  {
    name: "table.name.format",
    type: "STRING",
    default: "$" + "{topic}",
    importance: "MEDIUM",
    documentation:
      "The table a record goes to: a text in which $" +
      "{topic} stands for its topic. May name a schema: kafka.$" +
      "{topic}. A name with dots is read as schema.table or catalog.schema.table.",
    width: "LONG",
    displayName: "Table Name Format",
  },
  {
    name: "table.types",
    type: "LIST",
    default: "TABLE",
    validator: tableTypes,
    importance: "LOW",
    documentation: "Kinds of tables that are written to: TABLE, PARTITIONED TABLE, VIEW. Views are never altered.",
    width: "MEDIUM",
    displayName: "Table Types",
    recommender: suggest(TABLE_TYPES),
  },
  {
    name: "pk.mode",
    type: "STRING",
    default: "none",
    validator: CaseInsensitiveValidString.in(...PK_MODES),
    importance: "HIGH",
    documentation:
      "Where the primary key comes from. none: there is none. kafka: topic, partition and offset. record_key: fields of the " +
      "record's key, or the whole key when it is a primitive. record_value: fields of the record's value.",
    width: "MEDIUM",
    displayName: "Primary Key Mode",
    recommender: suggest(PK_MODES),
  },
  {
    name: "pk.fields",
    type: "LIST",
    default: "",
    importance: "MEDIUM",
    documentation:
      "Names of the primary key's columns. kafka: three, by default __connect_topic, __connect_partition and __connect_offset. " +
      "record_key, record_value: fields of the key or value, by default all; exactly one name for a primitive key.",
    width: "LONG",
    displayName: "Primary Key Fields",
  },
  {
    name: "fields.whitelist",
    type: "LIST",
    default: "",
    importance: "MEDIUM",
    documentation: "Fields of the value to write, beside those of the primary key. Empty: all.",
    width: "LONG",
    displayName: "Fields Whitelist",
  },
  {
    name: "db.timezone",
    type: "STRING",
    default: "UTC",
    validator: timeZone,
    importance: "MEDIUM",
    documentation: "The time zone in which dates and times are written to columns without one.",
    width: "MEDIUM",
    displayName: "DB Time Zone",
  },
  {
    name: "date.timezone",
    type: "STRING",
    default: "DB_TIMEZONE",
    validator: CaseInsensitiveValidString.in("DB_TIMEZONE", "UTC"),
    importance: "MEDIUM",
    documentation:
      "The time zone in which days (Connect's Date) are written: db.timezone, or UTC, in which they are meant.",
    width: "MEDIUM",
    displayName: "Date Time Zone",
    recommender: suggest(["DB_TIMEZONE", "UTC"]),
  },
  {
    name: "date.calendar.system",
    type: "STRING",
    default: "LEGACY",
    validator: CaseInsensitiveValidString.in("LEGACY", "PROLEPTIC_GREGORIAN"),
    importance: "LOW",
    documentation: "Dates are always proleptic Gregorian; the two differ only before 1582.",
    width: "MEDIUM",
    displayName: "Date Calendar System",
  },
  {
    name: "timestamp.precision.mode",
    type: "STRING",
    default: "microseconds",
    validator: CaseInsensitiveValidString.in("microseconds", "nanoseconds"),
    importance: "LOW",
    documentation: "What the integers in the fields of timestamp.fields.list count since the epoch.",
    width: "MEDIUM",
    displayName: "Timestamp Precision Mode",
    recommender: suggest(["microseconds", "nanoseconds"]),
  },
  {
    name: "timestamp.fields.list",
    type: "LIST",
    default: "",
    importance: "LOW",
    documentation: "Fields of the value, integers or texts, that are timestamps finer than milliseconds.",
    width: "LONG",
    displayName: "Timestamp Fields List",
  },
  {
    name: "replace.null.with.default",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Whether a null is written as the default of its field's schema, where there is one.",
    width: "SHORT",
    displayName: "Replace Nulls With Default",
  },
  {
    name: "string.output.value.column.name",
    type: "STRING",
    default: "record_value",
    importance: "LOW",
    documentation: "The column for values that are a text instead of a struct.",
    width: "MEDIUM",
    displayName: "Column of text values",
  },
];

const tableKeys: readonly Entry[] = [
  {
    name: "auto.create",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Whether a missing table is created, by the schema of the records.",
    width: "SHORT",
    displayName: "Auto-Create",
  },
  {
    name: "auto.evolve",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Whether missing columns are added. Types are never changed, and nothing is dropped.",
    width: "SHORT",
    displayName: "Auto-Evolve",
  },
  {
    name: "quote.sql.identifiers",
    type: "STRING",
    default: "ALWAYS",
    validator: CaseInsensitiveValidString.in("ALWAYS", "NEVER"),
    importance: "MEDIUM",
    documentation: "Whether names of tables and columns are quoted in statements.",
    width: "MEDIUM",
    displayName: "Quote Identifiers",
    recommender: suggest(["ALWAYS", "NEVER"]),
  },
  {
    name: "mssql.use.merge.holdlock",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Whether MERGE takes HOLDLOCK. Only for SQL Server.",
    width: "MEDIUM",
    displayName: "SQL Server - Use HOLDLOCK in MERGE",
  },
];

const retryKeys: readonly Entry[] = [
  {
    name: "max.retries",
    type: "INT",
    default: 10,
    validator: Range.atLeast(0),
    importance: "MEDIUM",
    documentation:
      "How often a write that failed is tried again before the task fails, or looks for the records at fault.",
    width: "SHORT",
    displayName: "Maximum Retries",
  },
  {
    name: "retry.backoff.ms",
    type: "INT",
    default: 3000,
    validator: Range.atLeast(0),
    importance: "MEDIUM",
    documentation: "Milliseconds between two tries of a write.",
    width: "SHORT",
    displayName: "Retry Backoff (millis)",
  },
  {
    name: "trim.sensitive.log",
    type: "BOOLEAN",
    default: false,
    importance: "LOW",
    documentation:
      "Leaves what a database says beside its message, which may hold values of rows, out of errors and logs.",
    internal: true,
  },
];

export const jdbcSinkConfigDef = new ConfigDef();
for (const [group, entries] of [
  ["Connection", connectionKeys],
  ["Writes", writeKeys],
  ["Data Mapping", mappingKeys],
  ["DDL Support", tableKeys],
  ["Retries", retryKeys],
] as const) {
  for (const [i, entry] of entries.entries()) jdbcSinkConfigDef.define({ ...entry, group, orderInGroup: i + 1 });
}
