import { ConnectError } from "@millrace/connect";
import { isKafkaError } from "@millrace/kafka";
import type { HostEnvironment } from "../environment.ts";
import { TopicCreation } from "./topic-creation.ts";

/**
 * Makes a topic exist before its first record, where the connector has `topic.creation.*` settings and the worker allows
 * it; otherwise the broker creates topics by itself. Each topic is looked up once per task.
 */
export function prepareTopics(
  env: HostEnvironment,
  connectorConfig: Readonly<Record<string, string>>,
  adminConfig: Readonly<Record<string, string>>,
): (topic: string) => Promise<void> | undefined {
  const creation = env.worker.topicCreationEnable ? TopicCreation.from(connectorConfig) : null;
  const known = new Set<string>();
  if (creation === null) return () => undefined;
  return (topic) => {
    if (known.has(topic)) return undefined;
    return create(env, adminConfig, creation, topic).then(() => void known.add(topic));
  };
}

/** Trouble of Kafka's own passes through, so that the task starts again; a refusal names what to do. */
async function create(
  env: HostEnvironment,
  adminConfig: Readonly<Record<string, string>>,
  creation: TopicCreation,
  topic: string,
): Promise<void> {
  const admin = await env.kafka.admin(adminConfig);
  try {
    if ((await admin.describeTopics([topic])).has(topic)) return;
    await admin.createTopic(creation.newTopic(topic));
  } catch (error) {
    if (!isKafkaError(error) || error.kind !== "invalid") throw error;
    throw new ConnectError(
      `Task failed to create new topic ${topic}. Ensure that the task is authorized to create topics or that the topic exists and restart the task`,
      { cause: error, code: "TOPIC_CREATION" },
    );
  } finally {
    await admin.close();
  }
}
