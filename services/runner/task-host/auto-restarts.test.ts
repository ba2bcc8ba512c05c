import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, DataError, type SourceTaskContext } from "@millrace/connect";
import type { TaskWork } from "@millrace/protocol";
import { openHostFixture, taskWork } from "../testing/host-fixture.ts";
import { assertExactlyOnceSoFar, numberedTask } from "../testing/numbered-source.ts";
import { RunningTask } from "./running-task.ts";

const refused = () =>
  new ConnectError("Query failed", {
    cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
  });

interface Options {
  readonly worker?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly work?: Partial<TaskWork>;
  readonly total?: number;
}

/** A numbered source that `failure` may keep from polling. */
function open({ work = {}, total = 6, ...options }: Options = {}) {
  const upstream: { failure: (() => unknown) | null; starts: number } = { failure: null, starts: 0 };
  const fixture = openHostFixture({
    ...options,
    task: () => {
      const inner = numberedTask({ total });
      upstream.starts++;
      return {
        ...inner,
        poll(context: SourceTaskContext) {
          if (upstream.failure !== null) throw upstream.failure();
          return inner.poll(context);
        },
      };
    },
  });
  const { reports, clock, cluster, until } = fixture;
  return {
    ...fixture,
    upstream,
    start: () => new RunningTask(fixture.env, taskWork(work), fixture.link),
    states: () => reports.map(({ state, active }) => `${state}${active ? "" : " released"}`),
    last: () => reports.at(-1)!,
    allVisible: () => until("all are visible", () => assertExactlyOnceSoFar(cluster) === total),
    stop: (task: RunningTask) => Promise.all([task.stop(5000), clock.advance(100)]),
  };
}

test("RunningTask waits for its database longer each time, says so, and comes back by itself with nothing lost", async () => {
  const { start, upstream, until, last, clock, states, allVisible, stop, reports } = open({ total: 30 });
  const task = start();
  await until("it runs", () => last().state === "RUNNING");
  upstream.failure = refused;
  await until("it has failed", () => last().state === "RESTARTING");
  const { restarts, trace, active } = last();
  assert.deepEqual([restarts?.count, restarts?.reason, active], [1, "retriable: connect ECONNREFUSED", true]);
  assert.match(trace ?? "", /Query failed[\s\S]*Caused by: Error \(ECONNREFUSED\)/);
  const waitMs = restarts!.nextMs! - clock.nowMs();
  assert.ok(waitMs > 170 && waitMs <= 220, `${waitMs} ms`);
  await until("it has tried again three times", () => last().restarts?.count === 4);
  assert.ok(last().restarts!.nextMs! - clock.nowMs() > 1_400);
  upstream.failure = null;
  await allVisible();
  assert.deepEqual([last().state, last().trace], ["RUNNING", null]);
  assert.deepEqual(last().restarts, { count: 4, reason: "retriable: connect ECONNREFUSED", nextMs: null });
  assert.equal(
    reports.some(({ state }) => state === "FAILED"),
    false,
  );
  await stop(task);
  assert.equal(states().at(-1), "UNASSIGNED released");
});

test("RunningTask waits the shortest time again after a run longer than the longest wait", async () => {
  const worker = { "millrace.auto.restart.backoff.max.ms": "4000" };
  const { start, upstream, until, last, clock, stop } = open({ worker });
  const task = start();
  upstream.failure = refused;
  await until("it has failed three times", () => last().restarts?.count === 3);
  upstream.failure = null;
  await until("it runs", () => last().state === "RUNNING");
  await clock.advance(5000);
  upstream.failure = refused;
  await until("it has failed again", () => last().state === "RESTARTING");
  assert.equal(last().restarts?.count, 4);
  assert.ok(last().restarts!.nextMs! - clock.nowMs() <= 1100);
  await stop(task);
});

test("RunningTask starts again a few times after what nobody understands, and then has failed for good", async () => {
  const { start, upstream, until, last, states, clock, stop } = open();
  upstream.failure = () => new TypeError("rows.map is not a function");
  const task = start();
  await until("it has failed for good", () => last().state === "FAILED");
  assert.equal(states().filter((state) => state === "RESTARTING").length, 5);
  assert.deepEqual(last().restarts, { count: 5, reason: "fatal: rows.map is not a function", nextMs: null });
  const { starts } = upstream;
  await clock.advance(3_600_000);
  assert.deepEqual([upstream.starts, last().state, last().active], [starts, "FAILED", false]);
  await stop(task);
});

test("RunningTask that fails for a record or a setting stays failed, without a word of restarts", async () => {
  const poison = open();
  poison.upstream.failure = () => new DataError("not a number");
  const config = open({ work: { config: { "value.converter": "test.Missing" } } });
  const record = open({
    work: { config: { "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter" } },
  });
  for (const { start, until, last, states, clock, stop } of [poison, config, record]) {
    const task = start();
    await until("it has failed", () => last().state === "FAILED");
    await clock.advance(120_000);
    assert.deepEqual([states().includes("RESTARTING"), "restarts" in last()], [false, false]);
    await stop(task);
  }
});

test("RunningTask with millrace.auto.restart=false is FAILED at once, for Kafka's own trouble too", async () => {
  const worker = { "millrace.auto.restart": "false" };
  const away = open({ worker });
  away.upstream.failure = refused;
  const first = away.start();
  await away.until("it has failed", () => away.last().state === "FAILED");
  await away.stop(first);
  const cut = open({ worker, total: 1000 });
  const task = cut.start();
  await cut.until("it works", () => assertExactlyOnceSoFar(cut.cluster) > 0);
  cut.cluster.killProducers("g-c-0");
  await cut.until("it has failed", () => cut.last().state === "FAILED");
  await cut.clock.advance(600_000);
  assert.deepEqual(cut.states(), ["UNASSIGNED", "RUNNING", "FAILED released"]);
  assert.equal("restarts" in cut.last(), false);
  await cut.stop(task);
});

test("RunningTask paused while it waits is PAUSED at once, and resumed tries at once", async () => {
  const { start, upstream, until, last, clock, stop, allVisible } = open({
    worker: { "millrace.auto.restart.backoff.initial.ms": "50000" },
  });
  upstream.failure = refused;
  const task = start();
  await until("it has failed", () => last().state === "RESTARTING");
  const { starts } = upstream;
  task.setTarget("PAUSED");
  await clock.advance(0);
  assert.deepEqual([last().state, last().restarts?.nextMs], ["PAUSED", null]);
  await clock.advance(300_000);
  assert.deepEqual([last().state, upstream.starts], ["PAUSED", starts]);
  upstream.failure = null;
  task.setTarget("STARTED");
  await clock.advance(1000);
  await allVisible();
  await stop(task);
});

test("RunningTask stopped while it waits is released at once", async () => {
  const { start, upstream, until, last, clock, states } = open({
    worker: { "millrace.auto.restart.backoff.initial.ms": "50000" },
  });
  upstream.failure = refused;
  const task = start();
  await until("it has failed", () => last().state === "RESTARTING");
  await Promise.all([task.stop(5000), clock.advance(0)]);
  assert.equal(states().at(-1), "UNASSIGNED released");
  await clock.advance(600_000);
  assert.equal(upstream.starts, 1);
});

test("RunningTask counts on from a host that ended with it", async () => {
  const { env, link, upstream, until, last, reports, stop } = open();
  upstream.failure = refused;
  const task = new RunningTask(env, taskWork(), link, { count: 7, reason: "host: gone", nextMs: 12 });
  assert.deepEqual(reports[0]?.restarts, { count: 7, reason: "host: gone", nextMs: null });
  await until("it has failed", () => last().state === "RESTARTING");
  assert.equal(last().restarts?.count, 8);
  await stop(task);
});

test("RunningTask shows no secret in the reason of a restart, and a reason of one short line (I9)", async () => {
  const { start, upstream, until, last, stop } = open({
    secrets: { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" },
    work: { taskConfig: { "db.password": "$" + "{secrets:db:password}" } },
  });
  upstream.failure = () => new Error(`app:hunter2secret@db\n\tfailed ${"x".repeat(1000)}`);
  const task = start();
  await until("it has failed", () => last().state === "RESTARTING");
  const { reason } = last().restarts!;
  assert.match(reason, /^fatal: app:\$\{secrets:db:password\}@db failed x+…$/);
  assert.equal(reason.length, 200);
  await stop(task);
});

test("RunningTask takes a connector's word that it is STOPPED for its own end", async () => {
  const { start, until, last, clock, states } = open();
  const task = start();
  await until("it runs", () => last().state === "RUNNING");
  task.setTarget("STOPPED");
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "UNASSIGNED released"]);
  await task.stop(5000);
  const stopped = open({ work: { targetState: "STOPPED" } });
  stopped.start();
  await stopped.clock.advance(1000);
  assert.deepEqual([stopped.states(), stopped.upstream.starts], [["UNASSIGNED", "UNASSIGNED released"], 0]);
});

test("RunningTask of more tasks than tasks.max fails with Connect's words, unless that isn't enforced", async () => {
  const strict = open({ work: { tasks: 3, config: { "tasks.max": "2" } } });
  const task = strict.start();
  await strict.until("it has failed", () => strict.last().state === "FAILED");
  assert.match(
    strict.last().trace ?? "",
    /^org\.apache\.kafka\.connect\.runtime\.TooManyTasksException: The connector c has generated 3 tasks, which is greater than 2/,
  );
  await strict.stop(task);
  const lenient = open({ work: { tasks: 3, config: { "tasks.max": "2", "tasks.max.enforce": "false" } } });
  const permitted = lenient.start();
  await lenient.allVisible();
  await lenient.stop(permitted);
});

test("RunningTask whose records Kafka does not authorise stays failed", async () => {
  const { start, cluster, until, last, states, stop } = open();
  cluster.faults.failNext("deliver", { when: "before", kind: "invalid", code: "TOPIC_AUTHORIZATION_FAILED" }, "out");
  const task = start();
  await until("it has failed", () => last().state === "FAILED");
  assert.equal(states().includes("RESTARTING"), false);
  await stop(task);
});
