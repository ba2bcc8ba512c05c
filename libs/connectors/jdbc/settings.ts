// Pure: the JDBC source's configuration, typed.
import type { Password, TaskConfig } from "@millrace/connect";
import type { NumericMapping, TimestampGranularity } from "./config-checks.ts";
import { jdbcSourceConfigDef } from "./config-keys.ts";
import type { Marks } from "./position.ts";
import { nameForms, type TableFilter, type TableId } from "./table-id.ts";

export interface JdbcSourceSettings {
  readonly url: string;
  readonly user: string | null;
  readonly password: Password | null;
  readonly connectAttempts: number;
  readonly connectBackoffMs: number;
  readonly dialectName: string;
  readonly mode: string;
  /** What the mode goes by; neither in bulk. */
  readonly marks: Marks;
  /** Read instead of tables; empty: tables are read. */
  readonly query: string;
  readonly querySuffix: string;
  readonly isolation: string;
  readonly timestampColumns: readonly string[];
  readonly timestampColumnsMapping: readonly string[];
  readonly timestampInitialMs: number | null;
  readonly timestampDelayMs: number;
  readonly incrementingColumn: string;
  readonly incrementingColumnMapping: readonly string[];
  readonly inFlightGuard: boolean;
  readonly validateNonNull: boolean;
  readonly tableFilter: TableFilter;
  readonly tableTypes: readonly string[];
  readonly tablePollIntervalMs: number;
  readonly pollIntervalMs: number;
  readonly batchMaxRows: number;
  readonly queryRetryAttempts: number;
  readonly topicPrefix: string;
  readonly timeZone: string;
  readonly numericMapping: NumericMapping;
  readonly timestampGranularity: TimestampGranularity;
}

/** `timestamp.initial` for the time at which reading begins. */
export const INITIAL_NOW = -1;

const MARKS: Readonly<Record<string, Marks>> = {
  incrementing: { incrementing: true, timestamp: false },
  timestamp: { incrementing: false, timestamp: true },
  "timestamp+incrementing": { incrementing: true, timestamp: true },
};
const NO_MARKS: Marks = { incrementing: false, timestamp: false };

/** @throws ConfigError when a value is missing or wrong. */
export function jdbcSourceSettings(config: TaskConfig): JdbcSourceSettings {
  const parsed = jdbcSourceConfigDef.parse(config);
  const text = (name: string) => parsed[name] as string;
  const list = (name: string) => (parsed[name] as readonly string[] | null) ?? [];
  const number = (name: string) => Number(parsed[name]);
  const numericMapping = text("numeric.mapping") ?? (parsed["numeric.precision.mapping"] ? "precision_only" : "none");
  const masked = parsed["query.masked"] as Password | null;
  return {
    url: text("connection.url"),
    user: parsed["connection.user"] as string | null,
    password: parsed["connection.password"] as Password | null,
    connectAttempts: number("connection.attempts"),
    connectBackoffMs: number("connection.backoff.ms"),
    dialectName: text("dialect.name"),
    mode: text("mode"),
    marks: MARKS[text("mode")] ?? NO_MARKS,
    query: (masked?.value || text("query")).trim().replace(/(\s*;)+$/, ""),
    querySuffix: text("query.suffix").trim(),
    isolation: text("transaction.isolation.mode").toUpperCase(),
    timestampColumns: list("timestamp.column.name").filter((name) => name !== ""),
    timestampColumnsMapping: list("timestamp.columns.mapping"),
    timestampInitialMs: parsed["timestamp.initial"] === null ? null : number("timestamp.initial"),
    timestampDelayMs: number("timestamp.delay.interval.ms"),
    incrementingColumn: text("incrementing.column.name"),
    incrementingColumnMapping: list("incrementing.column.mapping"),
    inFlightGuard: parsed["millrace.in.flight.guard"] as boolean,
    validateNonNull: parsed["validate.non.null"] as boolean,
    tableFilter: {
      whitelist: list("table.whitelist"),
      blacklist: list("table.blacklist"),
      includeList: list("table.include.list"),
      excludeList: list("table.exclude.list"),
      schemaPattern: parsed["schema.pattern"] as string | null,
      catalogPattern: parsed["catalog.pattern"] as string | null,
    },
    tableTypes: list("table.types"),
    tablePollIntervalMs: number("table.poll.interval.ms"),
    pollIntervalMs: number("poll.interval.ms"),
    batchMaxRows: number("batch.max.rows"),
    queryRetryAttempts: number("query.retry.attempts"),
    topicPrefix: text("topic.prefix").trim(),
    timeZone: text("db.timezone"),
    numericMapping: numericMapping.toLowerCase() as NumericMapping,
    timestampGranularity: text("timestamp.granularity").toLowerCase() as TimestampGranularity,
  };
}

/** The column configured for a table; empty: to be found in the table. */
export function incrementingColumnFor(id: TableId, settings: JdbcSourceSettings): string {
  return mapped(id, settings.incrementingColumnMapping) ?? settings.incrementingColumn;
}

export function timestampColumnsFor(id: TableId, settings: JdbcSourceSettings): readonly string[] {
  const columns = mapped(id, settings.timestampColumnsMapping);
  if (columns === null) return settings.timestampColumns;
  return columns
    .replace(/^\[|\]$/g, "")
    .split("|")
    .map((name) => name.trim());
}

/** What the first of `expression:value` gives whose expression matches the table. */
function mapped(id: TableId, mapping: readonly string[]): string | null {
  const forms = nameForms(id);
  for (const entry of mapping) {
    const at = entry.lastIndexOf(":");
    const regex = new RegExp(`^(?:${entry.slice(0, at)})$`);
    if (forms.some((form) => regex.test(form))) return entry.slice(at + 1).trim();
  }
  return null;
}
