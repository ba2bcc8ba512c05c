// The process behind LiveReader: reads on for ever, and sends the numbers it reads.
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, TopicPartitionOffset } from "@millrace/kafka";
import { librdkafkaClient } from "@millrace/kafka/librdkafka";
import { systemClock } from "@millrace/time";
import { numberIn } from "./ledger.ts";
import type { Follow, Followed } from "./live-reader.ts";
import { consumerConfig } from "./topic-reader.ts";

const BATCH = 5_000;
const POLL_MS = 100;
const RETRY_MS = 500;

const client = librdkafkaClient({ clock: systemClock });

process.once("message", ({ bootstrapServers, from }: Follow) => void follow(bootstrapServers, from));
process.once("disconnect", () => process.exit());

async function follow(bootstrapServers: string, from: readonly TopicPartitionOffset[]): Promise<void> {
  const next = new Map(from.map((start) => [`${start.topic}-${start.partition}`, start]));
  for (;;) {
    const consumer = await client.consumer(consumerConfig(bootstrapServers)).catch(() => null);
    if (consumer !== null) {
      await read(consumer, next).catch(() => {});
      await consumer.close();
    }
    await sleep(RETRY_MS);
  }
}

async function read(consumer: Consumer, next: Map<string, TopicPartitionOffset>): Promise<void> {
  await consumer.assign([...next.values()]);
  for (;;) {
    const batches = new Map<string, Followed & { numbers: number[] }>();
    for (const { topic, partition, offset, value } of await consumer.poll(BATCH, POLL_MS)) {
      const key = `${topic}-${partition}`;
      const numbers = batches.get(key)?.numbers ?? [];
      numbers.push(numberIn(value));
      batches.set(key, { topic, partition, numbers, next: offset + 1 });
      next.set(key, { topic, partition, offset: offset + 1 });
    }
    for (const batch of batches.values()) process.send?.(batch);
  }
}
