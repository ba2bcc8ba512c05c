// Pure: client properties under Kafka's Java names to librdkafka's.
import type { ClientConfig } from "../client.ts";
import { COMMON, CONSUMER_ONLY, PRODUCER_ONLY } from "./property-names.ts";
import { securityProperties } from "./security-properties.ts";

export type Role = "producer" | "consumer" | "admin";

export interface TranslatedConfig {
  readonly properties: Readonly<Record<string, string>>;
  /** What was dropped or replaced, by name; never a value. */
  readonly warnings: readonly string[];
  /** How long connecting and a single request may take: `max.block.ms` or `default.api.timeout.ms`, 60 s by default. */
  readonly apiTimeoutMs: number;
}

type Properties = Record<string, string>;
type Rule = (value: string, out: Properties, warn: (why: string) => void) => void;

const INT32_MAX = 2147483647;

/** Answers come in milliseconds instead of the 50 to 500 ms that librdkafka waits by default; backoffs still grow. */
const COMMON_DEFAULTS: Properties = {
  "topic.metadata.refresh.fast.interval.ms": "10",
  "retry.backoff.ms": "10",
  "retry.backoff.max.ms": "1000",
  "reconnect.backoff.ms": "10",
  "reconnect.backoff.max.ms": "1000",
  "socket.nagle.disable": "true",
  "log.connection.close": "false",
  "enable.metrics.push": "false",
};

const ROLE_DEFAULTS: Readonly<Record<Role, Properties>> = {
  producer: {
    "queue.buffering.max.messages": "100000",
    // As Java's buffer.memory: what waits here is memory beyond the heap.
    "queue.buffering.max.kbytes": "32768",
    "queue.buffering.max.ms": "1",
    "batch.num.messages": "10000",
    "batch.size": "1000000",
    partitioner: "murmur2_random",
  },
  consumer: {
    "isolation.level": "read_uncommitted",
    // 1000 by default: a second of pause each time that queued.min.messages is reached.
    "fetch.queue.backoff.ms": "2",
    "fetch.error.backoff.ms": "50",
    "queued.min.messages": "20000",
    "queued.max.messages.kbytes": "16384",
    "allow.auto.create.topics": "false",
    // 5 minutes by default, which is also how long a subscriber of a topic that does not exist yet would miss its creation.
    "topic.metadata.refresh.interval.ms": "2000",
  },
  admin: { "allow.auto.create.topics": "false" },
};

/** Set after the user's own: the adapter's correctness rests on them. */
const ROLE_FORCED: Readonly<Record<Role, Properties>> = {
  // Only failures cross into JavaScript, and only from a producer that has no commit to tell them. A transactional one
  // wants the reports of successes too, and has no callback for them: they are what wakes librdkafka's flush, which
  // otherwise looks every 10 ms only, and a commit with it.
  producer: { "delivery.report.only.error": "true" },
  // End-of-partition events carry the position behind transaction markers.
  consumer: { "enable.auto.commit": "false", "enable.auto.offset.store": "false", "enable.partition.eof": "true" },
  admin: {},
};

const clamp =
  (name: string, min: number, max: number): Rule =>
  (value, out) => {
    out[name] = String(Math.min(max, Math.max(min, Math.trunc(Number(value)))));
  };
const drop: Rule = () => {};
const ignored =
  (why: string): Rule =>
  (_value, _out, warn) =>
    warn(why);
const compressionLevel =
  (codec: string): Rule =>
  (value, out) => {
    if (out["compression.type"] === codec) out["compression.level"] = value;
  };

const COMMON_RULES: Readonly<Record<string, Rule>> = {
  "send.buffer.bytes": clamp("socket.send.buffer.bytes", 0, 100_000_000),
  "receive.buffer.bytes": clamp("socket.receive.buffer.bytes", 0, 100_000_000),
  "connections.max.idle.ms": clamp("connections.max.idle.ms", 0, INT32_MAX),
  "metadata.max.age.ms": clamp("topic.metadata.refresh.interval.ms", 10, 3_600_000),
  "key.serializer": drop,
  "value.serializer": drop,
  "key.deserializer": drop,
  "value.deserializer": drop,
  "metric.reporters": drop,
  "metrics.num.samples": drop,
  "metrics.recording.level": drop,
  "metrics.sample.window.ms": drop,
  "auto.include.jmx.reporter": drop,
  "max.poll.records": drop,
  "max.block.ms": drop,
  "default.api.timeout.ms": drop,
};

const ROLE_RULES: Readonly<Record<Role, Readonly<Record<string, Rule>>>> = {
  producer: {
    acks: (value, out) => {
      out.acks = value === "all" ? "-1" : value;
    },
    "max.request.size": clamp("message.max.bytes", 1000, 1_000_000_000),
    "buffer.memory": (value, out) => {
      out["queue.buffering.max.kbytes"] = String(Math.min(INT32_MAX, Math.max(1, Math.floor(Number(value) / 1024))));
    },
    "linger.ms": clamp("queue.buffering.max.ms", 0, 900_000),
    "batch.size": clamp("batch.size", 1, INT32_MAX),
    "request.timeout.ms": clamp("request.timeout.ms", 1, 900_000),
    "compression.gzip.level": compressionLevel("gzip"),
    "compression.lz4.level": compressionLevel("lz4"),
    "compression.zstd.level": compressionLevel("zstd"),
    "partitioner.class": ignored("not available here; records are partitioned by key as Java's default does"),
    "partitioner.ignore.keys": (value, out) => {
      if (value === "true") out.partitioner = "random";
    },
    "partitioner.adaptive.partitioning.enable": drop,
    "partitioner.availability.timeout.ms": drop,
  },
  consumer: {
    "fetch.max.wait.ms": clamp("fetch.wait.max.ms", 0, 300_000),
    "request.timeout.ms": clamp("socket.timeout.ms", 10, 300_000),
    "max.poll.interval.ms": clamp("max.poll.interval.ms", 1, 86_400_000),
    "group.protocol": (value, out) => {
      out["group.protocol"] = value.toLowerCase();
    },
    "auto.offset.reset": (value, out, warn) => {
      if (value.startsWith("by_duration")) warn("by_duration is not available here; `earliest` is used");
      out["auto.offset.reset"] = value === "none" ? "error" : value.startsWith("by_duration") ? "earliest" : value;
    },
    "enable.auto.commit": (value, _out, warn) => {
      if (value === "true") warn("offsets are only committed explicitly");
    },
    "auto.commit.interval.ms": drop,
    "exclude.internal.topics": drop,
    "partition.assignment.strategy": assignmentStrategy,
  },
  admin: { "request.timeout.ms": clamp("socket.timeout.ms", 10, 300_000) },
};

const ASSIGNORS: Readonly<Record<string, string>> = {
  RangeAssignor: "range",
  RoundRobinAssignor: "roundrobin",
  StickyAssignor: "roundrobin",
  CooperativeStickyAssignor: "cooperative-sticky",
};

/** librdkafka cannot offer eager and cooperative assignors together, as Java does for an upgrade: the first decides. */
function assignmentStrategy(value: string, out: Properties, warn: (why: string) => void): void {
  const names = value.split(",").map((name) => name.trim().split(".").at(-1) ?? "");
  const assignors = [...new Set(names.map((name) => ASSIGNORS[name] ?? name))];
  const cooperative = assignors[0] === "cooperative-sticky";
  const kept = assignors.filter((name) => (name === "cooperative-sticky") === cooperative);
  if (kept.length < assignors.length)
    warn("eager and cooperative assignors cannot be mixed; those like the first stay");
  if (names.includes("StickyAssignor")) warn("StickyAssignor is not available here; `roundrobin` is used");
  out["partition.assignment.strategy"] = kept.join(",");
}

/** A record may wait as long as its transaction, never longer: librdkafka refuses to start otherwise. */
function deliveryTimeout(config: ClientConfig, out: Properties): void {
  const given = config["delivery.timeout.ms"] ?? config["message.timeout.ms"];
  delete out["delivery.timeout.ms"];
  delete out["message.timeout.ms"];
  if (given === undefined) return;
  const timeoutMs = Number(given) >= INT32_MAX ? 0 : Math.max(0, Math.trunc(Number(given)));
  if (config["transactional.id"] === undefined) {
    out["message.timeout.ms"] = String(timeoutMs);
    return;
  }
  const transactionTimeoutMs = Number(config["transaction.timeout.ms"] ?? 60_000);
  out["message.timeout.ms"] = String(
    timeoutMs === 0 ? transactionTimeoutMs : Math.min(timeoutMs, transactionTimeoutMs),
  );
}

function passes(name: string, role: Role): boolean {
  if (COMMON.has(name)) return true;
  return (role === "producer" && PRODUCER_ONLY.has(name)) || (role === "consumer" && CONSUMER_ONLY.has(name));
}

/**
 * Translates `given`, without the blanks around values, as Java reads them. What librdkafka has no equivalent for is dropped
 * with a warning.
 */
export function translate(given: ClientConfig, role: Role): TranslatedConfig {
  const config = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.trim()]));
  const out: Properties = { ...COMMON_DEFAULTS, ...ROLE_DEFAULTS[role] };
  const warnings: string[] = [];
  const security = securityProperties(config);
  // `compression.type` must be known before a level for one codec is looked at.
  const names = Object.keys(config).sort((a, b) => Number(b === "compression.type") - Number(a === "compression.type"));
  for (const name of names) {
    const value = config[name];
    if (value === undefined || security.consumed.has(name)) continue;
    const warn = (why: string) => warnings.push(`${name}: ${why}`);
    const rule = ROLE_RULES[role][name] ?? COMMON_RULES[name];
    if (rule) rule(value, out, warn);
    else if (name in ROLE_FORCED[role]) warn("set by Millrace");
    else if (passes(name, role)) out[name] = value;
    else warn(`unknown to the ${role}, ignored`);
  }
  Object.assign(out, security.properties);
  warnings.push(...security.warnings);
  if (role === "producer") deliveryTimeout(config, out);
  Object.assign(out, ROLE_FORCED[role]);
  if (role === "producer" && config["transactional.id"] !== undefined) out["delivery.report.only.error"] = "false";
  // librdkafka wants a group even to read assigned partitions; nothing is ever joined or committed under this name.
  if (role === "consumer") out["group.id"] ??= "millrace-assigned";
  const apiTimeoutMs = Number(config["max.block.ms"] ?? config["default.api.timeout.ms"] ?? 60_000);
  return { properties: out, warnings, apiTimeoutMs: Math.min(apiTimeoutMs, INT32_MAX) };
}
