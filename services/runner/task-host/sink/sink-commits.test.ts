import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, type SinkTaskContext } from "@millrace/connect";
import { openSinkFixture, type ScriptedSink, type SinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";

const IN_0 = { topic: "in", partition: 0 };
const worker = {
  "offset.flush.interval.ms": "1000",
  "offset.flush.timeout.ms": "3000",
  "millrace.auto.restart": "false",
};

async function open(script: ScriptedSink = {}, partitions = 1): Promise<SinkFixture & { task: RunningTask }> {
  const fixture = openSinkFixture(script, { partitions, worker });
  await fixture.write(["1"]);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  return { ...fixture, task };
}

const preCommits = ({ calls }: SinkFixture) => calls.filter((call) => call.startsWith("preCommit"));
const warnings = ({ logs }: SinkFixture) => logs.flatMap(({ level, message }) => (level === "warn" ? message : []));

test("SinkCommits goes on reading while a commit is slow, and warns of one that takes too long", async () => {
  const fixture = await open();
  const { cluster, clock, task } = fixture;
  cluster.faults.delayNext("commitOffsets", 20_000, "connect-c");
  await clock.advance(1_500);
  await fixture.write(["2"]);
  await fixture.until("the second is put", () => fixture.values.length === 2, 200);
  assert.deepEqual([preCommits(fixture).length, warnings(fixture)], [1, []]);
  await clock.advance(3_000);
  assert.deepEqual(warnings(fixture), ["WorkerSinkTask{id=c-0} Commit of offsets timed out"]);
  await fixture.until("the next is through", () => fixture.committed() === 2, 2_000);
  await fixture.stop(task);
});

test("SinkCommits ignores the late result of a commit when another has begun", async () => {
  const fixture = await open();
  const { cluster, clock, task } = fixture;
  cluster.faults.delayNext("commitOffsets", 6_000, "connect-c");
  await clock.advance(4_100);
  await fixture.write(["2"]);
  await fixture.until("the second is committed", () => fixture.committed() === 2, 2_000);
  cluster.faults.failNext("commitOffsets", { when: "before", kind: "retriable" }, "connect-c");
  await clock.advance(4_000);
  assert.deepEqual([cluster.faults.pending, fixture.logs.filter(({ level }) => level === "error")], [0, []]);
  assert.equal(fixture.committed(), 2);
  await fixture.stop(task);
});

test("SinkCommits asks about partitions that nothing was read from, and commits them with others", async () => {
  const fixture = await open({}, 2);
  await fixture.until("it is committed", () => fixture.committed(0) === 1);
  assert.equal(fixture.committed(1), 0);
  assert.deepEqual(preCommits(fixture)[0], "preCommit in/0=1,in/1=0");
  await fixture.stop(fixture.task);
});

test("SinkCommits commits nothing when preCommit returns nothing or what is committed already", async () => {
  let answer: { topic: string; partition: number; offset: number }[] = [];
  const fixture = await open({ preCommit: () => answer });
  await fixture.clock.advance(3_000);
  assert.deepEqual([fixture.committed(), preCommits(fixture).length], [null, 3]);
  answer = [{ ...IN_0, offset: 1 }];
  await fixture.until("it is committed", () => fixture.committed() === 1);
  fixture.cluster.faults.failNext("commitOffsets", { when: "before", kind: "fatal" }, "connect-c");
  await fixture.clock.advance(3_000);
  assert.equal(fixture.cluster.faults.pending, 1, "no commit was tried");
  await fixture.stop(fixture.task);
});

test("SinkCommits warns of offsets that it ignores", async () => {
  const fixture = await open({
    preCommit: () => [
      { ...IN_0, offset: 7 },
      { topic: "u", partition: 1, offset: 1 },
    ],
  });
  await fixture.clock.advance(1_500);
  assert.deepEqual(
    warnings(fixture).map((message) => message.replace(/^.* -- /, "")),
    ["not yet consumed, taskOffset=7 currentOffset=1", "partition not assigned, assignment=[in-0]"],
  );
  assert.equal(fixture.committed(), null);
  await fixture.stop(fixture.task);
});

test("SinkCommits commits soon when the task asks for it, and then only after another interval", async () => {
  let context!: SinkTaskContext;
  const fixture = await open({
    start: (given) => {
      context = given;
    },
  });
  await fixture.clock.advance(500);
  context.requestCommit();
  await fixture.until("it is committed", () => fixture.committed() === 1, 300);
  assert.equal(preCommits(fixture).length, 1);
  await fixture.clock.advance(700);
  assert.equal(preCommits(fixture).length, 1);
  await fixture.stop(fixture.task);
});

test("SinkCommits commits nothing when preCommit fails at the end, and the task still ends", async () => {
  const fixture = await open({
    preCommit: () => {
      throw new ConnectError("could not flush");
    },
  });
  await fixture.stop(fixture.task);
  assert.deepEqual([fixture.committed(), fixture.calls.slice(-2)], [null, ["close in/0", "stop"]]);
  assert.deepEqual(warnings(fixture), ["WorkerSinkTask{id=c-0} Offset commit failed during close"]);
});

test("SinkCommits commits nothing of a cancelled task", async () => {
  let flushed = () => {};
  const fixture = await open({
    preCommit: (offsets) => {
      return new Promise((resolve) => {
        flushed = () => resolve(offsets);
      });
    },
  });
  await fixture.until("preCommit hangs", () => preCommits(fixture).length === 1);
  await Promise.all([fixture.task.stop(100), fixture.clock.advance(1_000)]);
  flushed();
  await fixture.clock.advance(1_000);
  assert.equal(fixture.committed(), null);
});
