import assert from "node:assert/strict";
import { test } from "node:test";
import { connectorSet, type MeasuredTask, metricsText, taskCountSets, taskSets } from "./metric-sets.ts";

const TASK: MeasuredTask = {
  ...{ connector: "c", task: 1, state: "FAILED" },
  groups: { "source-task-metrics": { "poll-batch-avg-time-ms": null }, "millrace-task-metrics": { "lag-bytes": null } },
  transforms: [{ alias: "mask", class: "M", version: "1" }],
  predicates: [],
  plugin: [
    {
      ...{ name: "lag_bytes", kind: "gauge", help: "Behind", labels: { slot: "s" }, value: 5 },
      alias: { name: "debezium_metrics_Lag", labels: { name: "p" } },
    },
    { name: "seen_total", kind: "counter", help: "Seen", labels: {}, alias: null, value: null },
  ],
};

function text(tasks: readonly MeasuredTask[]): string[] {
  const sets = [...tasks.flatMap(taskSets), ...taskCountSets("w", tasks)];
  return [...metricsText({ sets, tasks }, { naming: "jmx", format: "openmetrics" })].join("").split("\n");
}

test("metricsText shows states as labels, parts of tasks, and what connectors measure under both its names", () => {
  const lines = text([TASK]);
  for (const line of [
    'kafka_connect_connector_task_status{connector="c",task="1",status="failed"} 1',
    'kafka_connect_source_task_poll_batch_avg_time_ms{connector="c",task="1"} NaN',
    'kafka_connect_connector_transform_transform_class{connector="c",task="1",transform="mask",transform_class="M"} 1',
    'kafka_connect_worker_connector_failed_task_count{worker="w",connector="c"} 1',
    'millrace_connector_lag_bytes{connector="c",task="1",slot="s"} 5',
    'debezium_metrics_Lag{name="p"} 5',
    'millrace_connector_seen_total{connector="c",task="1"} NaN',
    "# TYPE millrace_connector_seen counter",
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.startsWith("millrace_task_lag_bytes{")));
  assert.equal(lines.at(-2), "# EOF");
});

test("metricsText has each series and each family once, though two tasks give one alias", () => {
  const lines = text([TASK, { ...TASK, task: 2 }]);
  const series = lines.filter((line) => !line.startsWith("#")).map((line) => line.slice(0, line.lastIndexOf(" ")));
  assert.equal(new Set(series).size, series.length);
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  assert.equal(new Set(types).size, types.length);
});

test("connectorSet leaves out what is not known", () => {
  const set = connectorSet({ connector: "c", state: "UNASSIGNED", type: null, class: "", version: null });
  assert.deepEqual(set.groups, { "connector-metrics": { status: "unassigned" } });
});
