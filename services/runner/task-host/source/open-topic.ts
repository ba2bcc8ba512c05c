import { type OpenTopic, RetriableError, type TopicReader } from "@millrace/connect";
import type { KafkaClient } from "@millrace/kafka";
import { connectionConfig, type Properties } from "../client-configs.ts";

const RECORDS_MAX = 100;

/** What a source task reads beside making records. The worker's credentials go to the worker's own cluster only. */
export function openTopicOf(kafka: KafkaClient, worker: Properties): OpenTopic {
  return async (topic, client) => {
    const own = connectionConfig(worker);
    const servers = client["bootstrap.servers"];
    const sameCluster = servers === undefined || servers === "" || servers === own["bootstrap.servers"];
    const given = Object.fromEntries(Object.entries(client).filter(([, value]) => value !== ""));
    const consumer = await kafka.consumer({
      ...(sameCluster ? own : {}),
      "auto.offset.reset": "earliest",
      ...given,
      "enable.auto.commit": "false",
    });
    const partition = { topic, partition: 0 };
    try {
      const [committed] = await consumer.committed([partition]);
      await consumer.assign([{ ...partition, offset: committed?.offset ?? 0 }]);
    } catch (error) {
      await consumer.close();
      throw error;
    }
    const reader: TopicReader = {
      read: (waitMs) => retriable(topic, consumer.poll(RECORDS_MAX, waitMs)),
      async commit() {
        const offset = consumer.position(partition);
        if (offset !== null) await retriable(topic, consumer.commit([{ ...partition, offset }]));
      },
      close: () => consumer.close(),
    };
    return reader;
  };
}

/** Whatever a broker says may pass. */
async function retriable<T>(topic: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new RetriableError(`The topic ${topic} cannot be read at the moment: ${String(cause)}`, { cause });
  }
}
