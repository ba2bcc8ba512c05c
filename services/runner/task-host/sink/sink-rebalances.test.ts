import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, RetriableError, type SinkTaskContext } from "@millrace/connect";
import type { Consumer } from "@millrace/kafka";
import { openSinkFixture, type ScriptedSink, type SinkFixture, sinkWork } from "../../testing/sink-fixture.ts";
import { RunningTask } from "../running-task.ts";

const EAGER = { "consumer.override.partition.assignment.strategy": "org.apache.kafka.clients.consumer.RangeAssignor" };
const worker = { "offset.flush.interval.ms": "100000", "millrace.auto.restart": "false" };

function open(script: ScriptedSink = {}) {
  return openSinkFixture(script, { partitions: 2, worker });
}

/** Joins the task's group and takes half of its partitions; polls whenever asked to. */
async function rival(fixture: SinkFixture): Promise<{ poll: () => void; leave: () => Promise<void> }> {
  const consumer: Consumer = await fixture.cluster.client().consumer({
    "group.id": "connect-c",
    "auto.offset.reset": "earliest",
  });
  await consumer.subscribe(["in"], { assigned: async () => {}, revoked: async () => {}, lost: async () => {} });
  return { poll: () => void consumer.poll(10, 0), leave: () => consumer.close() };
}

const lastState = ({ reports }: SinkFixture) => reports.at(-1)?.state;

test("a cooperative rebalance closes and commits only the partitions that go", async () => {
  const fixture = open();
  await fixture.write(["1"], 0);
  await fixture.write(["2"], 1);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("both are put", () => fixture.values.length === 2);
  const other = await rival(fixture);
  await fixture.until("one has gone", () => fixture.calls.includes("close in/1"));
  assert.deepEqual(fixture.calls.slice(-2), ["preCommit in/1=1", "close in/1"]);
  assert.deepEqual([fixture.committed(0), fixture.committed(1)], [null, 1]);
  await other.leave();
  await fixture.until("it is back", () => fixture.calls.at(-1) === "open in/1");
  await fixture.stop(task);
  assert.deepEqual(fixture.values.sort(), ["1", "2"], "nothing came twice");
});

test("an eager rebalance closes all and opens what is left; the task's pauses outlast it", async () => {
  let context!: SinkTaskContext;
  const fixture = open({
    start: (given) => {
      context = given;
    },
  });
  await fixture.write(["1"], 0);
  const task = new RunningTask(fixture.env, sinkWork({ config: EAGER }), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  context.pause({ topic: "in", partition: 0 });
  const other = await rival(fixture);
  await fixture.until("one is back", () => fixture.calls.at(-1) === "open in/0");
  assert.deepEqual(fixture.calls.slice(-3), ["preCommit in/0=1,in/1=0", "close in/0,in/1", "open in/0"]);
  await fixture.write(["2"], 0);
  await fixture.clock.advance(2_000);
  assert.deepEqual(fixture.values, ["1"], "still paused");
  context.resume({ topic: "in", partition: 0 });
  await fixture.until("it is put", () => fixture.values.length === 2);
  await other.leave();
  await fixture.stop(task);
});

for (const callback of ["open", "close"] as const) {
  test(`what ${callback} throws in a rebalance fails the task, as it is`, async () => {
    let refuse = callback === "open";
    const fixture = open({
      [callback]: () => {
        if (refuse) throw new ConnectError(`cannot ${callback}`);
      },
    });
    const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
    if (callback === "close") {
      await fixture.until("it runs", () => lastState(fixture) === "RUNNING" && fixture.calls.length > 0);
      refuse = true;
      await rival(fixture);
    }
    await fixture.until("it has failed", () => lastState(fixture) === "FAILED");
    assert.match(
      fixture.reports.at(-1)?.trace ?? "",
      new RegExp(`^org.apache.kafka.connect.errors.ConnectException: cannot ${callback}\n`),
    );
    await fixture.stop(task);
  });
}

test("a rewind asked for in open is done before the first record is read", async () => {
  let context!: SinkTaskContext;
  const fixture = open({
    start: (given) => {
      context = given;
    },
    open: () => context.offset({ topic: "in", partition: 0, offset: 2 }),
  });
  await fixture.write(["1", "2", "3"], 0);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is put", () => fixture.values.length > 0);
  assert.deepEqual(fixture.values, ["3"]);
  await fixture.stop(task);
  assert.equal(fixture.committed(0), 3);
});

test("a batch that is held is given up with its partition, and the others are read on", async () => {
  const fixture = open({
    put: (records) => {
      if (records.some(({ originalPartition }) => originalPartition === 1)) throw new RetriableError("busy");
    },
  });
  await fixture.write(["p1"], 1);
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it is tried", () => fixture.calls.includes("put p1"));
  await fixture.write(["p0"], 0);
  const other = await rival(fixture);
  await fixture.until("the other partition is read", () => fixture.values.includes("p0"));
  assert.deepEqual(fixture.values, ["p0"]);
  await other.leave();
  await fixture.stop(task);
});

test("a sink may pause and resume only what it has; a rewind elsewhere is left undone", async () => {
  let context!: SinkTaskContext;
  const fixture = open({
    start: (given) => {
      context = given;
    },
  });
  const task = new RunningTask(fixture.env, sinkWork(), fixture.link);
  await fixture.until("it runs", () => fixture.calls.length > 0);
  const elsewhere = { topic: "u", partition: 0 };
  for (const action of ["pause", "resume"] as const) {
    assert.throws(() => context[action](elsewhere), {
      message: `SinkTasks may not ${action} partitions that are not currently assigned to them.`,
      javaClass: "org.apache.kafka.connect.errors.IllegalWorkerStateException",
    });
  }
  assert.deepEqual(context.assignment(), [
    { topic: "in", partition: 0 },
    { topic: "in", partition: 1 },
  ]);
  context.offset({ ...elsewhere, offset: 3 });
  await fixture.clock.advance(500);
  assert.ok(fixture.logs.some(({ message }) => message.includes("Cannot rewind a partition that is not assigned")));
  assert.equal(lastState(fixture), "RUNNING");
  await fixture.stop(task);
});

test("new topics that a Java pattern matches are read after the next listing, without losing the others", async () => {
  const fixture = open();
  await fixture.write(["1"], 0);
  const config = { topics: "", "topics.regex": "(?i)IN.*", "consumer.override.metadata.max.age.ms": "5000" };
  const task = new RunningTask(fixture.env, sinkWork({ config }), fixture.link);
  await fixture.until("it is put", () => fixture.values.length === 1);
  fixture.cluster.createTopic({ topic: "in-2", partitions: 1, replicationFactor: 1, configs: {} });
  const producer = await fixture.cluster.client().producer({});
  producer.send("in-2", 0, new TextEncoder().encode("new"), null, 0, null);
  await fixture.until("the new topic is read", () => fixture.values.includes("new"), 6_000);
  assert.deepEqual(fixture.calls, ["open in/0,in/1", "put 1", "open in-2/0", "put new"]);
  await fixture.stop(task);
});
