import { ConfigError, type Logger, type PluginMetrics, type SourcePlugin, type SourceTask } from "@millrace/connect";
import type { TaskWork } from "@millrace/protocol";
import { type Activity, noted, recordStep } from "../activity.ts";
import {
  adminClient,
  allowedLayers,
  type ClientLayers,
  connectionConfig,
  offsetsConsumer,
  type TaskIdentity,
} from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { createDeadLetterTopic } from "../stages/dead-letter-queue.ts";
import { SourceEncoder } from "../stages/encode.ts";
import { ErrorHandler, type Reporter } from "../stages/error-handler.ts";
import { LogReporter } from "../stages/log-reporter.ts";
import { reportSettings } from "../stages/report-settings.ts";
import { tolerancePolicy } from "../stages/tolerance.ts";
import type { TaskControl } from "../task-control.ts";
import { taskParts } from "../task-parts.ts";
import { openConverters, openTransforms } from "../task-plugins.ts";
import type { TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import type { TaskTracer } from "../tracing/task-tracer.ts";
import { type CommittedBatch, Delivery } from "./delivery.ts";
import { offsetsTopicConfigs } from "./offsets-topics.ts";
import { openCommitter } from "./open-committer.ts";
import { openTopicOf } from "./open-topic.ts";
import { prepareTopics } from "./prepare-topics.ts";
import { SourceDeadLetters } from "./source-dead-letters.ts";
import { SourceOffsets } from "./source-offsets.ts";
import type { TransactionBoundary } from "./transaction-boundary.ts";
import { TransactionRequests } from "./transaction-requests.ts";
import { runSourceTask, type SourceTaskDeps } from "./worker-source-task.ts";

export interface SourceTaskSpec {
  readonly work: TaskWork;
  readonly plugin: SourcePlugin;
  /** The connector's config and the task's, both resolved. */
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
  /** Rejects when this generation of the task doesn't belong to this host any more. */
  readonly verifyAssignment: () => Promise<void>;
}

/** For how long a source that keeps up with its commits fills the next one: transactions of some ten thousand records. */
const LINGER = { recordsMin: 100, ms: 12 };
/** Records held during a commit: enough to keep the loop busy, whether they are small or large, little enough for small hosts. */
const HELD = { recordsMax: 20_000, bytesMax: 8 * 1024 * 1024 };

/** Gathers what the source loop needs for one attempt of a task, and runs it. */
export async function startSourceTask(env: HostEnvironment, spec: SourceTaskSpec, control: TaskControl): Promise<void> {
  const { work, connectorConfig, logger } = spec;
  spec.activity.call = "configure";
  const { worker } = env;
  const layers = allowedLayers(worker, "source", connectorConfig);
  const identity: TaskIdentity = { groupId: worker.groupId, connector: work.connector, task: work.task };
  const exactlyOnce = worker.exactlyOnceSourceSupport === "enabled";
  const boundary = exactlyOnce ? boundaryOf(connectorConfig) : "interval";
  const offsets = openSourceOffsets(env, work.connector, layers, identity, control.signal);
  const methods = ["start", "poll", "commit", "commitRecord", "stop"] as const;
  const task: SourceTask = noted(spec.activity, spec.plugin.create().task(), methods);
  const ownIntervalMs = exactlyOnce ? connectorConfig["transaction.boundary.interval.ms"] : undefined;
  const intervalMs = Number(ownIntervalMs ?? worker.offsetFlushIntervalMs);
  const topic = connectorConfig["offsets.storage.topic"] ?? worker.offsetStorageTopic;

  const { handler, deadLetters } = openSourceErrors(env, spec, control);

  const openDelivery = async (committed: (batch: CommittedBatch) => Promise<void>): Promise<Delivery> => {
    if (deadLetters !== null) {
      await createDeadLetterTopic({ kafka: env.kafka, logger }, adminClient(layers, identity), deadLetters.settings);
    }
    const { producer, committer } = await openCommitter(env, {
      layers,
      identity,
      offsetsTopic: topic,
      twoLevel: offsets.twoLevel,
      signal: control.cancelled,
      handler,
      logger,
      transactionIntervalMs: boundary === "interval" ? intervalMs : 0,
      initialised: spec.verifyAssignment,
    });
    const recordCallbacks = task.commitRecord !== undefined;
    return new Delivery({
      producer,
      committer,
      encodeOffset: offsets.encode,
      committed,
      commitFailed: () => spec.stats.commitFailed(),
      clock: env.clock,
      signal: control.cancelled,
      held: HELD,
      linger: LINGER,
      recordCallbacks,
    });
  };

  const converters = openConverters(env, connectorConfig);
  spec.stats.parts = taskParts(env, connectorConfig, { ...spec, converters });
  const encoder = new SourceEncoder(openTransforms(env, connectorConfig), converters);
  const deps: SourceTaskDeps = {
    connector: work.connector,
    taskId: work.task,
    config: spec.taskConfig,
    task,
    encoder,
    offsets,
    openDelivery,
    boundary,
    intervalMs,
    requests: boundary === "connector" ? new TransactionRequests() : null,
    encoding: () => {
      spec.activity.call = () => recordStep(encoder);
    },
    handler,
    deadLetters,
    forbiddenTopic: exactlyOnce ? topic : null,
    prepareTopic: prepareTopics(env, connectorConfig, adminClient(layers, identity)),
    stats: spec.stats,
    metrics: spec.metrics,
    openTopic: openTopicOf(env.kafka, worker.properties),
    tracer: spec.tracer,
    tracker: spec.tracker,
    clock: env.clock,
    yieldToLoop: env.yieldToLoop,
    logger,
  };
  try {
    await runSourceTask(deps, control);
  } finally {
    encoder.close();
  }
}

/** Dead letters only where records may be skipped: those of a task that fails would be taken back with its transaction. */
function openSourceErrors(
  env: HostEnvironment,
  { work, connectorConfig, stats, hide, logger }: SourceTaskSpec,
  control: TaskControl,
): { handler: ErrorHandler; deadLetters: SourceDeadLetters | null } {
  const { log, logRecords, deadLetters: settings } = reportSettings(connectorConfig);
  const policy = tolerancePolicy(connectorConfig);
  const task = { connector: work.connector, task: work.task };
  const wanted = settings !== null && policy.tolerance === "all";
  const deadLetters = wanted ? new SourceDeadLetters({ task, settings, stats, hide }) : null;
  const reporters: Reporter[] = [
    ...(log ? [new LogReporter({ task, includeRecords: logRecords, stats, logger })] : []),
    ...(deadLetters === null ? [] : [deadLetters]),
  ];
  const { clock, random } = env;
  const { signal } = control;
  return { handler: new ErrorHandler({ policy, reporters, stats, clock, random, signal, logger }), deadLetters };
}

/** The offsets a connector has, read when asked for: for its tasks, and for `/connectors/{c}/offsets`. */
export function openSourceOffsets(
  env: HostEnvironment,
  connector: string,
  layers: ClientLayers,
  identity: TaskIdentity,
  signal: AbortSignal,
): SourceOffsets {
  const { worker, offsetsTopics } = env;
  const own = layers.connector["offsets.storage.topic"];
  const consumer = offsetsConsumer(layers, identity);
  const settings = {
    partitions: worker.offsetStoragePartitions,
    replicationFactor: worker.offsetStorageReplicationFactor,
    configs: offsetsTopicConfigs(worker.properties),
  };
  const workers = { ...settings, topic: worker.offsetStorageTopic };
  const sameCluster = consumer["bootstrap.servers"] === connectionConfig(worker.properties)["bootstrap.servers"];
  const single = own === undefined || (own === worker.offsetStorageTopic && sameCluster);
  const primary = offsetsTopics.get({ ...workers, topic: own ?? workers.topic, consumer });
  const workerLayers = { worker: layers.worker, connector: {} };
  const secondary = single
    ? null
    : offsetsTopics.get({ ...workers, consumer: offsetsConsumer(workerLayers, identity) });
  return new SourceOffsets({ connector, primary, secondary, signal });
}

function boundaryOf(config: Readonly<Record<string, string>>): TransactionBoundary {
  const boundary = (config["transaction.boundary"] ?? "poll").toLowerCase();
  if (boundary === "poll" || boundary === "interval" || boundary === "connector") return boundary;
  throw new ConfigError(`transaction.boundary is '${boundary}': use poll, interval or connector`);
}
