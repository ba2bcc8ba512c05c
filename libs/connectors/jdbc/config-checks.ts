// Pure: values and checks the configuration keys share.
import {
  type ConfigKeyDefinition,
  type ConfigRecommender,
  type ConfigValidator,
  invalidValue,
  lambda,
} from "@millrace/connect";

export type Entry = Omit<ConfigKeyDefinition, "group" | "orderInGroup">;

export const NUMERIC_MAPPINGS = ["none", "precision_only", "best_fit", "best_fit_eager_double"] as const;
export const GRANULARITIES = [
  "connect_logical",
  "micros_long",
  "micros_string",
  "micros_iso_datetime_string",
  "nanos_long",
  "nanos_string",
  "nanos_iso_datetime_string",
] as const;
export const ISOLATION_MODES = [
  "DEFAULT",
  "READ_UNCOMMITTED",
  "READ_COMMITTED",
  "REPEATABLE_READ",
  "SERIALIZABLE",
  "SQL_SERVER_SNAPSHOT",
];

export const DIALECT_NAMES = [
  "",
  "PostgreSqlDatabaseDialect",
  "MySqlDatabaseDialect",
  "SqliteDatabaseDialect",
  "SqlServerDatabaseDialect",
  "OracleDatabaseDialect",
];

export const suggest = (values: readonly string[]): ConfigRecommender => ({
  validValues: () => values,
  visible: () => true,
});

export const orNull = (validator: ConfigValidator): ConfigValidator =>
  lambda((name, value) => {
    if (value !== null) validator.ensureValid(name, value);
  }, validator.toString());

export const usedBy = (...modes: readonly string[]): ConfigRecommender => ({
  validValues: () => [],
  visible: (_name, parsed) => modes.includes(String(parsed.mode)),
});

export const topicPrefix = lambda((name, value) => {
  const prefix = String(value ?? "").trim();
  if (prefix.length > 249) {
    throw invalidValue(name, value, "Topic prefix length must not exceed max topic name length, 249 chars");
  }
  if (/[^a-zA-Z0-9._-]/.test(prefix)) {
    const reason = "Topic prefix must not contain any character other than ASCII alphanumerics, '.', '_' and '-'.";
    throw invalidValue(name, value, reason);
  }
}, "letters, digits, '.', '_' and '-', at most 249 characters");

export const timeZone = lambda((name, value) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: String(value) });
  } catch {
    throw invalidValue(name, value, "Invalid time zone identifier");
  }
}, "a time zone identifier");

export const regularExpressions = lambda((name, value) => {
  for (const pattern of (value as readonly string[] | null) ?? []) {
    try {
      new RegExp(pattern);
    } catch {
      throw invalidValue(name, pattern, "not a regular expression");
    }
  }
}, "regular expressions");

export type NumericMapping = (typeof NUMERIC_MAPPINGS)[number];
export type TimestampGranularity = (typeof GRANULARITIES)[number];
