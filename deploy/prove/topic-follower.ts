// The process behind LiveReader: reads on until it fails, and sends the numbers it reads.
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

/** Ends the process when reading fails: the next one begins where this one stopped, with nothing of what went wrong here. */
async function follow(bootstrapServers: string, from: readonly TopicPartitionOffset[]): Promise<void> {
  try {
    await read(await client.consumer(consumerConfig(bootstrapServers)), from);
  } catch {
    await sleep(RETRY_MS);
    process.exit(1);
  }
}

async function read(consumer: Consumer, from: readonly TopicPartitionOffset[]): Promise<void> {
  await consumer.assign(from);
  for (;;) {
    const batches = new Map<string, Followed & { numbers: number[] }>();
    for (const { topic, partition, offset, value } of await consumer.poll(BATCH, POLL_MS)) {
      const key = `${topic}-${partition}`;
      const numbers = batches.get(key)?.numbers ?? [];
      numbers.push(numberIn(value));
      batches.set(key, { topic, partition, numbers, next: offset + 1 });
    }
    for (const batch of batches.values()) process.send?.(batch);
  }
}
