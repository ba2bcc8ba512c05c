import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, definePlugin } from "@millrace/connect";
import { connectorWork, openHostFixture, taskWork } from "../testing/host-fixture.ts";
import { assertExactlyOnceSoFar, numberedTask } from "../testing/numbered-source.ts";
import { RunningConnector } from "./connector/running-connector.ts";
import { RunningTask } from "./running-task.ts";

function openTask(worker: Readonly<Record<string, string>> = {}, script = numberedTask) {
  const fixture = openHostFixture({ task: () => script({ total: 60 }), worker });
  const task = new RunningTask(fixture.env, taskWork(), fixture.link);
  const stop = () => Promise.all([task.stop(5_000), fixture.clock.advance(6_000)]);
  return { ...fixture, task, stop, last: () => fixture.reports.at(-1)! };
}

test("RunningTask starts anew after an error that nobody caught, and loses and repeats nothing", async () => {
  const { task, cluster, until, last, stop } = openTask();
  await until("some are visible", () => assertExactlyOnceSoFar(cluster) >= 6);
  task.threw(new Error("boom in a timer"));
  await until("it waits", () => last().state === "RESTARTING");
  assert.match(last().trace ?? "", /^Error: boom in a timer/);
  await until("it runs again", () => last().state === "RUNNING");
  assert.equal(last().restarts?.reason, "fatal: boom in a timer");
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 60);
  await stop();
});

test("RunningTask with millrace.auto.restart=false fails for it, and what is left of it commits nothing", async () => {
  const { task, cluster, clock, until, last, stop } = openTask({ "millrace.auto.restart": "false" });
  await until("some are visible", () => assertExactlyOnceSoFar(cluster) >= 6);
  task.threw(new Error("boom"));
  const at = assertExactlyOnceSoFar(cluster);
  await until("it has failed", () => last().state === "FAILED");
  task.threw(new Error("again"));
  await clock.advance(10_000);
  assert.equal(assertExactlyOnceSoFar(cluster), at);
  assert.deepEqual([last().state, last().active], ["FAILED", false]);
  assert.match(last().trace ?? "", /boom/);
  await stop();
});

test("RunningTask whose attempt never ends goes on with another after an error that nobody caught", async () => {
  let tasks = 0;
  const script = (options: { readonly total: number }) => {
    tasks++;
    return tasks === 1 ? { poll: () => new Promise<never>(() => {}) } : numberedTask(options);
  };
  const { task, cluster, until, last, stop } = openTask({}, script);
  await until("it runs", () => last().state === "RUNNING");
  task.threw(new Error("boom"));
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 60);
  await stop();
});

test("RunningTask that is being stopped has ended with an error that nobody caught", async () => {
  const { task, clock, until, last } = openTask({}, () => ({ poll: () => new Promise<never>(() => {}) }));
  await until("it runs", () => last().state === "RUNNING");
  const stopped = task.stop(60_000);
  await clock.advance(10);
  task.threw(new Error("boom"));
  await until("it has ended", () => !last().active);
  await stopped;
  assert.deepEqual([last().state, last().trace], ["UNASSIGNED", null]);
});

test("RunningConnector fails for an error that nobody caught", async () => {
  const plugin = definePlugin({
    type: "source",
    class: "test.Quiet",
    version: "1",
    overview: "Does nothing.",
    config: new ConfigDef(),
    create: () => ({ start() {}, taskConfigs: () => [{}], stop() {}, task: () => ({}) as never }),
  });
  const { env, link, reports, clock, until } = openHostFixture({ plugins: [plugin] });
  const connector = new RunningConnector(env, connectorWork({ config: { "connector.class": "test.Quiet" } }), link);
  await until("it runs", () => reports.at(-1)?.state === "RUNNING");
  connector.threw(new Error("boom in a timer"));
  assert.equal(reports.at(-1)?.state, "FAILED");
  assert.match(reports.at(-1)?.trace ?? "", /^Error: boom in a timer/);
  await Promise.all([connector.stop(1_000), clock.advance(10)]);
});
