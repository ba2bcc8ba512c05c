import assert from "node:assert/strict";
import { test } from "node:test";
import { noMetrics, type PluginMetrics } from "@millrace/connect";
import { METRICS } from "@millrace/metrics";
import { taskMetrics } from "@millrace/protocol";
import { openHostFixture, record, taskWork } from "../testing/host-fixture.ts";
import { openSinkFixture, sinkWork } from "../testing/sink-fixture.ts";
import { RunningTask } from "./running-task.ts";

/** Only what is described is measured, and all that is described of these groups is. */
function assertCatalogued(task: RunningTask, groups: readonly string[]): void {
  const measured = taskMetrics.parse(JSON.parse(JSON.stringify(task.metrics())));
  assert.deepEqual(Object.keys(measured.groups).sort(), [...groups].sort());
  for (const [group, attributes] of Object.entries(measured.groups)) {
    const unknown = Object.keys(attributes).filter((attribute) => METRICS[group]?.[attribute] === undefined);
    assert.deepEqual(unknown, [], group);
    if (group === "millrace-task-metrics") continue;
    const missing = Object.keys(METRICS[group]!).filter((attribute) => !(attribute in attributes));
    assert.deepEqual(missing, group === "connector-task-metrics" ? ["status"] : [], group);
  }
}

test("A source task measures polls, commits, bytes and what its connector says", async () => {
  let next = 1;
  let metrics: PluginMetrics = noMetrics;
  const fixture = openHostFixture({
    task: () => ({
      start(context) {
        metrics = context.metrics;
        metrics.gauge("lag_seconds", { help: "Behind", read: () => 12.5 });
        metrics.gauge("lag_bytes", { help: "Behind", read: () => 700 });
        metrics.gauge("broken", { help: "Throws", read: () => JSON.parse("{") });
        metrics.counter("seen_total", { help: "Seen", labels: { kind: "x" } }).add(2);
      },
      poll: () => (next > 8 ? null : [record(next++), record(next++)]),
    }),
    worker: { "metrics.sample.window.ms": "10000" },
  });
  const { env, link, clock, until } = fixture;
  const task = new RunningTask(env, taskWork(), link);
  await until("all are durable", () => task.stats.recordsCommitted === 8);
  assertCatalogued(task, [
    "connector-task-metrics",
    "source-task-metrics",
    "task-error-metrics",
    "millrace-task-metrics",
  ]);
  const { groups, plugin, type, state } = task.metrics();
  const source = groups["source-task-metrics"]!;
  const own = groups["millrace-task-metrics"]!;
  assert.deepEqual([type, state], ["source", "RUNNING"]);
  assert.equal(source["source-record-poll-total"], 8);
  assert.equal(source["source-record-write-total"], 8);
  assert.equal(source["source-record-active-count"], 0);
  assert.ok(Number(source["source-record-poll-rate"]) > 0.5);
  assert.equal(groups["connector-task-metrics"]!["batch-size-avg"], 2);
  assert.equal(groups["connector-task-metrics"]!["offset-commit-success-percentage"], 1);
  assert.equal(groups["connector-task-metrics"]!["connector-class"], "test.ScriptedSource");
  assert.deepEqual([own["lag-seconds"], own["lag-bytes"], own["commit-batches-total"]], [12.5, 700, 4]);
  assert.equal(own["bytes-total"], 16);
  assert.deepEqual(
    plugin.map(({ name, value, labels }) => [name, value, labels]),
    [
      ["lag_seconds", 12.5, {}],
      ["lag_bytes", 700, {}],
      ["broken", null, {}],
      ["seen_total", 2, { kind: "x" }],
    ],
  );
  assert.throws(() => metrics.gauge("Not-A-Name", { help: "", read: () => 1 }), /cannot be the name of a metric/);
  assert.throws(() => metrics.gauge("a", { help: "", labels: { task: "1" }, read: () => 1 }), /label/);
  for (let i = 0; i < 300; i++) metrics.gauge("many", { help: "", labels: { i: String(i) }, read: () => i });
  assert.equal(task.metrics().plugin.length, 200);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("A sink task measures reads, puts, commits and how far it is behind", async () => {
  let held = true;
  const fixture = openSinkFixture({
    put: async (records, context) => {
      while (held && records.length > 0) await context.sleep(10, context.signal);
    },
  });
  const { env, link, clock, until, write } = fixture;
  await write(["one", "two", "three"]);
  const task = new RunningTask(env, sinkWork({ config: { "consumer.override.max.poll.records": "2" } }), link);
  await until("it has read two", () => task.stats.recordsPolled === 2);
  assert.equal(task.metrics().groups["sink-task-metrics"]!["sink-record-lag-max"], 1);
  assert.equal(task.metrics().groups["millrace-task-metrics"]!["lag-records"], 1);
  held = false;
  await until("all are put", () => task.stats.recordsCommitted === 3);
  const before = task.metrics().groups["sink-task-metrics"]!;
  assert.equal(before["sink-record-active-count"], 3);
  await until("offsets are committed", () => fixture.committed() === 3);
  await until("and that is known", () => task.stats.transactions > 0);
  assertCatalogued(task, [
    "connector-task-metrics",
    "sink-task-metrics",
    "task-error-metrics",
    "millrace-task-metrics",
  ]);
  const { groups } = task.metrics();
  const sink = groups["sink-task-metrics"]!;
  assert.deepEqual([sink["sink-record-read-total"], sink["sink-record-send-total"]], [3, 3]);
  assert.deepEqual([sink["partition-count"], sink["sink-record-active-count"]], [1, 0]);
  assert.deepEqual([sink["sink-record-lag-max"], groups["millrace-task-metrics"]!["lag-seconds"]], [0, 0]);
  assert.equal(sink["offset-commit-completion-total"], 1);
  assert.equal(groups["millrace-task-metrics"]!["bytes-total"], 11);
  await Promise.all([task.stop(5000), clock.advance(1000)]);
});
