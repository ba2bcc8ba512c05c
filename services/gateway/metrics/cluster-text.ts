// Pure: what the whole cluster measures, as text for Prometheus.
import {
  connectorSet,
  type MetricFamily,
  type MetricGroups,
  type MetricSet,
  metricsText,
  type Naming,
  type TextFormat,
  taskCountSets,
  taskSets,
} from "@millrace/metrics";
import type { TaskMetrics } from "@millrace/protocol";
import { restVersion, unknownCommit } from "../version.ts";
import { type ClusterMetrics, taskKey } from "./gather.ts";

/**
 * Connectors and tasks are those that the scheduler knows, whoever runs them.
 * @param own of the gateway itself.
 */
export function clusterText(
  cluster: ClusterMetrics,
  own: readonly MetricFamily[],
  how: { readonly naming: Naming; readonly format: TextFormat },
): Iterable<string> {
  const { runners, statuses, missing, tookMs } = cluster;
  const tasks = [...statuses.values()].flatMap((status) =>
    status.tasks.map(({ id, state }): TaskMetrics => {
      const measured = cluster.tasks.get(taskKey(status.name, id));
      return { ...(measured ?? unmeasured(status.name, id)), state };
    }),
  );
  const connectors = [...statuses.values()].map(({ name, connector: { state, version } }) =>
    connectorSet({ type: null, class: "", ...cluster.connectors.get(name), connector: name, state, version }),
  );
  const unassigned = tasks.filter(({ state }) => state === "UNASSIGNED").length;
  const counts: MetricSet = {
    labels: {},
    groups: {
      "millrace-cluster-metrics": {
        runners: runners.length,
        connectors: connectors.length,
        tasks: tasks.length,
        "unassigned-tasks": unassigned,
      },
      "millrace-scrape-metrics": { "duration-seconds": Math.round(tookMs) / 1_000, "missing-runners": missing },
    },
  };
  const workers = runners.flatMap((runner) => [
    { labels: { worker: runner.workerId }, groups: { ...runner.groups, "app-info": appInfo(runner.groups) } },
    ...taskCountSets(runner.workerId, runner.tasks),
  ]);
  return metricsText({ sets: [...connectors, ...tasks.flatMap(taskSets), ...workers, counts], tasks, more: own }, how);
}

function unmeasured(connector: string, task: number): TaskMetrics {
  const nothing = { groups: {}, transforms: [], predicates: [], plugin: [] };
  return { connector, task, generation: 0, type: "source", state: "UNASSIGNED", ...nothing };
}

/** As `GET /` has it. */
function appInfo(groups: MetricGroups): MetricGroups[string] {
  return { ...groups["app-info"], version: restVersion, "commit-id": unknownCommit };
}
