import assert from "node:assert/strict";
import type {
  Admin,
  ClientConfig,
  ConsumedRecord,
  Consumer,
  KafkaClient,
  Producer,
  RebalanceListener,
  TopicPartition,
  TransactionalProducer,
} from "../client.ts";
import { isKafkaError, type KafkaErrorKind } from "../errors.ts";

export interface ConformanceDeps {
  readonly client: KafkaClient;
  /** Holds `bootstrap.servers`. */
  readonly config: ClientConfig;
  /** Distinguishes this run's topics, groups and transactional ids from those of others. */
  readonly run: string;
}

export interface SessionCase {
  readonly name: string;
  run(session: Session): Promise<void>;
}

export const TIMEOUT_MS = 15_000;
const POLL_MS = 100;

/** Never twice: a topic that is deleted at the end of a case may be there for a while. */
let names = 0;

/** The clients and topics of one case. */
export class Session {
  readonly #deps: ConformanceDeps;
  readonly #clients: { close(): Promise<void> }[] = [];
  readonly #topics: string[] = [];
  #admin: Admin | null = null;

  constructor(deps: ConformanceDeps) {
    this.#deps = deps;
  }

  name(what: string): string {
    return `${what}-${this.#deps.run}-${++names}`;
  }

  async admin(): Promise<Admin> {
    this.#admin ??= await this.#deps.client.admin(this.#deps.config);
    return this.#admin;
  }

  async topic(partitions = 1, prefix = "topic", configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.name(prefix);
    this.#topics.push(topic);
    // Not whether it is new: a busy broker may be asked twice, and then says that it is there already.
    await (await this.admin()).createTopic({ topic, partitions, replicationFactor: 1, configs });
    return topic;
  }

  async producer(config: ClientConfig = {}): Promise<Producer> {
    return this.#keep(await this.#deps.client.producer({ ...this.#deps.config, ...config }));
  }

  /** Initialised. */
  async transactional(id: string, config: ClientConfig = {}): Promise<TransactionalProducer> {
    const producer = this.#keep(
      await this.#deps.client.transactionalProducer({ ...this.#deps.config, "transactional.id": id, ...config }),
    );
    await producer.initTransactions(TIMEOUT_MS);
    return producer;
  }

  async consumer(config: ClientConfig = {}): Promise<Consumer> {
    const defaults = {
      "auto.offset.reset": "earliest",
      "fetch.max.wait.ms": "20",
      "isolation.level": "read_committed",
    };
    return this.#keep(await this.#deps.client.consumer({ ...this.#deps.config, ...defaults, ...config }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    if (!this.#admin) return;
    for (const topic of this.#topics) await this.#admin.deleteTopic(topic).catch(() => {});
    await this.#admin.close();
  }

  #keep<T extends { close(): Promise<void> }>(client: T): T {
    this.#clients.push(client);
    return client;
  }
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | null): string | null => (value ? new TextDecoder().decode(value) : null);

export function sendText(producer: Producer, topic: string, value: string, partition = 0): void {
  assert.equal(producer.send(topic, partition, bytes(value), null, 0, null), true);
}

/** Polls until `done`, or fails after `TIMEOUT_MS` worth of polls. */
export async function pollUntil(
  consumer: Consumer,
  done: (records: readonly ConsumedRecord[]) => boolean,
): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  for (let polls = 0; !done(records); polls++) {
    assert.ok(polls < TIMEOUT_MS / 10, `gave up with ${records.length} records read`);
    records.push(...(await consumer.poll(500, POLL_MS)));
  }
  return records;
}

/** The values of a topic's committed records, in order of partition and offset; waits for transactions still open. */
export function readAll(session: Session, topic: string, config: ClientConfig = {}): Promise<(string | null)[]> {
  return readTo("read_uncommitted", session, topic, config);
}

/** The values that a read_committed consumer sees now, without waiting for open transactions. */
export function readVisible(session: Session, topic: string): Promise<(string | null)[]> {
  return readTo("read_committed", session, topic, {});
}

async function readTo(
  isolation: "read_uncommitted" | "read_committed",
  session: Session,
  topic: string,
  config: ClientConfig,
): Promise<(string | null)[]> {
  const admin = await session.admin();
  const partitions = (await admin.describeTopics([topic])).get(topic) ?? 0;
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 }));
  const ends = await admin.endOffsets(all, isolation);
  const consumer = await session.consumer(config);
  await consumer.assign(all);
  const records = await pollUntil(consumer, () => ends.every((end) => (consumer.position(end) ?? -1) >= end.offset));
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map((record) => text(record.value));
}

export async function rejectsWith(kind: KafkaErrorKind, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error: unknown) => {
    assert.ok(isKafkaError(error), `not a KafkaError: ${error}`);
    assert.equal(error.kind, kind, error.message);
    return true;
  });
}

/** A listener that records what it was told, and runs `hooks` first. */
export class Rebalances implements RebalanceListener {
  readonly owned = new Set<string>();
  readonly events: string[] = [];
  readonly #hooks: Partial<RebalanceListener>;

  constructor(hooks: Partial<RebalanceListener> = {}) {
    this.#hooks = hooks;
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#hooks.assigned?.(partitions);
    for (const { topic, partition } of partitions) this.owned.add(`${topic}-${partition}`);
    this.events.push(`assigned ${partitions.length}`);
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#hooks.revoked?.(partitions);
    this.#remove(partitions);
    this.events.push(`revoked ${partitions.length}`);
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    this.#remove(partitions);
    this.events.push(`lost ${partitions.length}`);
  }

  #remove(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.owned.delete(`${topic}-${partition}`);
  }
}
