import assert from "node:assert/strict";
import { test } from "node:test";
import { METRICS } from "@millrace/metrics";
import { type RunnerMetrics, runnerMetrics } from "@millrace/protocol";
import { metricPages } from "./metric-pages.ts";
import { connectorWork, taskWork } from "./testing/host-fixture.ts";
import { numberedWork, openRunnerFixture, type RunnerFixture } from "./testing/runner-fixture.ts";

async function measured(fixture: RunnerFixture): Promise<RunnerMetrics> {
  await fixture.clock.advance(1_000);
  const { runner } = fixture.scheduler.beats.at(-1)!;
  return fixture.ended(fixture.bus.request(runnerMetrics(runner), { page: 0 }));
}

test("Runner tells what its tasks and it itself have measured, and goes on when a host has ended", async () => {
  const fixture = await openRunnerFixture();
  const { scheduler, hosts, runner, until, ended } = fixture;
  await until("the scheduler knows the runner", () => scheduler.beats.length > 0);
  scheduler.assign(connectorWork({ config: { "connector.class": "test.NumberedSource" } }), numberedWork());
  await until("it runs", () => scheduler.states().includes("0/1 RUNNING"));
  const first = await measured(fixture);
  const worker = first.groups["connect-worker-metrics"]!;
  assert.deepEqual([worker["connector-count"], worker["task-count"]], [1, 1]);
  assert.equal(worker["task-startup-success-total"], 1);
  assert.equal(worker["task-startup-success-percentage"], 1);
  for (const [group, attributes] of Object.entries(first.groups)) {
    for (const attribute of Object.keys(attributes)) assert.ok(METRICS[group]?.[attribute], `${group} ${attribute}`);
  }
  const [task] = first.tasks;
  assert.deepEqual([task?.connector, task?.task, task?.state, task?.type], ["c", 0, "RUNNING", "source"]);
  assert.ok(Number(task?.groups["source-task-metrics"]?.["source-record-write-total"]) > 0);
  assert.deepEqual(
    first.connectors.map(({ connector, type, class: name }) => [connector, type, name]),
    [["c", "source", "test.NumberedSource"]],
  );
  const at = hosts.find(({ work }) => [...work].some((key) => key.startsWith("task")))!;
  at.kill();
  await until("it is started again", () => scheduler.states().includes("0/1 RESTARTING"));
  await until("and runs", () => scheduler.states().includes("0/1 RUNNING"));
  const after = (await measured(fixture)).groups["millrace-runner-metrics"]!;
  assert.equal(after["host-crashes-total"], 1);
  assert.ok(Number(after["work-restarts-total"]) >= 1);
  await ended(runner.stop());
});

test("Runner answers in time while a host says nothing", async () => {
  const fixture = await openRunnerFixture();
  const { scheduler, hosts, runner, until, ended } = fixture;
  await until("the scheduler knows the runner", () => scheduler.beats.length > 0);
  scheduler.assign(numberedWork());
  await until("it runs", () => scheduler.states().includes("0/1 RUNNING"));
  for (const host of hosts) host.deaf = true;
  const [task] = (await measured(fixture)).tasks;
  assert.deepEqual([task?.state, task?.groups], ["RUNNING", {}]);
  for (const host of hosts) host.deaf = false;
  await ended(runner.stop());
});

test("metricPages keeps every message small, shows every task once, and those that no host knows", () => {
  const about = { runner: "r", workerId: "w", version: "1", groups: {}, hosts: [] };
  const works = Array.from({ length: 500 }, (_, task) => taskWork({ task }));
  const text = { text: "x".repeat(2_000) };
  const tasks = works.slice(1).map(({ connector, task, generation }) => {
    const steps = { transforms: [], predicates: [], plugin: [] };
    return {
      connector,
      task,
      generation,
      type: "sink" as const,
      state: "RUNNING" as const,
      groups: { g: text },
      ...steps,
    };
  });
  const report = { connector: "c", restart: 0, active: true, trace: null, version: "1", generation: 1 };
  const entries = works.map((work) => ({ work, report: { ...report, task: work.task, state: "PAUSED" as const } }));
  const pages = metricPages({ about, entries, tasks });
  assert.ok(pages.length > 2);
  assert.ok(pages.every((page) => JSON.stringify(page).length < 450_000));
  assert.deepEqual(
    pages.flatMap((page) => page.tasks.map(({ task }) => task)),
    works.map(({ task }) => task),
  );
  assert.deepEqual(
    pages.map(({ more }) => more),
    pages.map((_, i) => i < pages.length - 1),
  );
  assert.deepEqual([pages[0]?.tasks[0]?.groups, pages[0]?.tasks[0]?.state], [{}, "PAUSED"]);
  assert.equal(metricPages({ about, entries: [], tasks: [] }).length, 1);
});
