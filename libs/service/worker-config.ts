import { readFileSync } from "node:fs";
import { availableParallelism, networkInterfaces } from "node:os";
import { openConfigProviders } from "./config-providers.ts";
import { envProperties } from "./env-properties.ts";
import { parseProperties } from "./properties.ts";
import {
  type ConfigProblem,
  describeProblem,
  isReadByType,
  readWorkerProperties,
  type WorkerConfig,
} from "./worker-properties.ts";

export interface WorkerConfigSources {
  /** A worker.properties file. */
  readonly file?: string;
  /** The text of one, instead of `file`. */
  readonly text?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** From `--set key=value`; these win. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Default: standalone when there is no `group.id`. Distributed: `group.id` and the storage topics must be given. */
  readonly mode?: "distributed" | "standalone";
  /** Default true. false for a service that uses neither Kafka nor converters, so need not be told of them. */
  readonly kafka?: boolean;
}

/** The worker's configuration cannot be used; lists everything that is wrong with it. */
export class WorkerConfigError extends Error {
  readonly code = "WORKER_CONFIG_INVALID";
  readonly retriable = false;
  readonly problems: readonly ConfigProblem[];

  constructor(message: string, problems: readonly ConfigProblem[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "WorkerConfigError";
    this.problems = problems;
  }
}

/**
 * Reads the worker's configuration: defaults < file < environment < overrides. Of the environment, `CONNECT_*` (see
 * `envProperties`), and `DATABASE_URL` and `NATS_URL` below those. What refers to config providers stays as it is written.
 * @throws WorkerConfigError listing every problem.
 */
export function loadWorkerConfig(sources: WorkerConfigSources): WorkerConfig {
  const properties = givenProperties(sources);
  return read(sources, properties, properties);
}

/**
 * As `loadWorkerConfig`, but the settings that are read by type are those that references to config providers stand for.
 * `properties` keeps the references: who hands them to a Kafka client or a converter resolves them there (I9).
 * @throws WorkerConfigError also when a provider fails.
 */
export async function resolveWorkerConfig(sources: WorkerConfigSources): Promise<WorkerConfig> {
  const properties = givenProperties(sources);
  const secretsDir = properties["millrace.secrets.dir"]?.trim() || null;
  // A service without Kafka need not be able to read what only Kafka clients use.
  const wanted = Object.entries(properties).filter(
    ([key]) => isResolved(key) && (sources.kafka !== false || isReadByType(key)),
  );
  let resolved: Record<string, string>;
  try {
    const providers = openConfigProviders({ properties, secretsDir, env: sources.env ?? {} });
    resolved = await providers.resolve(Object.fromEntries(wanted));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new WorkerConfigError(
      `The worker configuration from ${origin(sources)} cannot be used: ${reason}`,
      [],
      cause,
    );
  }
  return read(sources, properties, { ...properties, ...resolved });
}

/** Plugins are looked for, and providers opened, before anything can be resolved. */
export function isResolved(key: string): boolean {
  return key !== "plugin.path" && key !== "config.providers" && !key.startsWith("config.providers.");
}

function read(
  sources: WorkerConfigSources,
  properties: Readonly<Record<string, string>>,
  resolved: Readonly<Record<string, string>>,
): WorkerConfig {
  const read = readWorkerProperties(properties, resolved, {
    standalone: sources.mode === undefined ? properties["group.id"] === undefined : sources.mode === "standalone",
    kafka: sources.kafka ?? true,
    localAddress: localAddress(),
    cores: availableParallelism(),
  });
  if ("config" in read) return read.config;
  const lines = read.problems.map((problem) => `\n  ${describeProblem(problem)}`).join("");
  throw new WorkerConfigError(
    `The worker configuration from ${origin(sources)} cannot be used:${lines}`,
    read.problems,
  );
}

function origin({ file }: WorkerConfigSources): string {
  return file === undefined ? "the environment" : `${file} and the environment`;
}

function givenProperties(sources: WorkerConfigSources): Record<string, string> {
  const { env = {}, overrides = {} } = sources;
  return { ...fileProperties(sources), ...wellKnown(env), ...envProperties(env), ...overrides };
}

function fileProperties({ file, text }: WorkerConfigSources): Record<string, string> {
  if (text === undefined && file === undefined) return {};
  const source = file === undefined ? "The worker configuration" : `The worker configuration file ${file}`;
  try {
    return parseProperties(text ?? readFileSync(file ?? "", "utf8"));
  } catch (cause) {
    throw new WorkerConfigError(`${source} cannot be read: ${(cause as Error).message}`, [], cause);
  }
}

function wellKnown(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { DATABASE_URL, NATS_URL } = env;
  return {
    ...(DATABASE_URL ? { "millrace.database.url": DATABASE_URL } : {}),
    ...(NATS_URL ? { "millrace.nats.url": NATS_URL } : {}),
  };
}

/** As Connect: the address others reach this machine by, not its name. */
function localAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = addresses.find((address) => address.family === "IPv4" && !address.internal);
  return outward?.address ?? "127.0.0.1";
}
