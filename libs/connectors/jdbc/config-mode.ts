// Pure: configuration keys of how tables are read.
import { CaseInsensitiveValidString, ValidString } from "@millrace/connect";
import { type Entry, ISOLATION_MODES, suggest, usedBy } from "./config-checks.ts";

export const modeKeys: readonly Entry[] = [
  {
    name: "mode",
    type: "STRING",
    default: "",
    validator: ValidString.in("", "bulk", "timestamp", "incrementing", "timestamp+incrementing"),
    importance: "HIGH",
    documentation:
      "How a table is read. bulk: all of it at every poll. incrementing: new rows, by a column that only grows. " +
      "timestamp: new and changed rows, by the time of their last change. timestamp+incrementing: the same, with rows of one " +
      "timestamp told apart by a column that only grows.",
    width: "MEDIUM",
    displayName: "Table Loading Mode",
    dependents: ["incrementing.column.name", "timestamp.column.name", "validate.non.null"],
  },
  {
    name: "incrementing.column.name",
    type: "STRING",
    default: "",
    importance: "MEDIUM",
    documentation: "The column that only grows. Empty: the table's identity or serial column. It may not be nullable.",
    width: "MEDIUM",
    displayName: "Incrementing Column Name",
    recommender: usedBy("incrementing", "timestamp+incrementing"),
  },
  {
    name: "incrementing.column.mapping",
    type: "LIST",
    default: "",
    importance: "MEDIUM",
    documentation: "Incrementing columns by table: a list of regular expression:column, the first that matches counts.",
    width: "MEDIUM",
    displayName: "Incrementing Column Mapping",
  },
  {
    name: "millrace.in.flight.guard",
    type: "BOOLEAN",
    default: true,
    importance: "MEDIUM",
    documentation:
      "Read only up to where no transaction in flight can add a row: rows that commit in another order than their ids or " +
      "timestamps are not skipped. Without it the source reads whatever is committed, as Confluent's connector does.",
    width: "SHORT",
    displayName: "Wait For Transactions In Flight",
  },
  {
    name: "timestamp.column.name",
    type: "LIST",
    default: "",
    importance: "MEDIUM",
    documentation: "Timestamp columns that tell new and changed rows; of several the first that is not null counts.",
    width: "MEDIUM",
    displayName: "Timestamp Column Name",
    recommender: usedBy("timestamp", "timestamp+incrementing"),
  },
  {
    name: "timestamp.columns.mapping",
    type: "LIST",
    default: "",
    importance: "MEDIUM",
    documentation:
      "Timestamp columns by table: a list of regular expression:[column|column], the first that matches counts.",
    width: "MEDIUM",
    displayName: "Timestamp Columns Mapping",
  },
  {
    name: "timestamp.initial",
    type: "LONG",
    default: null,
    importance: "LOW",
    documentation:
      "Where timestamp modes begin without a stored offset, in milliseconds since the epoch; -1 for now. Null: the epoch.",
    width: "MEDIUM",
    displayName: "Unix time value of initial timestamp",
  },
  {
    name: "validate.non.null",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "Refuse tables whose incrementing column, or all of whose timestamp columns, may be null.",
    width: "SHORT",
    displayName: "Validate Non Null",
    recommender: usedBy("incrementing", "timestamp", "timestamp+incrementing"),
  },
  {
    name: "query",
    type: "STRING",
    default: "",
    importance: "MEDIUM",
    documentation:
      "Read this query instead of tables, into the topic topic.prefix. It is a subselect of the statements that are run, so it may " +
      "have any clauses; its columns must have names of their own.",
    width: "SHORT",
    displayName: "Query",
  },
  {
    name: "query.masked",
    type: "PASSWORD",
    default: null,
    importance: "MEDIUM",
    documentation: "As query, kept secret.",
    width: "SHORT",
    displayName: "Query",
  },
  {
    name: "quote.sql.identifiers",
    type: "STRING",
    default: "ALWAYS",
    validator: CaseInsensitiveValidString.in("ALWAYS", "NEVER"),
    importance: "MEDIUM",
    documentation:
      "Whether names are quoted in SQL. Names come from the catalog, so quoting is always right and always done.",
    width: "MEDIUM",
    displayName: "Quote Identifiers",
    recommender: suggest(["ALWAYS", "NEVER"]),
  },
  {
    name: "query.suffix",
    type: "STRING",
    default: "",
    importance: "LOW",
    documentation: "Appended to the generated query, for example LIMIT 1000. Exactly once is not offered with it.",
    width: "MEDIUM",
    displayName: "Query suffix",
  },
  {
    name: "transaction.isolation.mode",
    type: "STRING",
    default: "DEFAULT",
    validator: CaseInsensitiveValidString.in(...ISOLATION_MODES),
    importance: "LOW",
    documentation:
      "Isolation of the reading transactions. Each read is one statement or one cursor, so it sees one snapshot in every mode.",
    width: "MEDIUM",
    displayName: "Transaction Isolation Mode",
    recommender: suggest(ISOLATION_MODES),
  },
  {
    name: "query.retry.attempts",
    type: "INT",
    default: -1,
    importance: "LOW",
    documentation: "How many times in a row a failed query is tried again before the task fails; -1: no limit.",
    width: "MEDIUM",
    displayName: "Query Retry Attempts",
  },
];
