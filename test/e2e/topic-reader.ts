import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumedRecord, Consumer, TopicPartition, TopicPartitionOffset } from "@millrace/kafka";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import { Ledger, numberIn } from "./ledger.ts";

const client = librdkafkaClient({ clock: systemClock });
const BATCH = 5_000;
const RETRY_MS = 500;

const consumerConfig = (bootstrapServers: string) => ({
  "bootstrap.servers": bootstrapServers,
  "auto.offset.reset": "earliest",
  "isolation.level": "read_committed",
  "fetch.max.wait.ms": "20",
});

/** Creates topics; those that exist stay as they are. */
export async function createTopics(
  bootstrapServers: string,
  topics: readonly string[],
  partitions: number,
): Promise<void> {
  const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
  for (const topic of topics) await admin.createTopic({ topic, partitions, replicationFactor: 1, configs: {} });
  await admin.close();
}

/** All committed records of some topics, as they are now. */
export async function readCommitted(
  bootstrapServers: string,
  topics: readonly string[],
  each: (record: ConsumedRecord) => void,
): Promise<void> {
  const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
  const partitions = await partitionsOf(bootstrapServers, topics);
  const ends = await admin.endOffsets(partitions, "read_committed");
  await admin.close();
  const consumer = await client.consumer(consumerConfig(bootstrapServers));
  await consumer.assign(partitions.map((partition) => ({ ...partition, offset: 0 })));
  const isAtEnd = (end: TopicPartitionOffset) => end.offset === 0 || (consumer.position(end) ?? 0) >= end.offset;
  while (!ends.every(isAtEnd)) for (const record of await consumer.poll(BATCH, 200)) each(record);
  await consumer.close();
}

/** One ledger a topic, of everything that is committed now. */
export async function readLedgers(
  bootstrapServers: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Ledger>> {
  const ledgers = new Map(topics.map((topic) => [topic, new Ledger()]));
  await readCommitted(bootstrapServers, topics, ({ topic, partition, value }) => {
    ledgers.get(topic)!.read(partition, numberIn(value));
  });
  return ledgers;
}

/** Follows topics while the broker comes and goes: shows what has arrived so far. */
export class LiveReader {
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly #bootstrapServers: string;
  readonly #next = new Map<string, TopicPartitionOffset>();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(bootstrapServers: string, topics: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
    this.ledgers = new Map(topics.map((topic) => [topic, new Ledger()]));
  }

  async start(): Promise<void> {
    for (const partition of await partitionsOf(this.#bootstrapServers, [...this.ledgers.keys()])) {
      this.#next.set(keyOf(partition), { ...partition, offset: 0 });
    }
    this.#running = this.#run();
  }

  /** Distinct records so far. */
  get distinct(): number {
    return [...this.ledgers.values()].reduce((sum, ledger) => sum + ledger.distinct, 0);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const consumer = await client.consumer(consumerConfig(this.#bootstrapServers)).catch(() => null);
      if (consumer === null) {
        await sleep(RETRY_MS);
        continue;
      }
      await this.#follow(consumer).catch(() => {});
      await consumer.close();
    }
  }

  async #follow(consumer: Consumer): Promise<void> {
    await consumer.assign([...this.#next.values()]);
    while (!this.#stopping.signal.aborted) {
      for (const { topic, partition, offset, value } of await consumer.poll(BATCH, 100)) {
        this.#next.set(keyOf({ topic, partition }), { topic, partition, offset: offset + 1 });
        this.ledgers.get(topic)!.read(partition, numberIn(value));
      }
    }
  }
}

async function partitionsOf(bootstrapServers: string, topics: readonly string[]): Promise<TopicPartition[]> {
  const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
  const counts = await admin.describeTopics(topics);
  await admin.close();
  return [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
