import type { ConsumedRecord, TopicPartition, TopicPartitionOffset } from "@millrace/kafka";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import { Ledger, numberIn } from "./ledger.ts";
import { until } from "./until.ts";

const client = librdkafkaClient({ clock: systemClock });
const BATCH = 5_000;

/** Of a reader that sees what is committed, soon. */
export const consumerConfig = (bootstrapServers: string) => ({
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
  for (const topic of topics) {
    const isCreated = () => {
      const creating = admin.createTopic({ topic, partitions, replicationFactor: 1, configs: {} });
      return creating.then(
        () => true,
        () => false,
      );
    };
    // A broker that has just started on a busy machine may be fenced for a moment, for having fallen silent.
    await until(`topic ${topic} is created`, isCreated);
  }
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

export async function partitionsOf(bootstrapServers: string, topics: readonly string[]): Promise<TopicPartition[]> {
  const admin = await client.admin({ "bootstrap.servers": bootstrapServers });
  const counts = await admin.describeTopics(topics);
  await admin.close();
  return [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
}
