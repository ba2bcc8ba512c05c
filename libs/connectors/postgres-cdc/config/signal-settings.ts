// Pure: settings of signals, of the snapshots they ask for, and of notifications.
import type { TaskConfig } from "@millrace/connect";
import { parseTableId, type TableId } from "../incremental/table-id.ts";
import { splitList } from "./patterns.ts";

export interface SignalSettings {
  /** Tables signals are written to; marks of incremental snapshots go to the first. */
  readonly tables: readonly TableId[];
  readonly fromTable: boolean;
  /** Null: not read. */
  readonly file: string | null;
  readonly topic: SignalTopicSettings | null;
  /** Names of channels there are none of, such as jmx. */
  readonly unknown: readonly string[];
  readonly pollIntervalMs: number;
}

export interface SignalTopicSettings {
  readonly name: string;
  /** How long to wait for a signal each time. */
  readonly waitMs: number;
  /** Of the consumer, under Kafka's names. */
  readonly client: Readonly<Record<string, string>>;
}

export interface IncrementalSettings {
  readonly chunkRows: number;
  readonly strategy: "insert_insert" | "insert_delete";
}

export interface NotificationSettings {
  /** Null: no topic gets them. */
  readonly topic: string | null;
  readonly toLog: boolean;
}

const CHANNELS = new Set(["source", "kafka", "file"]);
const CONSUMER_PREFIX = "signal.consumer.";

export function signalSettings(config: TaskConfig): SignalSettings {
  const text = (name: string, fallback: string) => config[name]?.trim() || fallback;
  const channels = new Set(splitList(text("signal.enabled.channels", "source")));
  return {
    tables: splitList(config["signal.data.collection"] ?? null).flatMap((id) => parseTableId(id) ?? []),
    fromTable: channels.has("source"),
    file: channels.has("file") ? text("signal.file", "file-signals.txt") : null,
    topic: channels.has("kafka") ? signalTopic(config, text) : null,
    unknown: [...channels].filter((name) => !CHANNELS.has(name)),
    pollIntervalMs: Number(text("signal.poll.interval.ms", "5000")),
  };
}

function signalTopic(config: TaskConfig, text: (name: string, fallback: string) => string): SignalTopicSettings {
  const client: Record<string, string> = {
    "bootstrap.servers": text("signal.kafka.bootstrap.servers", ""),
    "group.id": text("signal.kafka.groupId", "kafka-signal"),
  };
  for (const [name, value] of Object.entries(config)) {
    if (name.startsWith(CONSUMER_PREFIX)) client[name.slice(CONSUMER_PREFIX.length)] = value;
  }
  const name = text("signal.kafka.topic", `${config["topic.prefix"]}-signal`);
  return { name, waitMs: Number(text("signal.kafka.poll.timeout.ms", "0")), client };
}

export function incrementalSettings(config: TaskConfig): IncrementalSettings {
  const strategy = config["incremental.snapshot.watermarking.strategy"]?.trim().toLowerCase();
  return {
    chunkRows: Number(config["incremental.snapshot.chunk.size"] ?? 1024),
    strategy: strategy === "insert_delete" ? "insert_delete" : "insert_insert",
  };
}

export function notificationSettings(config: TaskConfig): NotificationSettings {
  const channels = splitList(config["notification.enabled.channels"] ?? null);
  return {
    topic: channels.includes("sink") ? (config["notification.sink.topic.name"] ?? null) : null,
    toLog: channels.includes("log"),
  };
}
