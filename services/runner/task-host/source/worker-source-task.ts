import {
  ConnectError,
  isRetriable,
  type Logger,
  type OffsetReader,
  type OpenTopic,
  type PluginMetrics,
  type SourceRecord,
  type SourceTask,
  type TaskConfig,
} from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Clock } from "@millrace/time";
import { OneAtATime } from "../one-at-a-time.ts";
import type { SourceEncoder } from "../stages/encode.ts";
import type { ErrorHandler } from "../stages/error-handler.ts";
import type { TaskControl } from "../task-control.ts";
import type { TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import type { BatchTrace, TaskTracer } from "../tracing/task-tracer.ts";
import type { CommittedBatch, Delivery, EncodedRecord } from "./delivery.ts";
import { atBatchEnd, atEnd, type TransactionBoundary } from "./transaction-boundary.ts";
import type { TransactionRequests } from "./transaction-requests.ts";

export interface SourceTaskDeps {
  readonly connector: string;
  readonly taskId: number;
  readonly config: TaskConfig;
  readonly task: SourceTask;
  readonly encoder: SourceEncoder;
  readonly offsets: OffsetReader & { load(): Promise<void> };
  /** Makes a delivery; with exactly-once, older generations are fenced and the assignment re-checked by then (I3). */
  readonly openDelivery: (committed: (batch: CommittedBatch) => Promise<void>) => Promise<Delivery>;
  readonly boundary: TransactionBoundary;
  readonly intervalMs: number;
  /** Told before each batch that is encoded: from then on it is a transform or converter that runs. */
  readonly encoding: () => void;
  /** Only with `transaction.boundary=connector`. */
  readonly requests: TransactionRequests | null;
  readonly handler: ErrorHandler;
  /** What goes to Kafka in place of a record that the handler was told of; null without a dead letter queue. */
  readonly deadLetters: { take(): EncodedRecord | null } | null;
  /** Topic nothing may be written to by the task itself: its own offsets, with exactly-once; else null. */
  readonly forbiddenTopic: string | null;
  /** Called before the first record of a topic is sent. */
  readonly prepareTopic: (topic: string) => Promise<void> | undefined;
  readonly stats: TaskStats;
  readonly metrics: PluginMetrics;
  readonly openTopic: OpenTopic;
  readonly tracer: TaskTracer | null;
  readonly tracker: TopicTracker;
  readonly clock: Clock;
  /** Lets the event loop run: acknowledgements arrive there. */
  readonly yieldToLoop: () => Promise<void>;
  readonly logger: Logger;
}

/** Between a `poll` that failed retriably and the next. */
const POLL_RETRY_MS = 100;

/**
 * THE SOURCE LOOP: poll → transforms → converters → delivery. Read this first.
 *
 * Ends when `control` asks it to, with a final commit; throws when the task has failed, committing nothing further.
 */
export async function runSourceTask(deps: SourceTaskDeps, control: TaskControl): Promise<void> {
  await control.whilePaused();
  if (control.stopping) return;
  const calls = new OneAtATime(control.cancelled);
  const delivery = await deps.openDelivery((batch) => acknowledge(deps, calls, batch));
  try {
    // Only now: what an older producer of ours had left open is ended, and its offsets are there to be read or are not (I3).
    failPoint("source.load.before");
    await deps.offsets.load();
    failPoint("source.load.after");
    if (control.stopping) return;
    try {
      await startTask(deps, control);
      failPoint("source.start.after");
      control.report("RUNNING");
      await loop(deps, control, delivery, calls);
      failPoint("source.finish.before");
      if (!control.cancelled.aborted) await finish(deps, delivery);
      failPoint("source.stop.before");
    } finally {
      await calls.close();
      await stopTask(deps);
    }
  } finally {
    failPoint("source.close.before");
    await delivery.close();
    failPoint("source.close.after");
  }
}

async function loop(deps: SourceTaskDeps, control: TaskControl, delivery: Delivery, calls: OneAtATime): Promise<void> {
  const { boundary, intervalMs, clock, requests } = deps;
  let lastCommitMs = clock.monotonicMs();
  while (!control.stopping) {
    if (control.paused) {
      await finish(deps, delivery);
      await control.whilePaused();
      if (control.stopping) return;
      control.report("RUNNING");
      lastCommitMs = clock.monotonicMs();
    }
    failPoint("source.poll.before");
    const pollMs = clock.monotonicMs();
    const records = await poll(deps, control, calls);
    failPoint("source.poll.after");
    if (records !== null) {
      const tookMs = clock.monotonicMs() - pollMs;
      const trace = records.length === 0 ? null : (deps.tracer?.polled(records.length, tookMs) ?? null);
      try {
        await dispatch(deps, delivery, { records, pollMs: tookMs, trace });
      } catch (error) {
        trace?.failed(error);
        throw error;
      }
      failPoint("source.batch.sent");
    }
    const nowMs = clock.monotonicMs();
    const request = requests?.takeBatch() ?? "none";
    const decision = atBatchEnd({ boundary, intervalMs, lastCommitMs }, request, nowMs);
    if (decision !== "none") lastCommitMs = nowMs;
    if (boundary === "connector" && decision !== "none") await delivery.endTransaction(decision);
    else await (delivery.endBatch(decision === "commit" ? "commit" : "none") ?? deps.yieldToLoop());
  }
}

/** null: nothing yet, or an error that calls itself retriable. */
async function poll(
  deps: SourceTaskDeps,
  control: TaskControl,
  calls: OneAtATime,
): Promise<readonly SourceRecord[] | null> {
  try {
    return await calls.run(() => deps.task.poll());
  } catch (error) {
    if (control.stopping) return null;
    if (!isRetriable(error)) throw error;
    deps.logger.warn("poll failed and will be tried again", { error: String(error) });
    await deps.clock.sleep(POLL_RETRY_MS, control.signal).catch(() => {});
    return null;
  }
}

interface PolledBatch {
  readonly records: readonly SourceRecord[];
  /** How long the poll took. */
  readonly pollMs: number;
  readonly trace: BatchTrace | null;
}

/** Hot: no promise per record, unless a converter, a retry or a connector-defined transaction needs one. */
async function dispatch(
  deps: SourceTaskDeps,
  delivery: Delivery,
  { records, pollMs, trace }: PolledBatch,
): Promise<void> {
  const { encoder, requests } = deps;
  deps.encoding();
  let topic: string | null = null;
  let bytes = 0;
  let dropped = 0;
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    if (record.offsetOnly) {
      delivery.note(record);
      continue;
    }
    let encoded: EncodedRecord | null | Promise<EncodedRecord | null>;
    try {
      encoded = encoder.encode(record);
    } catch (error) {
      encoded = tryAgain(deps, record, error);
    }
    if (encoded instanceof Promise) {
      encoded = await encoded.catch((error) => tryAgain(deps, record, error));
    }
    if (encoded === null) {
      dropped++;
      delivery.drop(record);
    } else {
      if (trace !== null) encoded = trace.carry(encoded);
      if (encoded.value !== null) bytes += encoded.value.length;
      if (encoded.key !== null) bytes += encoded.key.length;
      if (encoded.topic !== topic) {
        topic = encoded.topic;
        deps.tracker.used(topic);
        const preparing = prepareTopic(deps, topic);
        if (preparing !== undefined) await preparing;
      }
      delivery.send(encoded);
    }
    const request = requests?.takeRecord(record) ?? "none";
    if (request !== "none") await delivery.endTransaction(request);
  }
  trace?.sent();
  deps.stats.polled(records.length, pollMs, bytes, dropped);
}

function prepareTopic(deps: SourceTaskDeps, topic: string): Promise<void> | undefined {
  if (topic === deps.forbiddenTopic) {
    throw new ConnectError(
      "Source tasks may not produce to their own offsets topics when exactly-once support is enabled",
      { code: "OWN_OFFSETS_TOPIC" },
    );
  }
  return deps.prepareTopic(topic);
}

/** A record that failed once: retried and tolerated as configured; null when skipped (I5). */
async function tryAgain(
  deps: SourceTaskDeps,
  polled: SourceRecord,
  firstError: unknown,
): Promise<EncodedRecord | null> {
  const { encoder, handler, deadLetters } = deps;
  const encoded = await handler.recover(
    firstError,
    () => encoder.encode(polled),
    (error) => ({ stage: encoder.stage, executing: encoder.executing, error, consumed: null, polled }),
  );
  return encoded ?? deadLetters?.take() ?? null;
}

/** Pausing or ending without failure: nothing stays open, except what a connector-defined boundary hasn't asked for. */
async function finish(deps: SourceTaskDeps, delivery: Delivery): Promise<void> {
  const decision = atEnd(deps.boundary, deps.requests?.takeBatch() ?? "none");
  if (decision === "none") await delivery.settle();
  else await delivery.endTransaction(decision);
}

/** After a commit (I2). What these callbacks throw is logged: the records are durable either way. */
async function acknowledge(deps: SourceTaskDeps, calls: OneAtATime, batch: CommittedBatch): Promise<void> {
  failPoint("source.acknowledge.before");
  if (batch.records > 0) {
    deps.stats.committed(batch.records, batch.commitMs, batch.batches);
    deps.tracer?.committed(batch.records, batch.commitMs, batch.batches);
  }
  deps.tracker.publish();
  const { task, logger } = deps;
  const tell = async () => {
    try {
      for (const { record, metadata } of batch.callbacks) await task.commitRecord?.(record, metadata);
    } catch (error) {
      logger.error("commitRecord failed", { error: String(error) });
    }
    await task.commit?.(batch.last);
  };
  await calls.run(tell).catch((error) => logger.error("commit failed", { error: String(error) }));
  failPoint("source.acknowledge.after");
}

async function startTask(deps: SourceTaskDeps, control: TaskControl): Promise<void> {
  const { connector, taskId, config, offsets, requests, clock, logger } = deps;
  await deps.task.start({
    connector,
    task: taskId,
    config,
    offsets,
    transaction: requests,
    metrics: deps.metrics,
    openTopic: deps.openTopic,
    signal: control.signal,
    logger,
    nowMs: () => clock.nowMs(),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  });
}

async function stopTask(deps: SourceTaskDeps): Promise<void> {
  try {
    await deps.task.stop();
  } catch (error) {
    deps.logger.error("stopping the task failed", { error: String(error) });
  }
}
