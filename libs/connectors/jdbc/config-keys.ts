// Pure: every key the JDBC source can be configured with.
import { CaseInsensitiveValidString, ConfigDef, Range } from "@millrace/connect";
import { type Entry, GRANULARITIES, suggest, timeZone, topicPrefix } from "./config-checks.ts";
import { databaseKeys } from "./config-database.ts";
import { modeKeys } from "./config-mode.ts";

const connectorKeys: readonly Entry[] = [
  {
    name: "table.types",
    type: "LIST",
    default: "TABLE",
    importance: "LOW",
    documentation: "Kinds of tables to copy: TABLE, VIEW, MATERIALIZED VIEW, PARTITIONED TABLE, FOREIGN TABLE.",
    width: "MEDIUM",
    displayName: "Table Types",
  },
  {
    name: "poll.interval.ms",
    type: "INT",
    default: 5000,
    validator: Range.atLeast(0),
    importance: "HIGH",
    documentation: "Milliseconds between two looks at a table that had nothing more.",
    width: "SHORT",
    displayName: "Poll Interval (ms)",
  },
  {
    name: "batch.max.rows",
    type: "INT",
    default: 1000,
    validator: Range.atLeast(1),
    importance: "LOW",
    documentation: "The most records one poll gives.",
    width: "SHORT",
    displayName: "Max Rows Per Batch",
  },
  {
    name: "max.buffer.size",
    type: "INT",
    default: 0,
    importance: "LOW",
    documentation: "Has no effect: one slice is read ahead.",
    width: "SHORT",
    displayName: "Max Buffer Size",
  },
  {
    name: "poll.linger.ms",
    type: "LONG",
    default: 5000,
    importance: "LOW",
    documentation: "Has no effect: polls do not linger.",
    width: "SHORT",
    displayName: "Poll Linger (ms)",
  },
  {
    name: "table.monitoring.startup.polling.limit.ms",
    type: "LONG",
    default: 10_000,
    importance: "LOW",
    documentation: "Has no effect: tables are listed before tasks are made.",
    internal: true,
  },
  {
    name: "table.poll.interval.ms",
    type: "LONG",
    default: 60_000,
    validator: Range.atLeast(1),
    importance: "LOW",
    documentation:
      "Milliseconds between two looks for new or removed tables, which change the tasks, and for changed columns.",
    width: "SHORT",
    displayName: "Metadata Change Monitoring Interval (ms)",
  },
  {
    name: "topic.prefix",
    type: "STRING",
    validator: topicPrefix,
    importance: "HIGH",
    documentation:
      "The topic of a table is this prefix followed by the table's name; that of a query is the prefix alone.",
    width: "MEDIUM",
    displayName: "Topic Prefix",
  },
  {
    name: "timestamp.delay.interval.ms",
    type: "LONG",
    default: 0,
    importance: "HIGH",
    documentation:
      "How far timestamp modes stay behind the database's clock, for timestamps that come from applications' clocks.",
    width: "MEDIUM",
    displayName: "Delay Interval (ms)",
  },
  {
    name: "db.timezone",
    type: "STRING",
    default: "UTC",
    validator: timeZone,
    importance: "MEDIUM",
    documentation: "The time zone in which timestamps without a zone are meant.",
    width: "MEDIUM",
    displayName: "DB time zone",
  },
  {
    name: "date.calendar.system",
    type: "STRING",
    default: "LEGACY",
    validator: CaseInsensitiveValidString.in("LEGACY", "PROLEPTIC_GREGORIAN"),
    importance: "LOW",
    documentation: "Dates are always proleptic Gregorian, as in Postgres; the two differ only before 1582.",
    width: "MEDIUM",
    displayName: "Date Calendar System",
  },
  {
    name: "timestamp.granularity",
    type: "STRING",
    default: "connect_logical",
    validator: CaseInsensitiveValidString.in(...GRANULARITIES),
    importance: "LOW",
    documentation:
      "How timestamps appear: connect_logical (milliseconds), or micro- or nanoseconds since the epoch as a number, as text, or as ISO date and time.",
    width: "MEDIUM",
    displayName: "Timestamp granularity for timestamp columns",
    recommender: suggest(GRANULARITIES),
  },
];

export const jdbcSourceConfigDef = new ConfigDef();
for (const [group, entries] of [
  ["Database", databaseKeys],
  ["Mode", modeKeys],
  ["Connector", connectorKeys],
] as const) {
  for (const [i, entry] of entries.entries()) jdbcSourceConfigDef.define({ ...entry, group, orderInGroup: i + 1 });
}
