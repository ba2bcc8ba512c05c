import assert from "node:assert/strict";
import { test } from "node:test";
import { METRICS, prometheusType } from "./catalogue.ts";
import { metricNames, NAMINGS } from "./connect-names.ts";
import { endText, familyText, labelsText, sample, textFormat, withLabel } from "./exposition.ts";

test("metricNames makes the names of both families", () => {
  const names = (group: string, attribute: string, text = false) =>
    metricNames(group, attribute, text, "both").map(({ name }) => name);
  assert.deepEqual(names("source-task-metrics", "source-record-poll-total"), [
    "kafka_connect_source_task_source_record_poll_total",
    "kafka_connect_source_task_metrics_source_record_poll_total",
  ]);
  assert.deepEqual(names("connect-worker-metrics", "task-count"), [
    "kafka_connect_worker_task_count",
    "kafka_connect_connect_worker_metrics_task_count",
  ]);
  assert.deepEqual(names("connector-metrics", "status", true), [
    "kafka_connect_connector_status",
    "kafka_connect_connector_metrics_status_info",
  ]);
  assert.deepEqual(names("task-error-metrics", "deadletterqueue-produce-requests"), [
    "kafka_connect_task_error_deadletterqueue_produce_requests",
    "kafka_connect_task_error_metrics_deadletterqueue_produce_requests",
  ]);
  assert.deepEqual(names("millrace-task-metrics", "lag-bytes"), ["millrace_task_lag_bytes"]);
});

test("No two metrics share a name", () => {
  for (const naming of NAMINGS) {
    const names = Object.entries(METRICS).flatMap(([group, attributes]) =>
      Object.entries(attributes).flatMap(([attribute, [kind]]) =>
        metricNames(group, attribute, kind === "text", naming).map(({ name }) => name),
      ),
    );
    assert.equal(new Set(names).size, names.length);
  }
});

test("familyText writes a counter as each format wants it", () => {
  const family = { name: "a_total", type: "counter", help: 'Say "a"\n', samples: [sample('{c="1"}', 2)] } as const;
  assert.equal(
    familyText(family, "openmetrics") + endText("openmetrics"),
    '# HELP a Say \\"a\\"\\n\n# TYPE a counter\na_total{c="1"} 2\n# EOF\n',
  );
  assert.equal(
    familyText(family, "classic") + endText("classic"),
    '# HELP a_total Say "a"\\n\n# TYPE a_total counter\na_total{c="1"} 2\n',
  );
});

test("familyText knows texts, odd counters and numbers that are none", () => {
  const of = (name: string, kind: "text" | "counter" | "gauge") => prometheusType(kind, name);
  assert.deepEqual([of("a_info", "text"), of("a", "text"), of("total_a", "counter")], ["info", "gauge", "unknown"]);
  const samples = [sample("", Number.NaN), sample("", Number.POSITIVE_INFINITY)];
  assert.match(familyText({ name: "b", type: "unknown", help: "b", samples }, "classic"), /untyped\nb NaN\nb \+Inf\n$/);
  assert.equal(familyText({ name: "b", type: "gauge", help: "b", samples: [] }, "classic"), "");
});

test("labels are escaped", () => {
  const labels = labelsText({ connector: 'a"b\\c\nd', task: 0 });
  assert.equal(labels, '{connector="a\\"b\\\\c\\nd",task="0"}');
  assert.equal(withLabel(labels, "status", "running"), '{connector="a\\"b\\\\c\\nd",task="0",status="running"}');
  assert.equal(withLabel(labelsText({}), "status", "running"), '{status="running"}');
});

test("textFormat gives OpenMetrics to whoever asks for it", () => {
  assert.equal(textFormat("application/openmetrics-text;version=1.0.0,application/json;q=0.1"), "openmetrics");
  assert.equal(textFormat("text/plain"), "classic");
  assert.equal(textFormat(null), "classic");
});
