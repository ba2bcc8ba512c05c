// Pure: what is wrong with a configuration, in Debezium's words.
import { type ConfigProblem, regexProblem, type TaskConfig } from "@millrace/connect";
import { postgresCdcConfigDef } from "./config-def.ts";
import { splitList } from "./patterns.ts";

/** Allowed values in the order Debezium lists them. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "plugin.name": ["decoderbufs", "pgoutput"],
  "publication.autocreate.mode": ["no_tables", "filtered", "disabled", "all_tables"],
  "database.sslmode": ["allow", "prefer", "disable", "verify-ca", "require", "verify-full"],
  "lsn.flush.timeout.action": ["fail", "warn", "ignore"],
  "lsn.flush.mode": ["connector_and_driver", "connector", "manual"],
  "event.processing.failure.handling.mode": ["warn", "fail", "ignore", "skip"],
  "incremental.snapshot.watermarking.strategy": ["insert_delete", "insert_insert"],
  "guardrail.collections.limit.action": ["warn", "fail"],
  "decimal.handling.mode": ["string", "double", "precise"],
  "time.precision.mode": [
    "adaptive",
    "adaptive_time_microseconds",
    "isostring",
    "microseconds",
    "nanoseconds",
    "connect",
  ],
  "snapshot.mode": ["always", "initial_only", "configuration_based", "when_needed", "initial", "custom", "no_data"],
  "snapshot.isolation.mode": ["read_uncommitted", "repeatable_read", "read_committed", "serializable"],
  "snapshot.query.mode": ["custom", "select_all"],
  "snapshot.locking.mode": ["shared", "custom", "none"],
  "hstore.handling.mode": ["json", "map"],
  "binary.handling.mode": ["bytes", "base64", "hex", "base64-url-safe"],
  "schema.name.adjustment.mode": ["none", "avro_unicode", "avro"],
  "interval.handling.mode": ["string", "numeric"],
  "schema.refresh.mode": ["columns_diff", "columns_diff_exclude_unchanged_toast"],
  "snapshot.tables.order.by.row.count": ["disabled", "ascending", "descending"],
};

const POSITIVE = "A positive, non-zero integer value is expected";
const NOT_NEGATIVE = "An non-negative integer is expected";
const POSITIVE_LONG = "A positive, non-zero long value is expected";
const NOT_NEGATIVE_LONG = "A non-negative long value is expected";

const NUMBERS: Readonly<Record<string, readonly [least: number, message: string]>> = {
  "status.update.interval.ms": [1, POSITIVE],
  "lsn.flush.timeout.ms": [1, POSITIVE],
  "xmin.fetch.interval.ms": [0, NOT_NEGATIVE_LONG],
  "max.batch.size": [1, POSITIVE],
  "max.queue.size": [1, "A positive queue size is required"],
  "poll.interval.ms": [1, POSITIVE],
  "max.queue.size.in.bytes": [0, NOT_NEGATIVE_LONG],
  "snapshot.delay.ms": [0, NOT_NEGATIVE_LONG],
  "streaming.delay.ms": [0, NOT_NEGATIVE_LONG],
  "snapshot.fetch.size": [0, NOT_NEGATIVE],
  "snapshot.max.threads": [1, POSITIVE],
  "snapshot.max.threads.multiplier": [1, POSITIVE],
  "retriable.restart.connector.wait.ms": [1, POSITIVE_LONG],
  "query.fetch.size": [0, NOT_NEGATIVE],
  "connection.validation.timeout.ms": [1, POSITIVE_LONG],
  "executor.shutdown.timeout.ms": [1, POSITIVE_LONG],
  "guardrail.collections.max": [0, NOT_NEGATIVE],
  "incremental.snapshot.chunk.size": [0, NOT_NEGATIVE],
  "heartbeat.interval.ms": [0, NOT_NEGATIVE],
  "signal.poll.interval.ms": [1, POSITIVE],
  "millrace.slot.watch.interval.ms": [100, "A value of at least 100 is required"],
  "millrace.slot.retained.wal.warn.bytes": [0, NOT_NEGATIVE],
  "millrace.slot.retained.wal.max.bytes": [0, NOT_NEGATIVE],
};

const REQUIRED = ["topic.prefix", "database.hostname", "database.user", "database.dbname"];

const EXCLUSIVE: readonly (readonly [key: string, other: string, shown: string])[] = [
  ["message.prefix.exclude.list", "message.prefix.include.list", "logical_decoding_message.prefix.include.list"],
  ["column.exclude.list", "column.include.list", "column.include.list"],
  ["table.exclude.list", "table.include.list", "table.include.list"],
  ["schema.exclude.list", "schema.include.list", "schema.include.list"],
];

const REGEX_LISTS = new Set(
  ["schema", "table", "column", "message.prefix"].flatMap((what) => [`${what}.include.list`, `${what}.exclude.list`]),
);

const NAME = /^[a-zA-Z0-9._-]+$/;
const KEY_COLUMNS = "^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$";
const IDENTITY =
  "(?i)^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\\w*)|FULL|NOTHING)\\s*$";

/** Java classes of the user's: without them events would be others than those asked for. */
const JAVA_CLASSES = new Set(["converters", "post.processors"]);

/** In the order of the definition. */
export function configProblems(config: TaskConfig): ConfigProblem[] {
  const parsed = postgresCdcConfigDef.parse(config);
  const problems: ConfigProblem[] = [];
  for (const name of postgresCdcConfigDef.keys.keys()) {
    for (const reason of reasons(name, parsed)) {
      problems.push({ name, message: `The '${name}' value is invalid: ${reason}` });
    }
  }
  return problems;
}

function reasons(name: string, parsed: Readonly<Record<string, unknown>>): string[] {
  const value = parsed[name] ?? null;
  const text = typeof value === "string" ? value.trim() : "";
  if (value === null || value === "") return REQUIRED.includes(name) ? ["A value is required"] : [];
  const found: string[] = [];
  const choices = CHOICES[name];
  if (choices !== undefined && !choices.includes(text.toLowerCase())) {
    found.push(`Value must be one of ${choices.join(", ")}`);
  }
  const number = NUMBERS[name];
  if (number !== undefined && Number(value) < number[0]) found.push(number[1]);
  if (name === "max.queue.size" && Number(value) <= Number(parsed["max.batch.size"])) {
    found.push("Must be larger than the maximum batch size");
  }
  for (const [key, other, shown] of EXCLUSIVE) {
    if (key === name && isGiven(value) && isGiven(parsed[other])) found.push(`"${shown}" is already specified`);
  }
  if (JAVA_CLASSES.has(name) && isGiven(value)) found.push("Java classes do not run here: leave it out");
  if (name === "snapshot.mode" && text.toLowerCase() === "custom")
    found.push("A custom snapshotter is a Java class, which does not run here");
  if (REGEX_LISTS.has(name)) {
    const wrong = splitList(Array.isArray(value) ? value.join(",") : text)
      .map(regexProblem)
      .find((each) => each !== null);
    if (wrong) found.push(`A comma-separated list of valid regular expressions is expected, but ${wrong}`);
  }
  const format = formatProblem(name, text, value);
  if (format !== null) found.push(format);
  return found;
}

function formatProblem(name: string, text: string, value: unknown): string | null {
  switch (name) {
    case "topic.prefix":
    case "database.hostname":
      if (NAME.test(text) || (name === "database.hostname" && text.includes(":"))) return null;
      return `${text} has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)`;
    case "slot.name":
      if (/^[a-z0-9_]{1,63}$/.test(text)) return null;
      return "Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63";
    case "message.key.columns":
      return misfit(text.split(";"), /^\s*([^:]+):([^:,]+(,[^:,]+)*)\s*$/, KEY_COLUMNS);
    case "replica.identity.autoset.values":
      return misfit(text.split(","), /^\s*[^\s:]+:(DEFAULT|INDEX .\w*|FULL|NOTHING)\s*$/i, IDENTITY);
    case "skipped.operations":
      return (value as readonly string[]).every((each) => /^(c|u|d|t|none)$/.test(each)) ? null : "Invalid operation";
    default:
      return null;
  }
}

function misfit(entries: readonly string[], pattern: RegExp, shown: string): string | null {
  const wrong = entries.find((entry) => entry.trim() !== "" && !pattern.test(entry));
  return wrong === undefined ? null : `${wrong} has an invalid format (expecting '${shown}')`;
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === "string" && value !== "";
}
