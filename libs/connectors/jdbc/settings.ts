// Pure: the JDBC source's configuration, typed.
import type { ConfigProblem, Password, TaskConfig } from "@millrace/connect";
import type { NumericMapping, TimestampGranularity } from "./config-checks.ts";
import { jdbcSourceConfigDef } from "./config-keys.ts";
import type { TableFilter, TableId } from "./table-id.ts";

export interface JdbcSourceSettings {
  readonly url: string;
  readonly user: string | null;
  readonly password: Password | null;
  readonly connectAttempts: number;
  readonly connectBackoffMs: number;
  readonly dialectName: string;
  readonly mode: string;
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

export const SUPPORTED_MODES: readonly string[] = ["bulk", "incrementing"];

/** @throws ConfigError when a value is missing or wrong. */
export function jdbcSourceSettings(config: TaskConfig): JdbcSourceSettings {
  const parsed = jdbcSourceConfigDef.parse(config);
  const text = (name: string) => parsed[name] as string;
  const list = (name: string) => (parsed[name] as readonly string[] | null) ?? [];
  const number = (name: string) => Number(parsed[name]);
  const numericMapping = text("numeric.mapping") ?? (parsed["numeric.precision.mapping"] ? "precision_only" : "none");
  return {
    url: text("connection.url"),
    user: parsed["connection.user"] as string | null,
    password: parsed["connection.password"] as Password | null,
    connectAttempts: number("connection.attempts"),
    connectBackoffMs: number("connection.backoff.ms"),
    dialectName: text("dialect.name"),
    mode: text("mode"),
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

/** What is wrong beyond single values; empty when the settings can be used. */
export function settingsProblems(config: TaskConfig): ConfigProblem[] {
  const settings = jdbcSourceSettings(config);
  const { whitelist, blacklist, includeList } = settings.tableFilter;
  const problems: ConfigProblem[] = [];
  const problem = (name: string, message: string) => problems.push({ name, message });
  if (settings.url === "") problem("connection.url", "Connection URL is required.");
  if (settings.mode === "") problem("mode", `Query mode must be specified: one of ${SUPPORTED_MODES.join(", ")}.`);
  else if (!SUPPORTED_MODES.includes(settings.mode)) {
    problem("mode", `Mode ${settings.mode} is not supported yet; supported: ${SUPPORTED_MODES.join(", ")}.`);
  }
  if (whitelist.length > 0 && blacklist.length > 0) {
    const message = "table.blacklist and table.whitelist are exclusive.";
    problem("table.whitelist", message);
    problem("table.blacklist", message);
  }
  if (whitelist.length > 0 && includeList.length > 0) {
    problem("table.include.list", "table.include.list and table.whitelist are exclusive.");
  }
  for (const name of ["query", "query.masked", "query.suffix"]) {
    if ((config[name] ?? "") !== "") problem(name, `${name} is not supported yet; name tables with table.whitelist.`);
  }
  return problems;
}

/**
 * A row is read once when its id is the offset and no id below it can still appear. bulk has no offsets, and without the
 * guard rows that commit late are skipped. Asked before the other settings are known to be right.
 */
export function exactlyOnceSupport(config: TaskConfig): "SUPPORTED" | "UNSUPPORTED" {
  const guarded = config["millrace.in.flight.guard"]?.trim().toLowerCase() !== "false";
  return config.mode?.trim() === "incrementing" && guarded ? "SUPPORTED" : "UNSUPPORTED";
}

/** The column configured for a table; empty: to be found in the table. */
export function incrementingColumnFor(id: TableId, settings: JdbcSourceSettings): string {
  for (const entry of settings.incrementingColumnMapping) {
    const at = entry.lastIndexOf(":");
    const regex = new RegExp(`^(?:${entry.slice(0, at)})$`);
    if (
      [id.name, `${id.schema}.${id.name}`, `${id.catalog}.${id.schema}.${id.name}`].some((form) => regex.test(form))
    ) {
      return entry.slice(at + 1);
    }
  }
  return settings.incrementingColumn;
}
