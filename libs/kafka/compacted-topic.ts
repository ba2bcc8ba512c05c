import type { Clock } from "@millrace/time";
import type { Admin, ClientConfig, Consumer, KafkaClient, TopicPartition } from "./client.ts";
import { KafkaError } from "./errors.ts";

export interface CompactedTopicOptions {
  readonly client: KafkaClient;
  readonly clock: Clock;
  /** Client properties for the admin client and the consumer; the isolation level is always `read_committed`. */
  readonly config: ClientConfig;
  readonly topic: string;
  /** Used when the topic has to be created. -1 for the broker's default. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Topic settings beside `cleanup.policy`, which is always `compact`. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Bound of opening, and of each `readToEnd`. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The last value of each key of a topic, as of the last `readToEnd`. Records without a key are passed over; a null
 * value deletes its key. One table, whatever the partitions: as with compaction, writers must not move a key.
 */
export interface CompactedTopic {
  /**
   * Reads everything that was in the topic when called, transactions still open at that moment included: it waits until
   * each has committed or aborted. Rejects with a retriable `KafkaError` after `timeoutMs`, or with the signal's reason.
   */
  readToEnd(signal: AbortSignal): Promise<void>;
  get(key: Uint8Array): Uint8Array | null;
  entries(): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]>;
  readonly size: number;
  close(): Promise<void>;
}

const POLL_RECORDS_MAX = 1000;
/** Short, because an end reached without a record does not end a poll early. */
const POLL_MS = 10;
const NEW_TOPIC_RETRY_MS = 20;

/** Small queues, and fetches that come back soon: an end is told only in the answer to the fetch behind the last record. */
const CONSUMER_DEFAULTS: ClientConfig = {
  "fetch.max.wait.ms": "50",
  "queued.max.messages.kbytes": "4096",
  "queued.min.messages": "1000",
};

/** Reading starts at offset 0, which spares asking where the log begins; should that be later, the reset leads there. */
const CONSUMER_FORCED: ClientConfig = { "isolation.level": "read_committed", "auto.offset.reset": "earliest" };

/**
 * Opens a table over `topic`, creating it with `cleanup.policy=compact` when it does not exist, and reads it to its end.
 * The port cannot read topic settings, so the cleanup policy of an existing topic is not checked.
 */
export async function openCompactedTopic(options: CompactedTopicOptions): Promise<CompactedTopic> {
  const { client, config, topic, partitions, replicationFactor, signal } = options;
  signal.throwIfAborted();
  const admin = await client.admin(config);
  let consumer: Consumer | null = null;
  try {
    const configs = { ...options.configs, "cleanup.policy": "compact" };
    const known = await admin.describeTopics([topic]);
    if (!known.has(topic)) await admin.createTopic({ topic, partitions, replicationFactor, configs });
    const count = known.get(topic) ?? (await partitionsOfNewTopic(admin, options));
    consumer = await client.consumer({ ...CONSUMER_DEFAULTS, ...config, ...CONSUMER_FORCED });
    const all = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    await consumer.assign(all.map((partition) => ({ ...partition, offset: 0 })));
    const table = new Table({ ...options, admin, consumer, partitions: all });
    await table.readToEnd(signal);
    return table;
  } catch (error) {
    await Promise.allSettled([admin.close(), consumer?.close()]);
    throw error;
  }
}

/** The broker asked may not have heard of the topic yet. */
async function partitionsOfNewTopic(admin: Admin, { clock, topic, timeoutMs, signal }: CompactedTopicOptions) {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const count = (await admin.describeTopics([topic])).get(topic);
    if (count) return count;
    if (clock.monotonicMs() >= deadlineMs) throw timedOut(`topic ${topic} was created and did not appear`);
    await clock.sleep(NEW_TOPIC_RETRY_MS, signal);
  }
}

interface TableDeps {
  readonly admin: Admin;
  readonly consumer: Consumer;
  readonly clock: Clock;
  readonly topic: string;
  readonly partitions: readonly TopicPartition[];
  readonly timeoutMs: number;
}

class Table implements CompactedTopic {
  readonly #deps: TableDeps;
  /** By the key's bytes as a Latin-1 string: one character a byte, so no two keys meet. */
  readonly #values = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>();
  #reading: Promise<void> = Promise.resolve();

  constructor(deps: TableDeps) {
    this.#deps = deps;
  }

  readToEnd(signal: AbortSignal): Promise<void> {
    const reading = this.#reading.then(() => this.#readToEnd(signal));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #readToEnd(signal: AbortSignal): Promise<void> {
    const { admin, consumer, clock, partitions, timeoutMs, topic } = this.#deps;
    signal.throwIfAborted();
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    // The high watermark lies behind every open transaction; a read_committed position passes it once all have ended.
    let behind = await admin.endOffsets(partitions, "read_uncommitted");
    for (;;) {
      behind = behind.filter((end) => (consumer.position(end) ?? 0) < end.offset);
      if (behind.length === 0) return;
      signal.throwIfAborted();
      if (clock.monotonicMs() >= deadlineMs) throw timedOut(whyBehind(topic, behind));
      for (const { key, value } of await consumer.poll(POLL_RECORDS_MAX, POLL_MS)) this.#put(key, value);
    }
  }

  #put(key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return;
    if (value === null) this.#values.delete(asMapKey(key));
    // Copies: a record read with others would keep the bytes of them all.
    else this.#values.set(asMapKey(key), { key: new Uint8Array(key), value: new Uint8Array(value) });
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.#values.get(asMapKey(key))?.value ?? null;
  }

  *entries(): IterableIterator<readonly [key: Uint8Array, value: Uint8Array]> {
    for (const { key, value } of this.#values.values()) yield [key, value];
  }

  get size(): number {
    return this.#values.size;
  }

  async close(): Promise<void> {
    await Promise.all([this.#deps.consumer.close(), this.#deps.admin.close()]);
  }
}

function asMapKey(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}

function whyBehind(topic: string, behind: readonly TopicPartition[]): string {
  const partitions = behind.map((end) => end.partition).join(", ");
  return `topic ${topic} could not be read to its end (partitions ${partitions}): a transaction may still be open, retry`;
}

function timedOut(message: string): KafkaError {
  return new KafkaError(message, { code: "_TIMED_OUT", kind: "retriable" });
}
