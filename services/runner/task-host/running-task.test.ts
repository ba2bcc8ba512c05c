import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, RetriableError, Schema } from "@millrace/connect";
import { ProtocolError } from "@millrace/protocol";
import { committedOffsets, committedValues, openHostFixture, record, taskWork } from "../testing/host-fixture.ts";
import { assertExactlyOnceSoFar, numberedTask } from "../testing/numbered-source.ts";
import { RunningTask } from "./running-task.ts";

const ID = "g-c-0";

function openNumbered(total = 6) {
  const fixture = openHostFixture({ task: () => numberedTask({ total }) });
  const states = () => fixture.reports.map(({ state, active }) => `${state}${active ? "" : " released"}`);
  return { ...fixture, states };
}

test("RunningTask commits records and their source offsets in one transaction, and reports its states", async () => {
  const { env, link, cluster, until, states } = openNumbered();
  const task = new RunningTask(env, taskWork(), link);
  await until("six records are committed", () => committedValues(cluster).length === 6);
  assert.deepEqual(committedValues(cluster), ["a1", "a2", "a3", "a4", "a5", "a6"]);
  assert.deepEqual(committedOffsets(cluster), { a: 6 });
  const stopped = task.stop(5000);
  await until("the task has ended", () => states().includes("UNASSIGNED released"));
  await stopped;
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "UNASSIGNED released"]);
  const { recordsCommitted, recordsPolled, transactions } = task.entry();
  assert.deepEqual([recordsCommitted, recordsPolled, transactions], [6, 6, 2]);
});

test("RunningTask that starts paused initialises nothing until it is resumed", async () => {
  const { env, link, cluster, clock, until, states } = openNumbered();
  for (const point of ["connect", "admin", "initTransactions"] as const) {
    cluster.faults.failNext(point, { when: "before", kind: "fatal" });
  }
  const task = new RunningTask(env, taskWork({ targetState: "PAUSED" }), link);
  await clock.advance(1000);
  assert.deepEqual(states(), ["UNASSIGNED", "PAUSED"]);
  assert.equal(cluster.faults.pending, 3);
  assert.deepEqual([...cluster.topics.keys()], ["out"]);
  task.setTarget("STARTED");
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 6);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("RunningTask that starts paused is stopped without having run", async () => {
  const { env, link, clock, states } = openNumbered();
  const task = new RunningTask(env, taskWork({ targetState: "PAUSED" }), link);
  await clock.advance(10);
  await task.stop(5000);
  assert.deepEqual(states(), ["UNASSIGNED", "PAUSED", "UNASSIGNED released"]);
});

test("RunningTask pauses and resumes where it was", async () => {
  const { env, link, cluster, clock, until, states } = openNumbered(60);
  const task = new RunningTask(env, taskWork(), link);
  await until("some are visible", () => assertExactlyOnceSoFar(cluster) >= 6);
  task.setTarget("PAUSED");
  await until("it is paused", () => states().at(-1) === "PAUSED");
  const at = assertExactlyOnceSoFar(cluster);
  await clock.advance(5000);
  assert.equal(assertExactlyOnceSoFar(cluster), at);
  task.setTarget("STARTED");
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 60);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("RunningTask fails with a trace when the task does, and stays until it is taken away", async () => {
  const fixture = openHostFixture({
    worker: { "millrace.auto.restart": "false" },
    task: () => ({
      poll: () => {
        throw new ConnectError("no such table", { cause: new Error("42P01") });
      },
    }),
  });
  const task = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  await fixture.clock.advance(60_000);
  const last = fixture.reports.at(-1)!;
  assert.deepEqual([last.state, last.active], ["FAILED", false]);
  assert.match(last.trace ?? "", /^org\.apache\.kafka\.connect\.errors\.ConnectException: no such table\n/);
  assert.match(last.trace ?? "", /Caused by: Error: 42P01/);
  await task.stop(5000);
});

test("RunningTask fails when its plugin, converter or a setting is wrong", async () => {
  for (const config of [
    { "connector.class": "test.Missing" },
    { "value.converter": "test.Missing" },
    { "transaction.boundary": "sometimes" },
  ]) {
    const { env, link, until, reports } = openNumbered();
    const task = new RunningTask(env, taskWork({ config }), link);
    await until("it has failed", () => reports.at(-1)?.state === "FAILED");
    await task.stop(5000);
  }
});

test("RunningTask polls again after a retriable error, with a pause between", async () => {
  let polls = 0;
  const fixture = openHostFixture({
    task: () => ({
      poll: () => {
        if (++polls < 4) throw new RetriableError("not yet");
        return polls === 4 ? [record(1)] : null;
      },
    }),
  });
  const task = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.clock.advance(250);
  assert.equal(polls, 3);
  await fixture.until("the record is visible", () => assertExactlyOnceSoFar(fixture.cluster) === 1);
  await Promise.all([task.stop(5000), fixture.clock.advance(200)]);
});

test("RunningTask starts again by itself when Kafka goes away, and says so", async () => {
  const { env, link, cluster, clock, until, states, reports } = openNumbered(30);
  const task = new RunningTask(env, taskWork(), link);
  await until("some are visible", () => assertExactlyOnceSoFar(cluster) >= 3);
  cluster.killProducers(ID);
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 30);
  assert.deepEqual(states(), ["UNASSIGNED", "RUNNING", "RESTARTING", "RUNNING"]);
  assert.match(reports[2]?.trace ?? "", /connection lost/);
  assert.equal(reports[3]?.trace, null);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("RunningTask fenced again and again within a minute fails: it has a rival", async () => {
  const { env, link, cluster, clock, until, reports } = openNumbered();
  for (let i = 0; i < 6; i++) {
    cluster.faults.failNext("commitTransaction", { when: "before", kind: "fenced", code: "PRODUCER_FENCED" }, ID);
  }
  const task = new RunningTask(env, taskWork(), link);
  await until("it has failed", () => reports.at(-1)?.state === "FAILED");
  assert.equal(reports.filter(({ state }) => state === "RESTARTING").length, 5);
  await Promise.all([task.stop(5000), clock.advance(10)]);
});

test("RunningTask waits for a leader to verify its assignment before it polls", async () => {
  const { env, link, cluster, clock, until } = openNumbered();
  let asked = 0;
  const leaderless = {
    ...link,
    assignmentVerify: async () => {
      if (++asked < 4) throw new ProtocolError("UNAVAILABLE", "no leader");
      return { verdict: "valid" as const };
    },
  };
  const task = new RunningTask(env, taskWork(), leaderless);
  await clock.advance(150);
  assert.deepEqual(committedValues(cluster), []);
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 6);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("RunningTask asks again within seconds when the leader dies over its question, and gives a slow one more time", async () => {
  const { env, link, cluster, clock, until } = openNumbered();
  const timeouts: number[] = [];
  const dying = {
    ...link,
    assignmentVerify: async ({ timeoutMs }: { timeoutMs: number }) => {
      timeouts.push(timeoutMs);
      if (timeouts.length === 3) return { verdict: "valid" as const };
      await clock.sleep(timeoutMs);
      throw new ProtocolError("TIMEOUT", "no answer");
    },
  };
  const task = new RunningTask(env, taskWork(), dying);
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 6, 4_000);
  assert.deepEqual(timeouts, [1_000, 2_000, 4_000]);
  await Promise.all([task.stop(5000), clock.advance(100)]);
});

test("RunningTask stop commits what was polled", async () => {
  const { env, link, cluster, clock, until } = openNumbered(1000);
  const config = { "transaction.boundary": "interval", "transaction.boundary.interval.ms": "100000" };
  const task = new RunningTask(env, taskWork({ config }), link);
  await until("some are polled", () => task.stats.recordsPolled >= 9);
  await Promise.all([task.stop(5000), clock.advance(100)]);
  assert.equal(assertExactlyOnceSoFar(cluster), task.stats.recordsPolled);
});

test("RunningTask stopped while it initialises never starts the connector's task", async () => {
  let started = 0;
  const { env, link, cluster, clock } = openHostFixture({
    task: () => ({ start: () => void started++, poll: () => null }),
  });
  cluster.faults.delayNext("initTransactions", 1000, ID);
  const task = new RunningTask(env, taskWork(), link);
  await clock.advance(500);
  await Promise.all([task.stop(5000), clock.advance(1000)]);
  assert.equal(started, 0);
});

test("RunningTask that doesn't stop in time is cancelled: it commits nothing, lets its producer go and is heard no more", async () => {
  let release = (_: unknown) => {};
  const { env, link, cluster, clock, until, reports } = openHostFixture({
    task: () => ({
      poll: () =>
        new Promise((resolve) => {
          release = () => resolve([record(1)]);
        }),
    }),
  });
  const task = new RunningTask(env, taskWork(), link);
  await until("it runs", () => reports.at(-1)?.state === "RUNNING");
  await Promise.all([task.stop(200), clock.advance(300)]);
  assert.deepEqual([reports.at(-1)?.state, reports.at(-1)?.active], ["UNASSIGNED", false]);
  const heard = reports.length;
  release(null);
  await clock.advance(60_000);
  assert.equal(reports.length, heard);
  assert.deepEqual(cluster.log("out", { isolation: "read_uncommitted" }), []);
  assert.equal(cluster.transactions.hasOpen(ID), false);
});

test("RunningTask cancelled during a commit leaves its outcome to the next fencing", async () => {
  const { env, link, cluster, clock, until, reports } = openNumbered(3);
  const task = new RunningTask(env, taskWork(), link);
  cluster.faults.delayNext("commitTransaction", 10_000, ID);
  await until("a commit is on its way", () => cluster.transactions.hasOpen(ID));
  await Promise.all([task.stop(100), clock.advance(200)]);
  assert.equal(reports.at(-1)?.active, false);
  const next = new RunningTask(env, taskWork({ generation: 2 }), link);
  await until("all are visible", () => assertExactlyOnceSoFar(cluster) === 3);
  await clock.advance(20_000);
  assert.equal(assertExactlyOnceSoFar(cluster), 3);
  await Promise.all([next.stop(5000), clock.advance(100)]);
});

test("RunningTask shows no secret in its trace (I9)", async () => {
  const fixture = openHostFixture({
    worker: { "millrace.auto.restart": "false" },
    secrets: { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" },
    task: () => ({
      poll: () => {
        throw new ConnectError("login of app:hunter2secret@db failed", { cause: new Error("hunter2secret") });
      },
    }),
  });
  const work = taskWork({ taskConfig: { "db.password": "${secrets:db:password}" } });
  const task = new RunningTask(fixture.env, work, fixture.link);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  const trace = fixture.reports.at(-1)?.trace ?? "";
  assert.match(trace, /login of app:\$\{secrets:db:password\}@db failed/);
  assert.doesNotMatch(JSON.stringify(fixture.reports), /hunter2secret/);
  await task.stop(5000);
});

test("RunningTask asks to begin anew when a secret of its own or of its connector has changed, also when it has failed", async () => {
  const secrets = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret", MILLRACE_SECRET_DB_USER: "application" };
  const fixture = openHostFixture({
    worker: { "millrace.auto.restart": "false" },
    secrets,
    task: () => ({
      poll: () => {
        throw new ConnectError("login failed");
      },
    }),
  });
  const { env, link, clock, reloads, until, logs } = fixture;
  const start = async (config: Record<string, string> = {}) => {
    const work = taskWork({
      config: { user: "${secrets:db:user}", ...config },
      taskConfig: { "db.password": "${secrets:db:password}" },
    });
    const task = new RunningTask(env, work, link);
    await until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
    return task;
  };
  const first = await start();
  await clock.advance(120_000);
  assert.deepEqual(reloads, []);
  secrets.MILLRACE_SECRET_DB_PASSWORD = "another password";
  await clock.advance(60_000);
  assert.deepEqual(reloads, ["task c 0"]);
  await first.stop(5000);
  const second = await start();
  secrets.MILLRACE_SECRET_DB_USER = "another user";
  await clock.advance(60_000);
  assert.deepEqual(reloads, ["task c 0", "task c 0"]);
  await second.stop(5000);
  const indifferent = await start({ "config.action.reload": "none" });
  secrets.MILLRACE_SECRET_DB_USER = "a third user";
  await clock.advance(120_000);
  await indifferent.stop(5000);
  const stopped = await start();
  await stopped.stop(5000);
  secrets.MILLRACE_SECRET_DB_USER = "a fourth user";
  await clock.advance(120_000);
  assert.equal(reloads.length, 2);
  assert.doesNotMatch(
    JSON.stringify([logs, fixture.reports]),
    /hunter2secret|another password|another user|third user/,
  );
});

test("RunningTask creates topics as topic.creation says, and starts again where Kafka can't just now", async () => {
  let n = 0;
  const fixture = openHostFixture({
    task: () => ({
      start: async (context) => {
        n = Number((await context.offsets.offset({ p: "a" }))?.n ?? 0);
      },
      poll: async (context) => {
        await context.sleep(10, context.signal);
        return n < 4 ? [record(++n, "a", n % 2 === 0 ? "even" : "odd")] : null;
      },
    }),
  });
  const config = {
    "topic.creation.default.partitions": "3",
    "topic.creation.default.replication.factor": "1",
  };
  fixture.cluster.faults.failNext("admin", { when: "before", kind: "retriable" }, "createTopic odd");
  const task = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  await fixture.until("all are visible", () => committedValues(fixture.cluster, "even").length === 2);
  assert.deepEqual(committedValues(fixture.cluster, "odd"), ["a1", "a3"]);
  assert.deepEqual([fixture.cluster.topics.get("odd"), fixture.cluster.topics.get("even")], [3, 3]);
  assert.equal(fixture.cluster.faults.pending, 0);
  await Promise.all([task.stop(5000), fixture.clock.advance(100)]);
});

test("RunningTask fails with Connect's words when it may not create a topic", async () => {
  const fixture = openHostFixture({ task: () => ({ poll: () => [record(1, "a", "new")] }) });
  fixture.cluster.faults.failNext("admin", { when: "before", kind: "invalid" }, "createTopic new");
  const config = { "topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1" };
  const task = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.match(fixture.reports.at(-1)?.trace ?? "", /Task failed to create new topic new\. Ensure that/);
  await task.stop(5000);
});

test("RunningTasks share an offsets table, and one that is stopped while it opens leaves the others to it", async () => {
  const { env, link, cluster, clock, until, reports } = openNumbered(3);
  cluster.faults.delayNext("admin", 1000, "describeTopics");
  const first = new RunningTask(env, taskWork(), link);
  const second = new RunningTask(env, taskWork({ task: 1 }), link);
  await clock.advance(500);
  await Promise.all([first.stop(5000), clock.advance(10)]);
  await until("the other runs", () => reports.some(({ task, state }) => task === 1 && state === "RUNNING"));
  assert.ok(!reports.some(({ state }) => state === "FAILED" || state === "RESTARTING"));
  await Promise.all([second.stop(5000), clock.advance(100)]);
});

test("RunningTask fails when the worker allows its connector's client overrides no longer", async () => {
  const worker = { "connector.client.config.override.policy": "None" };
  const { env, link, until, reports } = openHostFixture({ worker, task: () => ({ poll: () => null }) });
  const task = new RunningTask(env, taskWork({ config: { "producer.override.linger.ms": "5" } }), link);
  await until("it has failed", () => reports.at(-1)?.state === "FAILED");
  assert.match(reports.at(-1)?.trace ?? "", /Client Config Overrides not allowed \[producer\.override\.linger\.ms/);
  await task.stop(5000);
});

test("RunningTask counts records that failed and records that were skipped", async () => {
  const good = { ...record(2), valueSchema: Schema.BYTES, value: new Uint8Array(1) };
  const batches = [[record(1), good]];
  const { env, link, until } = openHostFixture({ task: () => ({ poll: () => batches.pop() ?? null }) });
  const config = {
    "errors.tolerance": "all",
    "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
  };
  const task = new RunningTask(env, taskWork({ config }), link);
  await until("the good record is committed", () => task.entry().recordsCommitted === 1);
  const { recordsPolled, recordFailures, recordsSkipped } = task.entry();
  assert.deepEqual([recordsPolled, recordFailures, recordsSkipped], [2, 1, 1]);
  await task.stop(5000);
});
