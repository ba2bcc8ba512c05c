import type { Logger, SinkPlugin } from "@millrace/connect";
import type { TaskWork } from "@millrace/protocol";
import { allowedLayers, sinkConsumer } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { SinkDecoder } from "../stages/decode.ts";
import { tolerancePolicy } from "../stages/tolerance.ts";
import type { TaskControl } from "../task-control.ts";
import { openConverters, openTransforms } from "../task-plugins.ts";
import type { TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import { WorkerSinkTask } from "./worker-sink-task.ts";

export interface SinkTaskSpec {
  readonly work: TaskWork;
  readonly plugin: SinkPlugin;
  readonly connectorConfig: Readonly<Record<string, string>>;
  readonly taskConfig: Readonly<Record<string, string>>;
  readonly stats: TaskStats;
  readonly tracker: TopicTracker;
  readonly logger: Logger;
}

/** Java's consumers answer at most this many records to a poll unless told otherwise. */
const MAX_POLL_RECORDS = 500;

/** Gathers what the sink loop needs for one attempt of a task, and runs it. */
export async function startSinkTask(env: HostEnvironment, spec: SinkTaskSpec, control: TaskControl): Promise<void> {
  const { work, connectorConfig } = spec;
  const identity = { groupId: env.worker.groupId, connector: work.connector, task: work.task };
  const config = sinkConsumer(allowedLayers(env.worker, "sink", connectorConfig), identity);
  const decoder = new SinkDecoder(openTransforms(env, connectorConfig), openConverters(env, connectorConfig));
  const task = new WorkerSinkTask(
    {
      connector: work.connector,
      taskId: work.task,
      config: spec.taskConfig,
      task: spec.plugin.create().task(),
      decoder,
      openConsumer: () => env.kafka.consumer(config),
      topics: topicsOf(connectorConfig),
      recordsMax: Number(config["max.poll.records"] ?? MAX_POLL_RECORDS),
      flushIntervalMs: env.worker.offsetFlushIntervalMs,
      tolerance: tolerancePolicy(connectorConfig),
      stats: spec.stats,
      tracker: spec.tracker,
      clock: env.clock,
      random: env.random,
      logger: spec.logger,
    },
    control,
  );
  try {
    await task.run();
  } finally {
    decoder.close();
  }
}

function topicsOf(config: Readonly<Record<string, string>>): readonly string[] | { pattern: string } {
  const pattern = config["topics.regex"] ?? "";
  if (pattern !== "") return { pattern: `^(?:${pattern})$` };
  const topics = (config.topics ?? "").split(",").map((topic) => topic.trim());
  return [...new Set(topics.filter((topic) => topic !== ""))];
}
