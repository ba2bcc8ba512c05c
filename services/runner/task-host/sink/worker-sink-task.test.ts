import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, RetriableError, type SinkTaskContext } from "@millrace/connect";
import { openSinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";

const IN_0 = { topic: "in", partition: 0 };

test("WorkerSinkTask puts what is written and commits behind it at the flush interval", async () => {
  const fixture = openSinkFixture();
  await fixture.write(["1", "2"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("both are put", () => fixture.values.length === 2);
  assert.equal(fixture.committed(), null);
  await fixture.until("they are committed", () => fixture.committed() === 2, 2000);
  await fixture.write(["3"]);
  await fixture.until("the third is put", () => fixture.values.length === 3);
  await fixture.stop(task);
  assert.equal(fixture.committed(), 3, "a stop commits what was put");
  assert.deepEqual(
    fixture.reports.map(({ state, active }) => `${state} ${active}`),
    ["UNASSIGNED true", "RUNNING true", "UNASSIGNED false"],
  );
});

test("WorkerSinkTask ends in Connect's order: last commit, close, stop, and nothing behind", async () => {
  const fixture = openSinkFixture();
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  await fixture.stop(task);
  assert.deepEqual(fixture.calls, ["open in/0", "put 1", "preCommit in/0=1", "close in/0", "stop"]);
});

test("WorkerSinkTask without preCommit flushes, then commits everything", async () => {
  const flushed: number[] = [];
  const fixture = openSinkFixture({ flush: (offsets) => void flushed.push(...offsets.map(({ offset }) => offset)) });
  await fixture.write(["1", "2"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("they are committed", () => fixture.committed() === 2);
  assert.deepEqual(flushed, [2]);
  await fixture.stop(task);
});

test("WorkerSinkTask gives the same batch again after a retriable error, and loses nothing written meanwhile", async () => {
  let attempts = 0;
  const fixture = openSinkFixture({
    put: (records) => {
      if (records.length > 0 && ++attempts < 4) throw new RetriableError("busy");
    },
  });
  await fixture.write(["1", "2"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is tried", () => attempts === 1);
  await fixture.write(["3"]);
  await fixture.until("all are put", () => fixture.values.length === 3);
  assert.deepEqual(fixture.values, ["1", "2", "3"]);
  assert.deepEqual(
    fixture.calls.filter((call) => call.startsWith("put")),
    ["put 1,2", "put 1,2", "put 1,2", "put 1,2", "put 3"],
  );
  assert.equal(fixture.committed() ?? 0, 0, "nothing was committed while it was refused");
  await fixture.stop(task);
  assert.equal(fixture.committed(), 3);
});

test("WorkerSinkTask retries after about the time that the task asks for, polling meanwhile", async () => {
  const at: number[] = [];
  const fixture = openSinkFixture({
    put: (records, context) => {
      if (records.length === 0) return;
      at.push(fixture.clock.monotonicMs());
      if (at.length > 1) return;
      context.timeout(5000);
      throw new RetriableError("busy");
    },
  });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  assert.equal(at[1]! - at[0]!, 5000);
  await fixture.stop(task);
});

test("WorkerSinkTask keeps records of partitions that the task resumes while a batch is held", async () => {
  let attempts = 0;
  const fixture = openSinkFixture({
    put: (records, context) => {
      if (records.length === 0) return;
      attempts++;
      context.resume(IN_0);
      if (attempts < 4) throw new RetriableError("busy");
    },
  });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is tried", () => attempts >= 1);
  await fixture.write(["2", "3"]);
  await fixture.until("all are put", () => fixture.values.length === 3);
  assert.deepEqual(fixture.values, ["1", "2", "3"]);
  await fixture.stop(task);
});

test("WorkerSinkTask gives a batch that is held to a partition's new owner only", async () => {
  const fixture = openSinkFixture(
    {
      put: (records) => {
        if (records.length > 0 && refuse) throw new RetriableError("busy");
      },
    },
    { partitions: 2 },
  );
  let refuse = true;
  await fixture.write(["p0"], 0);
  await fixture.write(["p1"], 1);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is tried", () => fixture.calls.some((call) => call.startsWith("put")));
  const taken: string[] = [];
  const other = await fixture.cluster.client().consumer({ "group.id": "connect-c", "auto.offset.reset": "earliest" });
  await other.subscribe(["in"], { assigned: async () => {}, revoked: async () => {}, lost: async () => {} });
  await fixture.until("one partition moved", () => {
    void other.poll(10, 0).then((records) => taken.push(...records.map((r) => new TextDecoder().decode(r.value!))));
    return taken.length === 1;
  });
  refuse = false;
  await fixture.until("the rest is put", () => fixture.values.length === 1);
  assert.deepEqual([...fixture.values, ...taken].sort(), ["p0", "p1"]);
  await fixture.stop(task);
  await other.close();
});

test("WorkerSinkTask fails on any other error, with what was put before committed", async () => {
  const fixture = openSinkFixture({
    put: (records) => {
      if (records.some(({ value }) => value === "bad")) throw new ConnectError("constraint violated");
    },
  });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  await fixture.write(["bad"]);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.match(
    fixture.reports.at(-1)?.trace ?? "",
    /Exiting WorkerSinkTask.*\n(?:.*\n)*Caused by: .*constraint violated/,
  );
  assert.equal(fixture.committed(), 1);
  await fixture.stop(task);
});

test("I6: WorkerSinkTask commits what preCommit returned, never beyond what was put", async () => {
  let answer = 1;
  const fixture = openSinkFixture({
    preCommit: () => [
      { ...IN_0, offset: answer },
      { topic: "other", partition: 0, offset: 1 },
    ],
  });
  await fixture.write(["1", "2", "3"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is committed", () => fixture.committed() === 1);
  answer = 99;
  await fixture.clock.advance(5000);
  assert.equal(fixture.committed(), 1);
  answer = 3;
  await fixture.until("it is committed", () => fixture.committed() === 3);
  await fixture.stop(task);
});

test("WorkerSinkTask reads again from the committed offsets when preCommit fails, also before any was committed", async () => {
  let failures = 1;
  const fixture = openSinkFixture({
    preCommit: (offsets) => {
      if (failures-- > 0) throw new ConnectError("could not flush");
      return offsets;
    },
  });
  await fixture.write(["1", "2"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("they are put again", () => fixture.values.length === 4);
  assert.deepEqual(fixture.values, ["1", "2", "1", "2"]);
  await fixture.until("they are committed", () => fixture.committed() === 2);
  failures = 1;
  await fixture.write(["3"]);
  await fixture.until("only the third comes again", () => fixture.values.length === 6);
  assert.deepEqual(fixture.values.slice(4), ["3", "3"]);
  await fixture.stop(task);
});

test("WorkerSinkTask reads a held batch again too when preCommit fails", async () => {
  let failures = 1;
  let refuse = true;
  const fixture = openSinkFixture(
    {
      put: (records) => {
        if (refuse && records.some(({ value }) => value === "b")) throw new RetriableError("busy");
      },
      preCommit: (offsets) => {
        if (failures-- > 0) throw new ConnectError("could not flush");
        return offsets;
      },
    },
    { partitions: 2 },
  );
  await fixture.write(["a"], 0);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("the first is put", () => fixture.values.length === 1);
  await fixture.write(["b"], 1);
  await fixture.clock.advance(2000);
  refuse = false;
  await fixture.until("the second is put", () => fixture.values.includes("b"));
  await fixture.until("both are committed", () => fixture.committed(0) === 1 && fixture.committed(1) === 1);
  await fixture.stop(task);
});

test("WorkerSinkTask goes on after a commit that Kafka refused, and commits again later", async () => {
  const fixture = openSinkFixture();
  fixture.cluster.faults.failNext("commitOffsets", { when: "before", kind: "retriable" });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is committed", () => fixture.committed() === 1);
  assert.deepEqual(fixture.values, ["1"]);
  await fixture.stop(task);
});

test("WorkerSinkTask paused commits, holds still without leaving the group, and resumes", async () => {
  const fixture = openSinkFixture();
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  task.setTarget("PAUSED");
  await fixture.until("it is paused", () => fixture.reports.at(-1)?.state === "PAUSED");
  assert.equal(fixture.committed(), 1);
  await fixture.write(["2", "3"]);
  await fixture.clock.advance(5000);
  assert.deepEqual(fixture.values, ["1"]);
  task.setTarget("STARTED");
  await fixture.until("the rest is put", () => fixture.values.length === 3);
  assert.ok(!fixture.calls.includes("close in/0"));
  await fixture.stop(task);
});

test("WorkerSinkTask that starts paused joins no group", async () => {
  const fixture = openSinkFixture();
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork({ targetState: "PAUSED" }), fixture.link);
  await fixture.clock.advance(2000);
  assert.deepEqual([fixture.reports.at(-1)?.state, fixture.calls], ["PAUSED", []]);
  task.setTarget("STARTED");
  await fixture.until("it is put", () => fixture.values.length === 1);
  await fixture.stop(task);
});

test("WorkerSinkTask leaves alone what the task itself paused, until it resumes that", async () => {
  let context!: SinkTaskContext;
  const fixture = openSinkFixture(
    {
      start: (given) => {
        context = given;
      },
      open: () => context.pause({ topic: "in", partition: 1 }),
    },
    { partitions: 2 },
  );
  await fixture.write(["1"], 0);
  await fixture.write(["2"], 1);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.clock.advance(2000);
  assert.deepEqual(fixture.values, ["1"]);
  task.setTarget("PAUSED");
  await fixture.until("it is paused", () => fixture.reports.at(-1)?.state === "PAUSED");
  task.setTarget("STARTED");
  await fixture.clock.advance(2000);
  assert.deepEqual(fixture.values, ["1"]);
  context.resume({ topic: "in", partition: 1 });
  await fixture.until("the other is put", () => fixture.values.length === 2);
  await fixture.stop(task);
});

test("WorkerSinkTask rewinds where the task asks, and commits on request", async () => {
  let context!: SinkTaskContext;
  const fixture = openSinkFixture(
    {
      start: (given) => {
        context = given;
      },
    },
    { worker: { "offset.flush.interval.ms": "100000" } },
  );
  await fixture.write(["1", "2", "3"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("all are put", () => fixture.values.length === 3);
  context.requestCommit();
  await fixture.until("they are committed", () => fixture.committed() === 3);
  context.offset({ ...IN_0, offset: 1 });
  context.requestCommit();
  await fixture.until("two come again", () => fixture.values.length === 5);
  assert.deepEqual(fixture.values, ["1", "2", "3", "2", "3"]);
  await fixture.stop(task);
  assert.equal(fixture.committed(), 3);
});

test("WorkerSinkTask commits and closes the partitions that it gives up", async () => {
  const fixture = openSinkFixture({}, { partitions: 2 });
  await fixture.write(["1"], 0);
  await fixture.write(["2"], 1);
  const first = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("both are put", () => fixture.values.length === 2);
  const second = new RunningTask(fixture.env, sinkWork({ task: 1 }), fixture.link);
  await fixture.until("one moved", () => fixture.calls.includes("close in/1"));
  assert.equal(fixture.committed(1), 1);
  await fixture.until("the other opened it", () => fixture.calls.filter((call) => call === "open in/1").length === 1);
  await fixture.write(["3"], 1);
  await fixture.until("it is put", () => fixture.values.length === 3);
  assert.deepEqual(fixture.values.sort(), ["1", "2", "3"]);
  await Promise.all([fixture.stop(first), second.stop(5000)]);
});

test("WorkerSinkTask commits nothing of partitions that it lost", async () => {
  const fixture = openSinkFixture({}, { worker: { "offset.flush.interval.ms": "100000" } });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  fixture.cluster.expelMembers("connect-c");
  await fixture.until("it comes again", () => fixture.values.length === 2);
  assert.deepEqual(fixture.calls, ["open in/0", "put 1", "close in/0", "open in/0", "put 1"]);
  await fixture.stop(task);
  assert.equal(fixture.committed(), 1);
});

test("WorkerSinkTask skips records that can't be read with tolerance all, and their offsets still advance", async () => {
  const fixture = openSinkFixture();
  const config = {
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
  };
  await fixture.write(["1", "{", "2", "{"]);
  const task = new RunningTask(
    fixture.env,
    sinkWork({ config: { ...config, "errors.tolerance": "all" } }),
    fixture.link,
  );
  await fixture.until("the good ones are put", () => fixture.values.length === 2);
  await fixture.stop(task);
  assert.deepEqual([fixture.values, fixture.committed()], [["1", "2"], 4]);
  assert.deepEqual([task.stats.recordsSkipped, task.stats.recordFailures], [2, 2]);
});

test("WorkerSinkTask fails on a record that can't be read, and goes no further", async () => {
  const fixture = openSinkFixture();
  const config = {
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
  };
  await fixture.write(["1", "{"]);
  const task = new RunningTask(fixture.env, sinkWork({ config }), fixture.link);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.match(fixture.reports.at(-1)?.trace ?? "", /Tolerance exceeded in error handler/);
  assert.deepEqual([fixture.values, fixture.committed()], [[], null]);
  await fixture.stop(task);
});

test("WorkerSinkTask that doesn't stop in time commits nothing and leaves the group", async () => {
  let release = () => {};
  const fixture = openSinkFixture({
    put: (records) =>
      records.length === 0
        ? undefined
        : new Promise((resolve) => {
            release = resolve;
          }),
  });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("put hangs", () => fixture.calls.includes("put 1"));
  await Promise.all([task.stop(500), fixture.clock.advance(1000)]);
  assert.equal(fixture.reports.at(-1)?.active, false);
  const next = new RunningTask(fixture.env, sinkWork({ generation: 2 }), fixture.link);
  await fixture.until("the partition moved", () => fixture.calls.filter((call) => call === "put 1").length === 2);
  release();
  await fixture.clock.advance(5000);
  await fixture.stop(next);
  assert.ok((fixture.committed() ?? 0) <= 1);
});

test("WorkerSinkTask starts again by itself when Kafka goes away", async () => {
  const fixture = openSinkFixture();
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it runs", () => fixture.reports.at(-1)?.state === "RUNNING");
  fixture.cluster.faults.failNext("poll", { when: "before", kind: "fatal" }, "connect-c");
  await fixture.write(["1"]);
  await fixture.until("it is put", () => fixture.values.length === 1);
  assert.ok(fixture.reports.some(({ state }) => state === "RESTARTING"));
  await fixture.stop(task);
});
