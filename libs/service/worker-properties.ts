// Pure: the worker properties that Millrace reads by type, under Kafka Connect's names and `millrace.*`.
import { NAMINGS } from "@millrace/metrics";
import * as z from "zod";
import { advertisedAddress, parseListener } from "./listeners.ts";
import { LOG_LEVELS } from "./log-levels.ts";
import { type OverridePolicyName, parseOverridePolicy } from "./override-policy-name.ts";
import {
  boolean,
  count,
  int,
  list,
  listOf,
  long,
  MISSING,
  name,
  oneOf,
  parsed,
  text,
  textOrNull,
} from "./property-type.ts";
import { isSecretKey, withoutUrlCredentials } from "./secret.ts";

/** Which properties must be given, and what an absent one means. */
export interface Expectations {
  /** Distributed: `group.id` and the storage topics must be given. */
  readonly standalone: boolean;
  /** false for a service that uses neither Kafka nor converters: their properties may be absent and are then "". */
  readonly kafka: boolean;
  readonly localAddress: string;
  readonly cores: number;
}

export interface ConfigProblem {
  readonly key: string;
  /** As given, credentials hidden; null when absent. */
  readonly value: string | null;
  readonly message: string;
}

const NO_LISTENERS =
  "Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.";
const PARTITIONS = "Number of partitions must be positive, or -1 to use the broker's default";
const REPLICAS =
  "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default";
const POSTGRES_URL = "Expected a URL of PostgreSQL, ex: postgres://user@localhost:5432/millrace";

const httpOrHttps = ["http", "https"] as const;

function parsePostgresUrl(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new Error(POSTGRES_URL);
  return url;
}

function parseRatio(text: string): number {
  const ratio = Number(text);
  if (text.trim() === "" || !(ratio >= 0 && ratio <= 1)) throw new Error("Expected a number from 0 to 1");
  return ratio;
}

/** Field of the typed config → property, type and default. The one list of what Millrace reads. */
function table({ standalone, kafka, cores }: Expectations) {
  const unlessKafka = kafka ? undefined : "";
  const storageTopic = (topic: string) => name(standalone ? topic : unlessKafka);
  const replicas = count(standalone ? -1 : 3, REPLICAS);
  return {
    groupId: ["group.id", name(standalone ? "connect-standalone" : undefined)],
    bootstrapServers: ["bootstrap.servers", name(unlessKafka)],
    keyConverter: ["key.converter", name(unlessKafka)],
    valueConverter: ["value.converter", name(unlessKafka)],
    headerConverter: ["header.converter", name("org.apache.kafka.connect.storage.SimpleHeaderConverter")],
    pluginPath: ["plugin.path", list<readonly string[]>([])],
    configProviderNames: ["config.providers", list<readonly string[]>([])],
    clientConfigOverridePolicy: [
      "connector.client.config.override.policy",
      parsed<OverridePolicyName>(parseOverridePolicy, "All"),
    ],
    clientConfigOverrideAllowlist: ["connector.client.config.override.allowlist", list<readonly string[]>([])],

    offsetStorageTopic: ["offset.storage.topic", storageTopic("connect-offsets")],
    offsetStoragePartitions: ["offset.storage.partitions", count(25, PARTITIONS)],
    offsetStorageReplicationFactor: ["offset.storage.replication.factor", replicas],
    configStorageTopic: ["config.storage.topic", storageTopic("connect-configs")],
    statusStorageTopic: ["status.storage.topic", storageTopic("connect-status")],
    topicCreationEnable: ["topic.creation.enable", boolean(true)],
    topicTrackingEnable: ["topic.tracking.enable", boolean(true)],
    topicTrackingAllowReset: ["topic.tracking.allow.reset", boolean(true)],

    exactlyOnceSourceSupport: [
      "exactly.once.source.support",
      oneOf(["disabled", "preparing", "enabled"] as const, "enabled" as const),
    ],
    offsetFlushIntervalMs: ["offset.flush.interval.ms", long(60_000, { min: 1 })],
    offsetFlushTimeoutMs: ["offset.flush.timeout.ms", long(5000, { min: 1 })],
    taskShutdownGracefulTimeoutMs: ["task.shutdown.graceful.timeout.ms", long(5000, { min: 0 })],
    heartbeatIntervalMsGiven: ["heartbeat.interval.ms", int(null, { min: 1 })],
    sessionTimeoutMsGiven: ["session.timeout.ms", int(null, { min: 1 })],
    rebalanceTimeoutMs: ["rebalance.timeout.ms", int(60_000, { min: 1 })],
    scheduledRebalanceMaxDelayMs: ["scheduled.rebalance.max.delay.ms", int(0, { min: 0 })],

    listeners: [
      "listeners",
      listOf(parseListener, NO_LISTENERS, [{ protocol: "http" as const, host: "", port: 8083 }]),
    ],
    /** null: on the same listeners; empty: nowhere. */
    adminListeners: ["admin.listeners", listOf(parseListener, null, null)],
    restAdvertisedHostNameGiven: ["rest.advertised.host.name", textOrNull()],
    restAdvertisedPortGiven: ["rest.advertised.port", int(null, { min: 0, max: 65_535 })],
    restAdvertisedListener: ["rest.advertised.listener", oneOf(httpOrHttps, null)],
    accessControlAllowOrigin: ["access.control.allow.origin", text("")],
    accessControlAllowMethods: ["access.control.allow.methods", text("")],
    restMaskPasswords: ["millrace.rest.mask.passwords", boolean(true)],
    responseHttpHeadersConfig: ["response.http.headers.config", text("")],

    metricsSampleWindowMs: ["metrics.sample.window.ms", long(30_000, { min: 1 })],
    metricsNumSamples: ["metrics.num.samples", int(2, { min: 1, max: 100 })],
    /** Which of the names that Connect's metrics have in Prometheus. */
    metricsNaming: ["millrace.metrics.naming", oneOf(NAMINGS, "both" as const)],
    /** Of a service that has no REST API, for `/metrics`. Empty: nowhere. */
    metricsListeners: ["millrace.metrics.listeners", listOf(parseListener, null, [])],

    /** null: traces go where OTEL_EXPORTER_OTLP_ENDPOINT says, and nowhere without it. */
    otelEndpoint: ["millrace.otel.endpoint", textOrNull()],
    otelServiceName: ["millrace.otel.service.name", text("millrace")],
    otelSampleRatio: ["millrace.otel.sample.ratio", parsed<number>(parseRatio, 1)],

    workerIdGiven: ["millrace.worker.id", textOrNull()],
    dataDir: ["millrace.data.dir", textOrNull()],
    databaseUrls: ["millrace.database.url", listOf(parsePostgresUrl, null, null)],
    natsUrl: ["millrace.nats.url", textOrNull()],
    secretsDir: ["millrace.secrets.dir", textOrNull()],
    hosts: ["millrace.task.hosts", int(cores, { min: 1, max: 1024 })],
    taskHostHeapMb: ["millrace.task.host.heap.mb", int(1024, { min: 64 })],
    /** A host whose event loop stands still for longer is ended. */
    taskHostBlockedMs: ["millrace.task.host.blocked.ms", long(30_000, { min: 100 })],
    /** false: what failed stays FAILED until a user restarts it, as in Connect. */
    autoRestart: ["millrace.auto.restart", boolean(true)],
    autoRestartBackoffInitialMs: ["millrace.auto.restart.backoff.initial.ms", long(200, { min: 1 })],
    autoRestartBackoffMaxMs: ["millrace.auto.restart.backoff.max.ms", long(60_000, { min: 1 })],
    /** How often within an hour a task is started again after an error that does not pass by itself. */
    autoRestartFatalMax: ["millrace.auto.restart.fatal.max", int(5, { min: 0 })],
    logLevel: ["millrace.log.level", oneOf(LOG_LEVELS, "info" as const)],
    /** null: text on a terminal, JSON otherwise. */
    logFormat: ["millrace.log.format", oneOf(["text", "json"] as const, null)],
    /** null: standard output. */
    logFile: ["millrace.log.file", textOrNull()],
  } as const;
}

const READ_BY_TYPE: ReadonlySet<string> = new Set(
  Object.values(table({ standalone: true, kafka: false, localAddress: "", cores: 1 })).map(([key]) => key),
);

type Table = ReturnType<typeof table>;
type Fields = { -readonly [F in keyof Table]: z.output<Table[F][1]> };
type Given = "restAdvertisedHostNameGiven" | "restAdvertisedPortGiven" | "workerIdGiven" | "databaseUrls";
type GivenTimes = "heartbeatIntervalMsGiven" | "sessionTimeoutMsGiven";

export interface ConfigProviderEntry {
  readonly name: string;
  readonly class: string;
  /** `config.providers.<name>.param.*`, prefix stripped. */
  readonly params: Readonly<Record<string, string>>;
}

/** Defaults are Connect's own except where the field says so. */
export type WorkerConfig = Readonly<Omit<Fields, Given | GivenTimes | "configProviderNames">> & {
  /** Every property as given, Millrace's and Kafka's defaults left out. May hold passwords: never show it. */
  readonly properties: Readonly<Record<string, string>>;
  readonly standalone: boolean;
  readonly restAdvertisedHostName: string;
  readonly restAdvertisedPort: number;
  /** `host:port` as Connect shows workers; `millrace.worker.id` replaces it where two runners share an address. */
  readonly workerId: string;
  readonly configProviders: readonly ConfigProviderEntry[];
  /** Default 1000; Connect's is 3000. */
  readonly heartbeatIntervalMs: number;
  /** Default 5000, or three heartbeats when that is more; Connect's is 10,000. */
  readonly sessionTimeoutMs: number;
  readonly databaseUrl: string | null;
};

/** Whether a field is made of this property. */
export function isReadByType(key: string): boolean {
  return READ_BY_TYPE.has(key);
}

/**
 * Reads every field; the problems of all of them together, in the order of the table.
 * @param resolved `properties` with what their references stand for, which is never shown.
 */
export function readWorkerProperties(
  properties: Readonly<Record<string, string>>,
  resolved: Readonly<Record<string, string>>,
  expectations: Expectations,
): { readonly config: WorkerConfig } | { readonly problems: readonly ConfigProblem[] } {
  const rows = Object.entries(table(expectations));
  const schema = z.object(Object.fromEntries(rows.map(([, [key, type]]) => [key, type])));
  const parsed = schema.safeParse(resolved);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, properties, resolved));
  const { providers, problems: providerProblems } = configProviders(properties);
  problems.push(...providerProblems);
  if (!parsed.success) return { problems };
  const fields = Object.fromEntries(rows.map(([field, [key]]) => [field, parsed.data[key]])) as Fields;
  const times = membershipTimes(fields);
  if ("problem" in times) problems.push(times.problem);
  if (problems.length > 0 || "problem" in times) return { problems };
  return { config: withDerived(fields, { properties, expectations, providers, times }) };
}

interface Derived {
  readonly properties: Readonly<Record<string, string>>;
  readonly expectations: Expectations;
  readonly providers: readonly ConfigProviderEntry[];
  readonly times: { readonly heartbeatIntervalMs: number; readonly sessionTimeoutMs: number };
}

function withDerived(fields: Fields, derived: Derived): WorkerConfig {
  const {
    restAdvertisedHostNameGiven,
    restAdvertisedPortGiven,
    workerIdGiven,
    databaseUrls,
    heartbeatIntervalMsGiven: _heartbeat,
    sessionTimeoutMsGiven: _session,
    configProviderNames: _providers,
    ...rest
  } = fields;
  const advertised = advertisedAddress({
    listeners: rest.listeners,
    hostName: restAdvertisedHostNameGiven,
    port: restAdvertisedPortGiven,
    listener: rest.restAdvertisedListener,
    localAddress: derived.expectations.localAddress,
  });
  return {
    ...rest,
    ...derived.times,
    properties: derived.properties,
    standalone: derived.expectations.standalone,
    restAdvertisedHostName: advertised.host,
    restAdvertisedPort: advertised.port,
    workerId: workerIdGiven ?? `${advertised.host}:${advertised.port}`,
    configProviders: derived.providers,
    databaseUrl: databaseUrls?.[0] ?? null,
  };
}

/** One that is given moves the default of the other, so that a Connect file with only one of them stays valid. */
function membershipTimes(fields: Fields): Derived["times"] | { readonly problem: ConfigProblem } {
  const { heartbeatIntervalMsGiven: heartbeat, sessionTimeoutMsGiven: session } = fields;
  const heartbeatIntervalMs = heartbeat ?? Math.max(1, Math.min(1000, Math.floor((session ?? 5000) / 3)));
  const sessionTimeoutMs = session ?? Math.max(5000, 3 * heartbeatIntervalMs);
  if (sessionTimeoutMs > heartbeatIntervalMs) return { heartbeatIntervalMs, sessionTimeoutMs };
  const message = `Value must be less than session.timeout.ms, which is ${sessionTimeoutMs}`;
  return { problem: { key: "heartbeat.interval.ms", value: String(heartbeatIntervalMs), message } };
}

function configProviders(properties: Readonly<Record<string, string>>): {
  readonly providers: readonly ConfigProviderEntry[];
  readonly problems: readonly ConfigProblem[];
} {
  const named = (properties["config.providers"] ?? "").split(",").map((each) => each.trim());
  const problems: ConfigProblem[] = [];
  const providers = named
    .filter((provider) => provider !== "")
    .map((provider) => {
      const key = `config.providers.${provider}.class`;
      const given = properties[key]?.trim();
      if (!given) problems.push({ key, value: null, message: MISSING });
      const prefix = `config.providers.${provider}.param.`;
      const params = Object.entries(properties).filter(([property]) => property.startsWith(prefix));
      return {
        name: provider,
        class: given ?? "",
        params: Object.fromEntries(params.map(([property, value]) => [property.slice(prefix.length), value])),
      };
    });
  return { providers, problems };
}

function problemOf(
  issue: z.core.$ZodIssue,
  properties: Readonly<Record<string, string>>,
  resolved: Readonly<Record<string, string>>,
): ConfigProblem {
  const key = String(issue.path[0]);
  const given = properties[key];
  const value = given === undefined ? null : isSecretKey(key) ? "[hidden]" : withoutUrlCredentials(given);
  const message = given === resolved[key] ? issue.message : "what the config provider gave for it is not valid";
  return { key, value, message };
}

/** One line, as Kafka's ConfigException says it. */
export function describeProblem({ key, value, message }: ConfigProblem): string {
  return message === MISSING
    ? `Missing required configuration "${key}" which has no default value.`
    : `Invalid value ${value} for configuration ${key}: ${message}`;
}
