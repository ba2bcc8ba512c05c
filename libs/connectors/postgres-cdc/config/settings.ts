// Pure: the configuration, typed.
import { ConfigError, Password, type TaskConfig } from "@millrace/connect";
import type { PostgresAddress, SslMode } from "../wire/address.ts";
import { type ColumnRules, columnRules } from "./column-rules.ts";
import { postgresCdcConfigDef } from "./config-def.ts";
import { anyOf, includeOrExclude, type Matches, splitList } from "./patterns.ts";
import {
  type IncrementalSettings,
  incrementalSettings,
  type NotificationSettings,
  notificationSettings,
  type SignalSettings,
  signalSettings,
} from "./signal-settings.ts";

export type DecimalMode = "precise" | "double" | "string";
export type TimeMode =
  | "adaptive"
  | "adaptive_time_microseconds"
  | "connect"
  | "isostring"
  | "microseconds"
  | "nanoseconds";
export type BinaryMode = "bytes" | "base64" | "base64-url-safe" | "hex";
export type SnapshotMode =
  | "always"
  | "initial"
  | "initial_only"
  | "no_data"
  | "when_needed"
  | "configuration_based"
  | "custom";
export type NameAdjustment = "none" | "avro" | "avro_unicode";

/** How values appear. */
export interface ValueSettings {
  readonly decimals: DecimalMode;
  readonly times: TimeMode;
  readonly binaries: BinaryMode;
  readonly intervals: "numeric" | "string";
  readonly hstores: "json" | "map";
  readonly moneyFractionDigits: number;
  readonly includeUnknown: boolean;
  /** Stands for a value the log does not repeat. */
  readonly placeholder: { readonly bytes: Uint8Array; readonly text: string };
}

export interface KeyColumns {
  readonly table: Matches;
  readonly columns: readonly string[];
}

export interface Settings {
  readonly address: PostgresAddress;
  readonly topicPrefix: string;
  readonly topicDelimiter: string;
  readonly pluginName: string;
  readonly slot: {
    readonly name: string;
    readonly dropOnStop: boolean;
    readonly dropOnDelete: boolean;
    readonly failover: boolean;
    readonly streamParams: readonly (readonly [name: string, value: string])[];
    readonly maxRetries: number;
    readonly retryDelayMs: number;
    readonly watch: { readonly intervalMs: number; readonly warnBytes: number; readonly maxBytes: number };
    /** Changes that the slot no longer has may be skipped: `offset.mismatch.strategy`. */
    readonly trusted: boolean;
  };
  readonly publication: {
    readonly name: string;
    readonly mode: "all_tables" | "filtered" | "no_tables" | "disabled";
    readonly viaRoot: boolean;
    /** What it publishes; null: everything. */
    readonly operations: readonly string[] | null;
  };
  readonly identities: readonly { readonly table: Matches; readonly identity: string }[];
  readonly capturesTable: (schema: string, table: string) => boolean;
  /** The order in which a snapshot reads `schema.table`: that of table.include.list. */
  readonly tableRank: (id: string) => number;
  readonly capturesColumn: Matches;
  readonly capturesPrefix: Matches;
  readonly columnRules: ColumnRules;
  readonly keyColumns: readonly KeyColumns[];
  readonly values: ValueSettings;
  readonly schemaNames: NameAdjustment;
  readonly fieldNames: NameAdjustment;
  readonly comments: boolean;
  readonly tombstones: boolean;
  readonly skipped: ReadonlySet<string>;
  readonly skipUnchanged: boolean;
  readonly transactionMetadata: boolean;
  readonly transactionTopic: string;
  readonly headers: boolean;
  readonly snapshot: {
    readonly mode: SnapshotMode;
    readonly includes: Matches | null;
    readonly overrides: ReadonlyMap<string, string>;
    readonly delayMs: number;
    /** Rows of tables that are added later are read. */
    readonly added: boolean;
    /** How many connections read. */
    readonly threads: number;
    readonly lock: boolean;
    readonly lockTimeoutMs: number;
    readonly based: { readonly data: boolean; readonly stream: boolean; readonly onDataError: boolean };
  };
  readonly streamingDelayMs: number;
  readonly statusIntervalMs: number;
  readonly confirms: boolean;
  readonly xminIntervalMs: number;
  readonly queueMax: number;
  /** Nothing is written to the database. */
  readonly readOnly: boolean;
  readonly signals: SignalSettings;
  readonly incremental: IncrementalSettings;
  readonly notifications: NotificationSettings;
  readonly heartbeat: { readonly intervalMs: number; readonly topic: string; readonly query: string | null };
}

const BUILT_IN = /^(pg_catalog|information_schema|pg_toast)$/;

/** @throws ConfigError when a value is of the wrong type or missing. */
export function cdcSettings(config: TaskConfig): Settings {
  const parsed = postgresCdcConfigDef.parse(config);
  const text = (name: string): string | null => {
    const value = parsed[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const word = (name: string) => (text(name) ?? "").toLowerCase();
  const list = (name: string) => splitList(config[name] ?? null);
  const number = (name: string) => Number(parsed[name]);
  const flag = (name: string) => parsed[name] === true;
  const extra = (name: string, fallback: string) => config[name]?.trim() || fallback;
  const prefix = required(text("topic.prefix"), "topic.prefix");
  const delimiter = extra("topic.delimiter", ".");
  const schemas = includeOrExclude(list("schema.include.list"), list("schema.exclude.list"));
  const tables = includeOrExclude(list("table.include.list"), list("table.exclude.list"));
  const ranks = list("table.include.list").map((expression) => anyOf([expression]));
  const skipped = (parsed["skipped.operations"] as readonly string[] | null) ?? [];
  const included = list("snapshot.include.collection.list");
  const signals = signalSettings(config);
  return {
    address: {
      host: required(text("database.hostname"), "database.hostname"),
      port: number("database.port"),
      user: required(text("database.user"), "database.user"),
      password: parsed["database.password"] instanceof Password ? parsed["database.password"].value : null,
      database: required(text("database.dbname"), "database.dbname"),
      sslMode: word("database.sslmode") as SslMode,
      sslRootCert: text("database.sslrootcert"),
      sslCert: text("database.sslcert"),
      sslKey: text("database.sslkey"),
      sslPassword: parsed["database.sslpassword"] instanceof Password ? parsed["database.sslpassword"].value : null,
      keepAlive: flag("database.tcpKeepAlive"),
      connectTimeoutMs: number("connection.validation.timeout.ms"),
      initialStatements: (text("database.initial.statements") ?? "").split(/(?<!;);(?!;)/).filter((sql) => sql.trim()),
    },
    topicPrefix: prefix,
    topicDelimiter: delimiter,
    pluginName: word("plugin.name"),
    slot: {
      name: required(text("slot.name"), "slot.name"),
      dropOnStop: flag("slot.drop.on.stop"),
      dropOnDelete: flag("millrace.slot.drop.on.delete"),
      failover: flag("slot.failover"),
      streamParams: streamParams(text("slot.stream.params")),
      maxRetries: number("slot.max.retries"),
      retryDelayMs: number("slot.retry.delay.ms"),
      watch: {
        intervalMs: number("millrace.slot.watch.interval.ms"),
        warnBytes: number("millrace.slot.retained.wal.warn.bytes"),
        maxBytes: number("millrace.slot.retained.wal.max.bytes"),
      },
      trusted:
        ["trust_slot", "trust_greater_lsn"].includes(
          extra("offset.mismatch.strategy", "no_validation").toLowerCase(),
        ) ||
        // Debezium itself moved the slot past its offsets then.
        word("lsn.flush.mode") === "connector_and_driver",
    },
    publication: {
      name: required(text("publication.name"), "publication.name"),
      mode: word("publication.autocreate.mode") as Settings["publication"]["mode"],
      viaRoot: flag("publish.via.partition.root"),
      operations: publishedOperations(config["skipped.operations"] === undefined ? [] : skipped),
    },
    identities: list("replica.identity.autoset.values").map((entry) => {
      const at = entry.lastIndexOf(":");
      return { table: anyOf([entry.slice(0, at)]), identity: entry.slice(at + 1).trim() };
    }),
    capturesTable: (schema, table) =>
      (!BUILT_IN.test(schema) && schemas(schema) && tables(`${schema}.${table}`)) ||
      signals.tables.some((each) => each.schema === schema && each.name === table),
    tableRank: (id) => {
      const rank = ranks.findIndex((matches) => matches(id));
      return rank < 0 ? ranks.length : rank;
    },
    capturesColumn: includeOrExclude(list("column.include.list"), list("column.exclude.list")),
    capturesPrefix: includeOrExclude(list("message.prefix.include.list"), list("message.prefix.exclude.list")),
    columnRules: columnRules(config),
    keyColumns: keyColumns(text("message.key.columns")),
    values: {
      decimals: word("decimal.handling.mode") as DecimalMode,
      times: word("time.precision.mode") as TimeMode,
      binaries: word("binary.handling.mode") as BinaryMode,
      intervals: word("interval.handling.mode") as "numeric" | "string",
      hstores: word("hstore.handling.mode") as "json" | "map",
      moneyFractionDigits: Number(extra("money.fraction.digits", "2")),
      includeUnknown: flag("include.unknown.datatypes"),
      placeholder: placeholderOf(text("unavailable.value.placeholder") ?? "__debezium_unavailable_value"),
    },
    schemaNames: word("schema.name.adjustment.mode") as NameAdjustment,
    fieldNames: extra("field.name.adjustment.mode", "none").toLowerCase() as NameAdjustment,
    comments: flag("include.schema.comments"),
    tombstones: flag("tombstones.on.delete"),
    skipped: new Set(skipped.includes("none") ? [] : skipped),
    skipUnchanged: config["skip.messages.without.change"]?.trim().toLowerCase() === "true",
    transactionMetadata: flag("provide.transaction.metadata"),
    transactionTopic: [prefix, extra("topic.transaction", "transaction")].join(delimiter),
    headers: flag("extended.headers.enabled"),
    snapshot: {
      mode: (word("snapshot.mode") === "never" ? "no_data" : word("snapshot.mode")) as SnapshotMode,
      includes: included.length > 0 ? anyOf(included) : null,
      overrides: new Map(
        list("snapshot.select.statement.overrides").flatMap((table) => {
          const sql = config[`snapshot.select.statement.overrides.${table}`];
          return sql === undefined ? [] : [[table, sql]];
        }),
      ),
      delayMs: number("snapshot.delay.ms"),
      added: flag("millrace.snapshot.added.tables"),
      threads: Math.max(1, number("snapshot.max.threads")),
      lock: word("snapshot.locking.mode") === "shared",
      lockTimeoutMs: number("snapshot.lock.timeout.ms"),
      based: {
        data: flag("snapshot.mode.configuration.based.snapshot.data"),
        stream: flag("snapshot.mode.configuration.based.start.stream"),
        onDataError: flag("snapshot.mode.configuration.based.snapshot.on.data.error"),
      },
    },
    streamingDelayMs: number("streaming.delay.ms"),
    statusIntervalMs: number("status.update.interval.ms"),
    confirms: word("lsn.flush.mode") !== "manual" && flag("flush.lsn.source"),
    xminIntervalMs: number("xmin.fetch.interval.ms"),
    queueMax: number("max.queue.size"),
    readOnly: extra("read.only", "false").toLowerCase() === "true",
    signals,
    incremental: incrementalSettings(config),
    notifications: notificationSettings(config),
    heartbeat: {
      intervalMs: number("heartbeat.interval.ms"),
      topic: [extra("topic.heartbeat.prefix", text("heartbeat.topics.prefix") ?? "__debezium-heartbeat"), prefix].join(
        delimiter,
      ),
      query: text("heartbeat.action.query"),
    },
  };
}

/** As text, or as bytes: `hex:…`. */
function placeholderOf(value: string): ValueSettings["placeholder"] {
  const bytes = value.startsWith("hex:") ? Buffer.from(value.slice(4), "hex") : Buffer.from(value);
  return { bytes, text: bytes.toString() };
}

/** Those that are skipped on purpose are not even sent. */
function publishedOperations(skipped: readonly string[]): string[] | null {
  if (skipped.length === 0 || skipped.includes("none")) return null;
  const all = { c: "insert", u: "update", d: "delete", t: "truncate" };
  return Object.entries(all).flatMap(([code, operation]) => (skipped.includes(code) ? [] : [operation]));
}

function required(value: string | null, name: string): string {
  if (value !== null) return value;
  throw new ConfigError(`The '${name}' value is invalid: A value is required`, { code: "CONFIG_MISSING" });
}

function streamParams(text: string | null): (readonly [string, string])[] {
  return (text ?? "").split(";").flatMap((entry) => {
    const at = entry.indexOf("=");
    return at < 0 ? [] : [[entry.slice(0, at).trim(), entry.slice(at + 1).trim()] as const];
  });
}

function keyColumns(text: string | null): KeyColumns[] {
  return (text ?? "").split(";").flatMap((entry) => {
    const at = entry.lastIndexOf(":");
    if (at < 0) return [];
    const columns = entry
      .slice(at + 1)
      .split(",")
      .map((each) => each.trim());
    return [{ table: anyOf([entry.slice(0, at)]), columns }];
  });
}
