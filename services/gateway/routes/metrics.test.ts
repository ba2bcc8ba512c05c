import assert from "node:assert/strict";
import { test } from "node:test";
import { type RunnerMetrics, runnerList, runnerMetrics, type TaskMetrics } from "@millrace/protocol";
import { clusterMetricsBody, oneConnectorMetricsBody } from "../metrics/view-schemas.ts";
import { fileSink, fileSource, ScriptedCluster, send } from "../scripted-cluster.ts";

function measured(connector: string, task: number, rates: { polled: number; lag: number | null }): TaskMetrics {
  return {
    ...{ connector, task, generation: 1, type: "source", state: "RUNNING" },
    ...{ transforms: [], predicates: [], plugin: [] },
    groups: {
      "connector-task-metrics": { "offset-commit-avg-time-ms": 4, "offset-commit-max-time-ms": 9 },
      "source-task-metrics": { "source-record-write-rate": rates.polled, "source-record-write-total": 10 },
      "task-error-metrics": { "deadletterqueue-produce-requests": 2, "last-error-timestamp": 1_795_000_000_000 },
      "millrace-task-metrics": { "bytes-rate": 100, "lag-seconds": rates.lag, "commits-total": 5 },
    },
  };
}

async function started() {
  const cluster = await ScriptedCluster.start();
  cluster.add("lines", { "connector.class": fileSource }, 2);
  cluster.add("back", { "connector.class": fileSink });
  const about = { workerId: "w:8083", version: "1", hosts: [{ pid: 7, busy: 0.5, connectors: 1, tasks: 2 }] };
  const answers: Record<string, RunnerMetrics[]> = {
    a: [
      {
        ...{ ...about, runner: "a", groups: { "millrace-runner-metrics": { "watchdog-kills-total": 3 } } },
        connectors: [{ connector: "lines", state: "RUNNING", type: "source", class: fileSource, version: "4" }],
        tasks: [measured("lines", 0, { polled: 7, lag: 2 })],
        more: true,
      },
      {
        ...about,
        runner: "a",
        groups: {},
        connectors: [],
        tasks: [measured("lines", 1, { polled: 5, lag: 30 })],
        more: false,
      },
    ],
  };
  await cluster.scheduler.respond(runnerList, () => ({
    runners: ["a", "silent"].map((runner) => ({ runner, workerId: "w:8083", hosts: 1 })),
  }));
  await cluster.runner.respond(runnerMetrics("a"), ({ page }) => answers.a![page]!);
  return { cluster, gateway: cluster.gateway() };
}

test("GET /millrace/v1/metrics puts together what all runners say, and tells of those that say nothing", async () => {
  const { gateway } = await started();
  const { status, body } = await send(gateway, "GET /millrace/v1/metrics");
  assert.equal(status, 200);
  const view = clusterMetricsBody.parse(body);
  assert.equal(view.missingRunners, 1);
  assert.deepEqual(
    view.runners.map(({ runner, tasks, watchdogKills }) => [runner, tasks, watchdogKills]),
    [["a", 2, 3]],
  );
  const lines = view.connectors.find(({ name }) => name === "lines")!;
  assert.deepEqual([lines.type, lines.class, lines.state], ["source", fileSource, "RUNNING"]);
  assert.deepEqual([lines.recordsPerSecond, lines.bytesPerSecond, lines.records.given], [12, 200, 20]);
  assert.deepEqual(lines.lag, { seconds: 30, bytes: null, records: null });
  assert.deepEqual([lines.commits.total, lines.commits.averageMs, lines.commits.maxMs], [10, 4, 9]);
  assert.deepEqual([lines.errors.deadLetters, lines.errors.lastAt], [4, "2026-11-18T11:06:40.000Z"]);
  assert.deepEqual(
    lines.tasks?.map(({ id, state, recordsPerSecond }) => [id, state, recordsPerSecond]),
    [
      [0, "RUNNING", 7],
      [1, "RUNNING", 5],
    ],
  );
  assert.deepEqual(view.connectors.find(({ name }) => name === "back")?.recordsPerSecond, 0);
  const { body: brief } = await send(gateway, "GET /millrace/v1/metrics?tasks=false");
  assert.equal(clusterMetricsBody.parse(brief).connectors[0]?.tasks, undefined);
});

test("GET /millrace/v1/connectors/{c}/metrics has every number, and knows unknown connectors", async () => {
  const { gateway } = await started();
  const { body } = await send(gateway, "GET /millrace/v1/connectors/lines/metrics");
  const one = oneConnectorMetricsBody.parse(body);
  assert.equal(one.connector.name, "lines");
  assert.equal(one.measured[1]?.groups["source-task-metrics"]?.["source-record-write-rate"], 5);
  const { status } = await send(gateway, "GET /millrace/v1/connectors/none/metrics");
  assert.equal(status, 404);
});

test("GET /metrics answers in the format asked for, whatever JSON clients want, and without runners too", async () => {
  const { cluster, gateway } = await started();
  const fetch = (path: string, headers: Record<string, string> = {}) =>
    gateway.fetch(new Request(`http://connect:8083${path}`, { headers }));
  const classic = await fetch("/metrics", { accept: "text/plain" });
  assert.equal(classic.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await classic.text();
  assert.match(text, /^kafka_connect_connector_status\{connector="lines",status="running"\} 1$/m);
  assert.match(
    text,
    /^kafka_connect_connector_task_metrics_status_info\{connector="back",task="0",status="running"\} 1$/m,
  );
  assert.match(text, /^kafka_connect_worker_connector_total_task_count\{worker="w:8083",connector="lines"\} 2$/m);
  assert.match(text, /^millrace_scrape_missing_runners 1$/m);
  assert.match(text, /^# TYPE kafka_connect_source_task_source_record_write_total counter$/m);
  const open = await fetch("/metrics", {
    accept: "application/openmetrics-text;version=1.0.0",
    "accept-encoding": "gzip",
  });
  assert.equal(open.headers.get("content-encoding"), "gzip");
  const unzipped = await new Response(open.body!.pipeThrough(new DecompressionStream("gzip"))).text();
  assert.match(unzipped, /^# TYPE kafka_connect_source_task_source_record_write counter$/m);
  assert.match(unzipped, /\n# EOF\n$/);
  assert.doesNotMatch(await (await fetch("/metrics?scope=service")).text(), /kafka_connect/);
  const one = await cluster.gateway({ metricsNaming: "jmx" }).fetch(new Request("http://connect:8083/metrics"));
  assert.doesNotMatch(await one.text(), /_metrics_status_info/);
});

test("metrics asked for while the scheduler is silent share one question, which ends after four seconds", async () => {
  const { cluster, gateway } = await started();
  const asked: string[] = [];
  cluster.hub.filter = ({ kind, subject }) => {
    if (kind === "request") asked.push(subject);
    return subject.startsWith("scheduler.") ? [] : [0];
  };
  const answers = [1, 2, 3].map(async (second) => {
    await cluster.clock.sleep(second * 1_000);
    return (await send(gateway, "GET /millrace/v1/metrics")).status;
  });
  await cluster.clock.advance(4_900);
  assert.deepEqual(asked.sort(), ["scheduler.runner.list", "scheduler.status.list"]);
  await cluster.clock.advance(100);
  assert.deepEqual(await Promise.all(answers), [500, 500, 500]);
  cluster.hub.filter = () => [0];
  assert.equal((await send(gateway, "GET /millrace/v1/metrics")).status, 200);
});
