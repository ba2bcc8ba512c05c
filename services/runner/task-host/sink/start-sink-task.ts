import type { Logger, PluginMetrics, SinkPlugin } from "@millrace/connect";
import type { TaskWork } from "@millrace/protocol";
import { type Activity, noted, recordStep } from "../activity.ts";
import { adminClient, allowedLayers, type Properties, sinkConsumer } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { flagSetting } from "../flag-setting.ts";
import { SinkDecoder } from "../stages/decode.ts";
import { reportSettings } from "../stages/report-settings.ts";
import { tolerancePolicy } from "../stages/tolerance.ts";
import type { TaskControl } from "../task-control.ts";
import { taskParts } from "../task-parts.ts";
import { openConverters, openTransforms } from "../task-plugins.ts";
import type { TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import type { TaskTracer } from "../tracing/task-tracer.ts";
import { openSinkErrors } from "./open-sink-errors.ts";
import { sinkTopics } from "./topic-subscription.ts";
import { WorkerSinkTask } from "./worker-sink-task.ts";

export interface SinkTaskSpec {
  readonly work: TaskWork;
  readonly plugin: SinkPlugin;
  readonly connectorConfig: Readonly<Record<string, string>>;
  readonly taskConfig: Readonly<Record<string, string>>;
  readonly stats: TaskStats;
  readonly metrics: PluginMetrics;
  /** null: nobody wants traces. */
  readonly tracer: TaskTracer | null;
  readonly tracker: TopicTracker;
  readonly activity: Activity;
  /** Takes out of texts what config providers gave (I9). */
  readonly hide: (text: string) => string;
  readonly logger: Logger;
}

const SINK_METHODS = ["start", "open", "put", "flush", "preCommit", "close", "stop"] as const;
/** Java's consumers answer at most this many records to a poll unless told otherwise. */
const MAX_POLL_RECORDS = 500;

/** Gathers what the sink loop needs for one attempt of a task, and runs it. */
export async function startSinkTask(env: HostEnvironment, spec: SinkTaskSpec, control: TaskControl): Promise<void> {
  const { work, connectorConfig, stats, hide, logger } = spec;
  spec.activity.call = "configure";
  const identity = { groupId: env.worker.groupId, connector: work.connector, task: work.task };
  const layers = allowedLayers(env.worker, "sink", connectorConfig);
  const consumer = sinkConsumer(layers, identity);
  const settings = reportSettings(connectorConfig);
  const policy = tolerancePolicy(connectorConfig);
  const errantRecords = settings.log || settings.deadLetters !== null;
  const isolate = flagSetting(connectorConfig["millrace.put.isolate"]);
  const topics = sinkTopics(connectorConfig, consumer);
  const converters = openConverters(env, connectorConfig);
  stats.parts = taskParts(env, connectorConfig, { ...spec, converters });
  const keepOrigin = errantRecords || isolate;
  const decoder = new SinkDecoder({ chain: openTransforms(env, connectorConfig), converters, keepOrigin });
  const errors = { layers, identity, settings, policy, converters, stats, hide, logger };
  const task = new WorkerSinkTask(
    {
      connector: work.connector,
      taskId: work.task,
      config: spec.taskConfig,
      task: noted(spec.activity, spec.plugin.create().task(), SINK_METHODS),
      decoder,
      decoding: () => {
        spec.activity.call = () => recordStep(decoder);
      },
      openErrors: () => openSinkErrors(env, errors, control),
      openConsumer: () => env.kafka.consumer(consumer),
      topics,
      listTopics: () => listTopics(env, adminClient(layers, identity)),
      recordsMax: Number(consumer["max.poll.records"] ?? MAX_POLL_RECORDS),
      flushIntervalMs: env.worker.offsetFlushIntervalMs,
      flushTimeoutMs: env.worker.offsetFlushTimeoutMs,
      errantRecords,
      isolate,
      stats,
      metrics: spec.metrics,
      tracer: spec.tracer,
      tracker: spec.tracker,
      clock: env.clock,
      logger,
    },
    control,
  );
  try {
    await task.run();
  } finally {
    decoder.close();
  }
}

async function listTopics(env: HostEnvironment, config: Properties): Promise<readonly string[]> {
  const admin = await env.kafka.admin(config);
  try {
    return await admin.listTopics();
  } finally {
    await admin.close();
  }
}
