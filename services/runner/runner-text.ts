// Pure: what one runner measures, as text for Prometheus.
import {
  connectorSet,
  type MetricFamily,
  metricsText,
  type Naming,
  type TextFormat,
  taskCountSets,
  taskSets,
} from "@millrace/metrics";
import type { RunnerMetrics } from "@millrace/protocol";

/** @param pages all that there are. */
export function runnerText(
  pages: readonly RunnerMetrics[],
  own: readonly MetricFamily[],
  how: { readonly naming: Naming; readonly format: TextFormat },
): Iterable<string> {
  const [first] = pages;
  const worker = first?.workerId ?? "";
  const tasks = pages.flatMap((page) => page.tasks);
  const sets = [
    ...pages.flatMap(({ connectors }) => connectors.map(connectorSet)),
    ...tasks.flatMap(taskSets),
    { labels: { worker }, groups: first?.groups ?? {} },
    ...taskCountSets(worker, tasks),
  ];
  return metricsText({ sets, tasks, more: own }, how);
}
