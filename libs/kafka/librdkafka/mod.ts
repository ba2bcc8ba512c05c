import type { Clock } from "@millrace/time";
import type { ClientConfig, KafkaClient } from "../client.ts";
import { KafkaError } from "../errors.ts";
import { LibrdkafkaAdmin } from "./admin.ts";
import { LibrdkafkaConsumer } from "./consumer.ts";
import { call, type KafkaLogger, toKafkaError } from "./failure.ts";
import { addon, codeName, type NativeError, type NativeProducer, type PackedRecords, packedRecords } from "./native.ts";
import { LibrdkafkaProducer, LibrdkafkaTransactionalProducer } from "./producer.ts";
import { type Role, type TranslatedConfig, translate } from "./properties.ts";
import { recordReader } from "./record-reader.ts";

export type { KafkaLogger } from "./failure.ts";

const LOG_INTERVAL_MS = 10_000;

export interface LibrdkafkaDeps {
  readonly clock: Clock;
  /** How records are handed over; absent: by what set-up has compiled for it, null: by the addon's own means. */
  readonly packed?: PackedRecords | null;
  readonly logger?: KafkaLogger;
}

/**
 * A `KafkaClient` on librdkafka. The addon is loaded by the first client made, and one thread per process can load it.
 * Every blocking call holds a libuv thread: set `UV_THREADPOOL_SIZE` to at least the number of clients in use at once.
 */
export function librdkafkaClient(deps: LibrdkafkaDeps): KafkaClient {
  return {
    producer: (config) => connectProducer(deps, config, false),

    async transactionalProducer(config) {
      if (!config["transactional.id"]) throw missing("transactional.id");
      const connect = () => connectProducer(deps, config, true);
      return new LibrdkafkaTransactionalProducer(await connect(), { connect, clock: deps.clock });
    },

    async consumer(config) {
      const translated = prepare(deps, config, "consumer");
      const about = aboutClient(config, "group.id");
      const native = create(about, () => {
        return new (addon().KafkaConsumer)({
          ...translated.properties,
          rebalance_cb: (error, partitions) => consumer.onRebalance(error, partitions),
          offset_commit_cb: (error) => consumer.onCommitted(error),
        });
      });
      const { clock, packed = packedRecords() } = deps;
      const consumer = new LibrdkafkaConsumer({
        native,
        read: recordReader(() => native.getClient(), packed),
        clock,
        about,
        apiTimeoutMs: translated.apiTimeoutMs,
      });
      await connect(deps, native, about, translated);
      return consumer;
    },

    async admin(config) {
      const { properties, apiTimeoutMs } = prepare(deps, config, "admin");
      const about = aboutClient(config, "client.id");
      const native = create(about, () => addon().AdminClient.create(properties));
      logErrors(deps, native, about);
      try {
        await call("connect", about, (done) => native.getMetadata({ allTopics: false, timeout: apiTimeoutMs }, done));
      } catch (error) {
        native.disconnect();
        throw error;
      }
      const findClusterId = () => clusterId(deps, config);
      return new LibrdkafkaAdmin({ native, clock: deps.clock, about, apiTimeoutMs, findClusterId });
    },
  };
}

async function connectProducer(
  deps: LibrdkafkaDeps,
  config: ClientConfig,
  transactional: boolean,
): Promise<LibrdkafkaProducer> {
  const translated = prepare(deps, config, "producer");
  const about = aboutClient(config, "transactional.id");
  const native = create(about, () => new (addon().Producer)({ ...translated.properties, dr_cb: !transactional }));
  await connect(deps, native, about, translated);
  const { clock, packed = packedRecords() } = deps;
  return new LibrdkafkaProducer({ native, packed, clock, about, transactional });
}

/**
 * librdkafka has the cluster's id and the addon does not pass it on, but logs it when a client gets its first metadata:
 * `ClusterId update "" -> "4L6g3nShT-eMCtK--X86sw"`.
 */
async function clusterId(deps: LibrdkafkaDeps, config: ClientConfig): Promise<string> {
  const translated = prepare({ clock: deps.clock }, { ...config, debug: "generic" }, "producer");
  const about = aboutClient(config, "client.id");
  const native: NativeProducer = create(
    about,
    () => new (addon().Producer)({ ...translated.properties, log_level: 7 }),
  );
  let stop = () => {};
  const found = new Promise<string>((resolve, reject) => {
    native.on("event.log", ({ message }) => {
      const id = /ClusterId update ".*" -> "(.+)"/.exec(message ?? "")?.[1];
      if (id) resolve(id);
    });
    stop = deps.clock.after(translated.apiTimeoutMs, () =>
      reject(toKafkaError({ code: -185, message: "the brokers did not tell the cluster's id" }, "admin", about)),
    );
  });
  found.catch(() => {});
  try {
    await connect(deps, native, about, translated);
    native.setPollInterval(1);
    return await found;
  } finally {
    stop();
    await new Promise<void>((resolve) => native._disconnect(resolve));
  }
}

function prepare(deps: LibrdkafkaDeps, config: ClientConfig, role: Role): TranslatedConfig {
  if (!config["bootstrap.servers"]) throw missing("bootstrap.servers");
  const translated = translate(config, role);
  for (const warning of translated.warnings) deps.logger?.warn(`Kafka client property ${warning}`, { role });
  return translated;
}

/** librdkafka checks the properties when the client object is made. */
function create<T>(about: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KafkaError(`cannot make a Kafka client (${about}): ${why}`, {
      code: "_INVALID_ARG",
      kind: "invalid",
      cause,
    });
  }
}

type Connectable = {
  connect(
    metadata: { allTopics: boolean; timeout: number },
    done: (error: NativeError | null | undefined) => void,
  ): void;
  on(event: "event.error", listener: (error: NativeError) => void): unknown;
};

/** Connected means that a broker has answered; asking for no topic keeps that cheap on a large cluster. */
async function connect(deps: LibrdkafkaDeps, native: Connectable, about: string, { apiTimeoutMs }: TranslatedConfig) {
  logErrors(deps, native, about);
  await call<void>("connect", about, (done) =>
    native.connect({ allTopics: false, timeout: apiTimeoutMs }, (error) => done(error, undefined)),
  );
}

/** While no broker can be reached librdkafka repeats itself at every attempt: each kind of error once in ten seconds. */
function logErrors({ clock, logger }: LibrdkafkaDeps, native: Pick<Connectable, "on">, about: string): void {
  const loggedMs = new Map<number, number>();
  native.on("event.error", ({ code, message }) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (loggedMs.get(code) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return;
    loggedMs.set(code, nowMs);
    logger?.warn(`Kafka: ${message}`, { code: codeName(code), about });
  });
}

function aboutClient(config: ClientConfig, property: "transactional.id" | "group.id" | "client.id"): string {
  const value = config[property];
  return value ? `${property} ${value}` : `client ${config["client.id"] ?? "without id"}`;
}

function missing(property: string): KafkaError {
  return new KafkaError(`a Kafka client needs ${property}: set it`, { code: "_INVALID_ARG", kind: "invalid" });
}
