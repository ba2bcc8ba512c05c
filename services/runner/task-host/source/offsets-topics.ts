import { type CompactedTopic, type KafkaClient, openCompactedTopic } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import { withPrefix } from "../client-configs.ts";

export interface OffsetsTopicSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Of the topic, should it have to be created. */
  readonly configs: Readonly<Record<string, string>>;
  /** Consumer settings; also where an admin client connects. */
  readonly consumer: Readonly<Record<string, string>>;
}

/** Settings of the worker that are not the topic's. */
const NOT_OF_THE_TOPIC = ["topic", "partitions", "replication.factor", "file.filename"];

/** `offset.storage.<topic setting>` of the worker. The topic is compacted whatever `cleanup.policy` says, as in Connect. */
export function offsetsTopicConfigs(worker: Readonly<Record<string, string>>): Record<string, string> {
  const configs = withPrefix(worker, "offset.storage.");
  for (const name of NOT_OF_THE_TOPIC) delete configs[name];
  return configs;
}

/** Bounds opening a table and each read to its end; a transaction left open by a crash ends within its own timeout. */
const READ_TIMEOUT_MS = 120_000;

/**
 * The offsets topics read in this host. Tasks that read the same topic of the same cluster share one table: the first
 * reads it from the start, the others only what is new.
 */
export class OffsetsTopics {
  #kafka: KafkaClient;
  #clock: Clock;
  #tables = new Map<string, OffsetsTable>();
  #closed = new AbortController();

  constructor(kafka: KafkaClient, clock: Clock) {
    this.#kafka = kafka;
    this.#clock = clock;
  }

  /** Reads nothing yet. */
  get(settings: OffsetsTopicSettings): OffsetsTable {
    const { "client.id": _, ...consumer } = settings.consumer;
    const key = JSON.stringify([settings.topic, Object.entries(consumer).sort()]);
    const found = this.#tables.get(key);
    if (found) return found;
    const { topic, partitions, replicationFactor, configs, consumer: config } = settings;
    const shared = { topic, partitions, replicationFactor, configs, config };
    const { signal } = this.#closed;
    const table = new OffsetsTable(
      (): Promise<CompactedTopic> =>
        openCompactedTopic({
          ...shared,
          client: this.#kafka,
          clock: this.#clock,
          timeoutMs: READ_TIMEOUT_MS,
          signal,
        }),
      signal,
    );
    this.#tables.set(key, table);
    return table;
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error("the offsets topics are closed"));
    await Promise.all([...this.#tables.values()].map((table) => table.close()));
    this.#tables.clear();
  }
}

/**
 * One offsets topic, shared. Readers come and go: a read belongs to the host, and a reader that is asked to stop only
 * stops waiting for it. A client that failed is given up, and the next read starts with a new one.
 */
export class OffsetsTable {
  #open: () => Promise<CompactedTopic>;
  #closed: AbortSignal;
  #table: Promise<CompactedTopic> | null = null;

  constructor(open: () => Promise<CompactedTopic>, closed: AbortSignal) {
    this.#open = open;
    this.#closed = closed;
  }

  /** The table with everything that was in the topic when called, transactions then open included (waits for their end). */
  read(signal: AbortSignal): Promise<CompactedTopic> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#read()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", onAbort));
    });
  }

  async close(): Promise<void> {
    const table = this.#table;
    this.#table = null;
    await giveUp(table);
  }

  async #read(): Promise<CompactedTopic> {
    for (;;) {
      const first = this.#table === null;
      this.#table ??= this.#open();
      const opening = this.#table;
      try {
        const table = await opening;
        // Opening has read to the end as of its own call, which for whoever joined it was earlier.
        if (!first) await table.readToEnd(this.#closed);
        return table;
      } catch (error) {
        // Another reader gave this table up under our read: read the new one.
        if (this.#table !== opening && !this.#closed.aborted) continue;
        this.#table = null;
        void giveUp(opening);
        throw error;
      }
    }
  }
}

async function giveUp(table: Promise<CompactedTopic> | null): Promise<void> {
  try {
    await (await table)?.close();
  } catch {
    // It never opened, or its clients are broken: there is nothing left to close.
  }
}
