// The servers Millrace stands on, as local processes: for the demo, tests and a cluster on one machine. No Docker.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ElasticsearchServer, startElasticsearch } from "./start-elasticsearch.ts";
import { type KafkaServer, startKafka } from "./start-kafka.ts";
import { type MariadbServer, startMariadb } from "./start-mariadb.ts";
import { type NatsServer, startNats } from "./start-nats.ts";
import { type PostgresServer, startPostgres } from "./start-postgres.ts";

export { type ElasticsearchOptions, type ElasticsearchServer, startElasticsearch } from "./start-elasticsearch.ts";
export { type KafkaOptions, type KafkaServer, startKafka } from "./start-kafka.ts";
export { type MariadbOptions, type MariadbServer, startMariadb } from "./start-mariadb.ts";
export { type NatsOptions, type NatsServer, startNats } from "./start-nats.ts";
export { type PostgresOptions, type PostgresServer, startPostgres } from "./start-postgres.ts";

export type StackParts = {
  readonly kafka?: boolean;
  readonly postgres?: boolean;
  readonly nats?: boolean;
  readonly mariadb?: boolean;
  readonly elasticsearch?: boolean;
};

export type Stack = {
  /** KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL and the like of the parts asked for: given to child processes as they are. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined when not asked for, or when the environment names a server of the user's own. */
  readonly kafka: KafkaServer | undefined;
  readonly postgres: PostgresServer | undefined;
  readonly nats: NatsServer | undefined;
  readonly mariadb: MariadbServer | undefined;
  readonly elasticsearch: ElasticsearchServer | undefined;
  /** Ends the servers we started. */
  stop(): Promise<void>;
};

/**
 * Starts the parts side by side on free ports; a part whose environment variable is set is used instead of started.
 * Data lives in `dir` and is kept there; without `dir`, in a temporary folder that stop() removes.
 */
export async function startStack(parts: StackParts, options: { readonly dir?: string } = {}): Promise<Stack> {
  const given = process.env;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "millrace-stack-"));
  // Started by root, Postgres runs as another user, who must be able to walk through; temporary folders forbid it.
  mkdirSync(dir, { recursive: true });
  if (process.getuid?.() === 0) chmodSync(dir, statSync(dir).mode | 0o011);

  const outcomes = await Promise.allSettled([
    parts.kafka && !given.KAFKA_BOOTSTRAP_SERVERS ? startKafka({ dir: join(dir, "kafka") }) : undefined,
    parts.postgres && !given.DATABASE_URL ? startPostgres({ dir: join(dir, "postgres") }) : undefined,
    parts.nats && !given.NATS_URL ? startNats({ dir: join(dir, "nats") }) : undefined,
    parts.mariadb && !given.MARIADB_URL ? startMariadb({ dir: join(dir, "mariadb") }) : undefined,
    parts.elasticsearch && !given.ELASTICSEARCH_URL
      ? startElasticsearch({ dir: join(dir, "elasticsearch") })
      : undefined,
  ] as const);
  const started = outcomes.map((part) => (part.status === "fulfilled" ? part.value : undefined));

  async function stop(): Promise<void> {
    await Promise.all(started.map((server) => server?.stop()));
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }

  const failed = outcomes.find((part) => part.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [kafka, postgres, nats, mariadb, elasticsearch] = started as StartedParts;
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: parts.kafka && (kafka?.bootstrapServers ?? given.KAFKA_BOOTSTRAP_SERVERS),
    DATABASE_URL: parts.postgres && (postgres?.url ?? given.DATABASE_URL),
    NATS_URL: parts.nats && (nats?.url ?? given.NATS_URL),
    MARIADB_URL: parts.mariadb && (mariadb?.url ?? given.MARIADB_URL),
    ELASTICSEARCH_URL: parts.elasticsearch && (elasticsearch?.url ?? given.ELASTICSEARCH_URL),
  };
  return {
    env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]))),
    kafka,
    postgres,
    nats,
    mariadb,
    elasticsearch,
    stop,
  };
}

/** In the order they are started in. */
type StartedParts = [Stack["kafka"], Stack["postgres"], Stack["nats"], Stack["mariadb"], Stack["elasticsearch"]];
