// Pure: what runs in the cluster, how fast and how far behind, for programs that show it.
import type { ConnectorStatus, RunnerMetrics, TaskMetrics } from "@millrace/protocol";
import type * as z from "zod";
import { type ClusterMetrics, taskKey } from "./gather.ts";
import type { clusterMetricsBody, connectorMetricsBody, taskMetricsBody } from "./view-schemas.ts";

type TaskView = z.infer<typeof taskMetricsBody>;
type ConnectorView = z.infer<typeof connectorMetricsBody>;
type Rates = Pick<TaskView, "recordsPerSecond" | "bytesPerSecond" | "records" | "bytes" | "lag" | "errors" | "commits">;

export function clusterView(cluster: ClusterMetrics, withTasks: boolean): z.infer<typeof clusterMetricsBody> {
  const { nowMs, tookMs, statuses, runners, missing } = cluster;
  return {
    at: new Date(nowMs).toISOString(),
    tookMs: Math.round(tookMs),
    missingRunners: missing,
    runners: runners.map(runnerView),
    connectors: [...statuses.values()].map((status) => {
      const { tasks, ...view } = connectorView(cluster, status);
      return withTasks ? { ...view, tasks } : view;
    }),
  };
}

export function connectorView(cluster: ClusterMetrics, status: ConnectorStatus): Required<ConnectorView> {
  const { name, connector } = status;
  const about = cluster.connectors.get(name);
  const tasks = status.tasks.map((task) => ({
    id: task.id,
    state: task.state,
    workerId: task.workerId,
    restarts: task.restarts?.count ?? 0,
    ...ratesOf(cluster.tasks.get(taskKey(name, task.id))),
  }));
  return {
    name,
    type: about?.type ?? cluster.tasks.get(taskKey(name, 0))?.type ?? null,
    class: about?.class ?? null,
    version: connector.version,
    state: connector.state,
    workerId: connector.workerId,
    taskStates: countOf(status.tasks.map(({ state }) => state)),
    ...together(tasks),
    tasks,
  };
}

/** Every number of one task, under Connect's names. */
export function taskGroups(cluster: ClusterMetrics, connector: string): TaskMetrics[] {
  return [...cluster.tasks.values()].filter((task) => task.connector === connector);
}

function countOf(states: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function runnerView({ runner, workerId, version, hosts, groups, connectors, tasks }: RunnerMetrics) {
  const own = groups["millrace-runner-metrics"] ?? {};
  const number = (attribute: string) => numberOr(own[attribute], 0);
  return {
    ...{ runner, workerId, version, hosts },
    connectors: connectors.length,
    tasks: tasks.length,
    busy: number("busy-ratio"),
    hostCrashes: number("host-crashes-total"),
    watchdogKills: number("watchdog-kills-total"),
  };
}

function ratesOf(task: TaskMetrics | undefined): Rates {
  const groups = task?.groups ?? {};
  const of = (group: string) => (attribute: string) => numberOr(groups[group]?.[attribute], null);
  const [own, errors, all] = [of("millrace-task-metrics"), of("task-error-metrics"), of("connector-task-metrics")];
  const sink = task?.type === "sink";
  const flow = of(sink ? "sink-task-metrics" : "source-task-metrics");
  const given = sink ? "sink-record-send" : "source-record-write";
  const taken = sink ? "sink-record-read" : "source-record-poll";
  return {
    recordsPerSecond: flow(`${given}-rate`) ?? 0,
    bytesPerSecond: own("bytes-rate") ?? 0,
    records: { taken: flow(`${taken}-total`) ?? 0, given: flow(`${given}-total`) ?? 0 },
    bytes: own("bytes-total") ?? 0,
    lag: { seconds: own("lag-seconds"), bytes: own("lag-bytes"), records: own("lag-records") },
    errors: {
      failures: errors("total-record-failures") ?? 0,
      errors: errors("total-record-errors") ?? 0,
      skipped: errors("total-records-skipped") ?? 0,
      retries: errors("total-retries") ?? 0,
      deadLetters: errors("deadletterqueue-produce-requests") ?? 0,
      lastAt: timeText(errors("last-error-timestamp")),
    },
    commits: {
      total: own("commits-total") ?? 0,
      failures: own("commit-failures-total") ?? 0,
      averageMs: all("offset-commit-avg-time-ms"),
      maxMs: all("offset-commit-max-time-ms"),
      lastAt: timeText((own("last-commit-timestamp-seconds") ?? 0) * 1_000),
    },
  };
}

/** Sums; of lags in time and of commit times the worst; of averages the mean over tasks. */
function together(tasks: readonly Rates[]): Rates {
  const sum = (of: (task: Rates) => number) => tasks.reduce((total, task) => total + of(task), 0);
  const known = (of: (task: Rates) => number | null) => tasks.flatMap((task) => of(task) ?? []);
  const worst = (of: (task: Rates) => number | null) => (known(of).length === 0 ? null : Math.max(...known(of)));
  const total = (of: (task: Rates) => number | null) =>
    known(of).length === 0 ? null : known(of).reduce((all, each) => all + each, 0);
  const latest = (of: (task: Rates) => string | null) =>
    tasks
      .flatMap((task) => of(task) ?? [])
      .sort()
      .at(-1) ?? null;
  const averages = known(({ commits }) => commits.averageMs);
  return {
    recordsPerSecond: sum((task) => task.recordsPerSecond),
    bytesPerSecond: sum((task) => task.bytesPerSecond),
    records: { taken: sum(({ records }) => records.taken), given: sum(({ records }) => records.given) },
    bytes: sum((task) => task.bytes),
    lag: {
      seconds: worst(({ lag }) => lag.seconds),
      bytes: total(({ lag }) => lag.bytes),
      records: total(({ lag }) => lag.records),
    },
    errors: {
      failures: sum(({ errors }) => errors.failures),
      errors: sum(({ errors }) => errors.errors),
      skipped: sum(({ errors }) => errors.skipped),
      retries: sum(({ errors }) => errors.retries),
      deadLetters: sum(({ errors }) => errors.deadLetters),
      lastAt: latest(({ errors }) => errors.lastAt),
    },
    commits: {
      total: sum(({ commits }) => commits.total),
      failures: sum(({ commits }) => commits.failures),
      averageMs: averages.length === 0 ? null : averages.reduce((all, each) => all + each, 0) / averages.length,
      maxMs: worst(({ commits }) => commits.maxMs),
      lastAt: latest(({ commits }) => commits.lastAt),
    },
  };
}

function numberOr<D>(value: number | string | null | undefined, absent: D): number | D {
  return typeof value === "number" ? value : absent;
}

function timeText(ms: number | null): string | null {
  return ms === null || ms === 0 ? null : new Date(ms).toISOString();
}
