// Pure: what a task has done, as groups of metrics under the names that Kafka Connect gives them.
import type { MetricGroups, Windowed } from "@millrace/metrics";
import type { PluginMetric } from "@millrace/protocol";
import type { TaskStats } from "./task-stats.ts";

export interface TaskMetricsInput {
  readonly type: "source" | "sink";
  readonly stats: TaskStats;
  readonly restarts: number;
  /** What the connector measures itself. */
  readonly plugin: readonly PluginMetric[];
  readonly nowMs: number;
  /** As `stats` counts it. */
  readonly monotonicMs: number;
}

export function taskMetricGroups(input: TaskMetricsInput): MetricGroups {
  return {
    "connector-task-metrics": taskGroup(input),
    ...(input.type === "source"
      ? { "source-task-metrics": sourceGroup(input) }
      : { "sink-task-metrics": sinkGroup(input) }),
    "task-error-metrics": errorGroup(input.stats),
    "millrace-task-metrics": ownGroup(input),
  };
}

function taskGroup({ stats, type, monotonicMs: now }: TaskMetricsInput) {
  const { commits, commitMs, batchSizes } = stats.recent;
  const succeeded = commits.average(now);
  const none = Number.isNaN(succeeded);
  return {
    "running-ratio": ratio(stats.shareOf("RUNNING")),
    "pause-ratio": ratio(stats.shareOf("PAUSED")),
    "offset-commit-max-time-ms": number(commitMs.max(now)),
    "offset-commit-avg-time-ms": number(commitMs.average(now)),
    "offset-commit-failure-percentage": none ? 0 : ratio(1 - succeeded),
    "offset-commit-success-percentage": none ? 0 : ratio(succeeded),
    "batch-size-max": number(batchSizes.max(now)),
    "batch-size-avg": number(batchSizes.average(now)),
    "connector-type": type,
    ...stats.parts?.texts,
  };
}

function sourceGroup({ stats, monotonicMs: now }: TaskMetricsInput) {
  const { polled, committed, callMs, active, commitSizes } = stats.recent;
  return {
    "source-record-poll-rate": number(polled.rate(now)),
    "source-record-poll-total": stats.recordsPolled,
    "source-record-write-rate": number(committed.rate(now)),
    "source-record-write-total": stats.recordsCommitted,
    "poll-batch-max-time-ms": number(callMs.max(now)),
    "poll-batch-avg-time-ms": number(callMs.average(now)),
    ...activeCounts("source", stats.active, active, now),
    "transaction-size-min": number(commitSizes.min(now)),
    "transaction-size-max": number(commitSizes.max(now)),
    "transaction-size-avg": number(commitSizes.average(now)),
  };
}

function sinkGroup({ stats, monotonicMs: now }: TaskMetricsInput) {
  const { polled, committed, callMs, active, commits, commitSkips } = stats.recent;
  const position = stats.sinkPosition?.() ?? null;
  return {
    "sink-record-read-rate": number(polled.rate(now)),
    "sink-record-read-total": stats.recordsPolled,
    "sink-record-send-rate": number(committed.rate(now)),
    "sink-record-send-total": stats.recordsCommitted,
    "sink-record-lag-max": position?.lagMax ?? null,
    "partition-count": position?.partitions ?? 0,
    "offset-commit-seq-no": stats.transactions + stats.commitFailures + stats.commitSkips,
    // What failed counts as 0.
    "offset-commit-completion-rate": number(commits.rate(now)),
    "offset-commit-completion-total": stats.transactions,
    "offset-commit-skip-rate": number(commitSkips.rate(now)),
    "offset-commit-skip-total": stats.commitSkips,
    "put-batch-max-time-ms": number(callMs.max(now)),
    "put-batch-avg-time-ms": number(callMs.average(now)),
    ...activeCounts("sink", position?.active ?? 0, active, now),
  };
}

function activeCounts(side: "source" | "sink", count: number, recent: Windowed, now: number) {
  return {
    [`${side}-record-active-count`]: count,
    [`${side}-record-active-count-max`]: number(recent.max(now)),
    [`${side}-record-active-count-avg`]: number(recent.average(now)),
  };
}

function errorGroup(stats: TaskStats) {
  return {
    "total-record-failures": stats.recordFailures,
    "total-record-errors": stats.recordErrors,
    "total-records-skipped": stats.recordsSkipped,
    "total-retries": stats.retries,
    "total-errors-logged": stats.errorsLogged,
    "deadletterqueue-produce-requests": stats.deadLetterRequests,
    "deadletterqueue-produce-failures": stats.deadLetterFailures,
    "last-error-timestamp": stats.lastErrorMs,
  };
}

function ownGroup(input: TaskMetricsInput) {
  const { stats, type, restarts, monotonicMs: now } = input;
  const { bytes, commitBatches } = stats.recent;
  const batches = {
    "commit-batches-total": stats.commitBatches,
    "commit-batches-avg": number(commitBatches.average(now)),
    "commit-batches-max": number(commitBatches.max(now)),
  };
  return {
    ...(type === "source" ? { ...sourceLag(input), ...batches } : sinkLag(input)),
    "bytes-total": stats.bytes,
    "bytes-rate": number(bytes.rate(now)),
    "records-filtered-total": stats.recordsFiltered,
    "commits-total": stats.transactions,
    "commit-seconds-total": number(stats.commitsMs / 1_000),
    "commit-failures-total": stats.commitFailures,
    "last-commit-timestamp-seconds": number(stats.lastCommitAtMs / 1_000),
    restarts,
    "last-start-timestamp-seconds": number(stats.startedAtMs / 1_000),
  };
}

/** Only the connector knows what is still to come; it says so under these names. */
function sourceLag({ plugin }: TaskMetricsInput) {
  const said = (name: string) => plugin.find((metric) => metric.name === name)?.value;
  const [seconds, bytes] = [said("lag_seconds"), said("lag_bytes")];
  return {
    ...(seconds === undefined ? {} : { "lag-seconds": seconds }),
    ...(bytes === undefined ? {} : { "lag-bytes": bytes }),
  };
}

/** In time: how old the latest record that was given to the task is, while there are others to read. */
function sinkLag({ stats, nowMs }: TaskMetricsInput) {
  const lag = stats.sinkPosition?.().lag ?? null;
  if (lag === null) return { "lag-records": null };
  const { lastRecordMs } = stats;
  if (lag > 0 && lastRecordMs === null) return { "lag-records": lag };
  const behindMs = lag === 0 ? 0 : Math.max(0, nowMs - (lastRecordMs ?? nowMs));
  return { "lag-records": lag, "lag-seconds": number(behindMs / 1_000) };
}

/** Six digits are enough, and short. null: there is none. */
function number(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) || Math.abs(value) >= 100_000
    ? Math.round(value * 1_000) / 1_000
    : Number(value.toPrecision(6));
}

function ratio(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
