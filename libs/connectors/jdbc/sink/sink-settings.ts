// Pure: the JDBC sink's configuration, typed.
import type { ConfigProblem, Password, TaskConfig } from "@millrace/connect";
import { parseJdbcUrl } from "../connection/jdbc-url.ts";
import { DIALECT_OF } from "./dialects/dialect-names.ts";
import { type INSERT_MODES, jdbcSinkConfigDef, type PK_MODES } from "./sink-config-keys.ts";

export type InsertMode = (typeof INSERT_MODES)[number];
export type PkMode = (typeof PK_MODES)[number];

export interface JdbcSinkSettings {
  readonly url: string;
  readonly user: string | null;
  readonly password: Password | null;
  /** What `connection.*` gives the driver beside URL, user and password. */
  readonly properties: Readonly<Record<string, string>>;
  readonly connectAttempts: number;
  readonly connectBackoffMs: number;
  readonly insertMode: InsertMode;
  readonly batchRowsMax: number;
  readonly deleteEnabled: boolean;
  readonly exactlyOnce: boolean;
  readonly tableNameFormat: string;
  readonly tableTypes: readonly string[];
  readonly pkMode: PkMode;
  readonly pkFields: readonly string[];
  readonly fieldsWhitelist: readonly string[];
  readonly timeZone: string;
  /** For days: `timeZone`, or UTC. */
  readonly dateTimeZone: string;
  readonly timestampFields: readonly string[];
  readonly timestampUnit: "microseconds" | "nanoseconds";
  readonly nullAsDefault: boolean;
  readonly textColumn: string;
  readonly autoCreate: boolean;
  readonly autoEvolve: boolean;
  readonly quoteNames: boolean;
  readonly mergeHoldlock: boolean;
  readonly retriesMax: number;
  readonly retryBackoffMs: number;
  readonly trimSensitiveLog: boolean;
}

/** @throws ConfigError when a value is missing or wrong. */
export function jdbcSinkSettings(config: TaskConfig): JdbcSinkSettings {
  const parsed = jdbcSinkConfigDef.parse(config);
  const text = (name: string) => parsed[name] as string;
  const list = (name: string) => ((parsed[name] as readonly string[] | null) ?? []).filter((item) => item !== "");
  const flag = (name: string) => parsed[name] as boolean;
  return {
    url: text("connection.url"),
    user: parsed["connection.user"] as string | null,
    password: parsed["connection.password"] as Password | null,
    properties: driverProperties(config, parsed),
    connectAttempts: Number(parsed["connection.attempts"]),
    connectBackoffMs: Number(parsed["connection.backoff.ms"]),
    insertMode: text("insert.mode").toLowerCase() as InsertMode,
    batchRowsMax: Math.max(1, Number(parsed["batch.size"])),
    deleteEnabled: flag("delete.enabled"),
    exactlyOnce: text("millrace.delivery").toLowerCase() === "exactly-once",
    tableNameFormat: text("table.name.format").trim(),
    tableTypes: list("table.types").map((type) => type.trim().toUpperCase()),
    pkMode: text("pk.mode").toLowerCase() as PkMode,
    pkFields: list("pk.fields"),
    fieldsWhitelist: list("fields.whitelist"),
    timeZone: text("db.timezone"),
    dateTimeZone: text("date.timezone").toUpperCase() === "UTC" ? "UTC" : text("db.timezone"),
    timestampFields: list("timestamp.fields.list"),
    timestampUnit: text("timestamp.precision.mode").toLowerCase() as JdbcSinkSettings["timestampUnit"],
    nullAsDefault: flag("replace.null.with.default"),
    textColumn: text("string.output.value.column.name"),
    autoCreate: flag("auto.create"),
    autoEvolve: flag("auto.evolve"),
    quoteNames: text("quote.sql.identifiers").toUpperCase() === "ALWAYS",
    mergeHoldlock: flag("mssql.use.merge.holdlock"),
    retriesMax: Number(parsed["max.retries"]),
    retryBackoffMs: Number(parsed["retry.backoff.ms"]),
    trimSensitiveLog: flag("trim.sensitive.log"),
  };
}

/** What is wrong beyond single values; empty when the settings can be used. Confluent's sink does not connect to find out either. */
export function sinkSettingsProblems(config: TaskConfig): ConfigProblem[] {
  const settings = jdbcSinkSettings(config);
  const { pkMode, pkFields, insertMode, deleteEnabled } = settings;
  const problems: ConfigProblem[] = [];
  const problem = (message: string, ...names: string[]) => {
    for (const name of names) problems.push({ name, message });
  };
  try {
    const { product } = parseJdbcUrl(settings.url);
    const dialect = config["dialect.name"]?.trim() ?? "";
    if (dialect !== "" && dialect !== DIALECT_OF[product]) {
      problem(`The dialect for this connection.url is ${DIALECT_OF[product]}.`, "dialect.name");
    }
  } catch (error) {
    problem((error as Error).message, "connection.url");
  }
  if (deleteEnabled && pkMode !== "record_key") {
    problem(
      `'${config["pk.mode"] ?? pkMode}' is invalid: Deletes are only supported for pk.mode 'record_key'`,
      "pk.mode",
    );
  }
  if (insertMode !== "insert" && pkMode === "none") {
    problem(
      `insert.mode=${insertMode} needs a primary key: set pk.mode to another than none`,
      "insert.mode",
      "pk.mode",
    );
  }
  if (pkMode === "kafka" && ![0, 3].includes(pkFields.length)) {
    problem(`With pk.mode=kafka there are either no pk.fields or exactly 3, not ${pkFields.length}`, "pk.fields");
  }
  if (settings.tableNameFormat === "") problem("A table name is required.", "table.name.format");
  return problems;
}

function driverProperties(config: TaskConfig, known: Readonly<Record<string, unknown>>): Record<string, string> {
  const prefix = "connection.";
  const given = Object.entries(config).filter(([name]) => name.startsWith(prefix) && !(name in known));
  return Object.fromEntries(given.map(([name, value]) => [name.slice(prefix.length), value]));
}
