import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConfigDef,
  ConnectError,
  definePlugin,
  type SourceRecord,
  type SourceTaskContext,
  type Transformation,
} from "@millrace/connect";
import {
  committedOffsets,
  committedValues,
  type HostFixture,
  openHostFixture,
  record,
  type ScriptedTask,
  taskWork,
} from "../testing/host-fixture.ts";
import { assertExactlyOnceSoFar, numberedTask, numbers } from "../testing/numbered-source.ts";
import { exactlyOnceProducer, transactionalId } from "./client-configs.ts";
import { RunningTask } from "./running-task.ts";

// The invariants of Kafka Connect's exactly-once sources (KIP-618) that a task host keeps, under their numbers in the
// list this project works by. Numbers 5 to 9, 20 and 23 are the scheduler's, 19 is in connector/validate.test.ts.

const ID = "g-c-0";

/** Gives one batch per call of `next`; else polls nothing. */
function stepped(extra: Partial<ScriptedTask> = {}) {
  const batches: (SourceRecord[] | ((context: SourceTaskContext) => SourceRecord[]))[] = [];
  const task = (): ScriptedTask => ({
    async poll(context) {
      await context.sleep(5, context.signal);
      const batch = batches.shift();
      return typeof batch === "function" ? batch(context) : (batch ?? null);
    },
    ...extra,
  });
  return { task, batches };
}

async function stop(fixture: HostFixture, task: RunningTask): Promise<void> {
  const stopped = task.stop(5000);
  await fixture.clock.advance(100);
  await stopped;
}

for (const boundary of ["poll", "interval"]) {
  test(`invariant 1: a record is visible if and only if its offset is, with ${boundary} boundaries`, async () => {
    const fixture = openHostFixture({ task: () => numberedTask({ total: 30 }) });
    const config = { "transaction.boundary": boundary, "transaction.boundary.interval.ms": "40" };
    const task = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
    for (let i = 0; i < 60; i++) {
      await fixture.clock.advance(3);
      assertExactlyOnceSoFar(fixture.cluster);
    }
    await fixture.until("all are visible", () => assertExactlyOnceSoFar(fixture.cluster) === 30);
    await stop(fixture, task);
  });
}

test("invariant 2: after a crash between send and commit a new process goes on behind the last committed offset", async () => {
  const fixture = openHostFixture({ task: () => numberedTask({ total: 60 }) });
  const config = { "transaction.boundary": "interval", "transaction.boundary.interval.ms": "55" };
  const crashed = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  await fixture.until("something is committed", () => assertExactlyOnceSoFar(fixture.cluster) > 0);
  await fixture.until("more is sent", () => fixture.cluster.transactions.hasOpen(ID));
  fixture.cluster.killProducers(ID);
  const next = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  await Promise.all([crashed.stop(0), fixture.clock.advance(0)]);
  await fixture.until("all are visible", () => assertExactlyOnceSoFar(fixture.cluster) === 60);
  await stop(fixture, next);
});

test("invariant 3: offsets become visible with their records and never without them", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("it runs", () => fixture.reports.at(-1)?.state === "RUNNING");
  fixture.cluster.faults.delayNext("commitTransaction", 1000, ID);
  batches.push([record(1)]);
  await fixture.clock.advance(500);
  const sent = fixture.cluster.log("connect-offsets", { isolation: "read_uncommitted" });
  assert.equal(sent.length, 1, "sent inside the transaction");
  assert.deepEqual([committedOffsets(fixture.cluster), committedValues(fixture.cluster)], [{}, []]);
  await fixture.clock.advance(1000);
  assert.deepEqual([committedOffsets(fixture.cluster), committedValues(fixture.cluster)], [{ a: 1 }, ["a1"]]);
  await stop(fixture, running);
});

test("invariant 4: of two instances of a task the older one's next commit fails", async () => {
  const older = stepped();
  const newer = stepped();
  const made = [older.task, newer.task];
  const fixture = openHostFixture({ task: () => made.shift()?.() ?? stepped().task() });
  const first = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("the older one runs", () => fixture.reports.at(-1)?.state === "RUNNING");
  const second = new RunningTask(fixture.env, taskWork({ generation: 2 }), fixture.link);
  await fixture.until("the newer one runs", () =>
    fixture.reports.some((r) => r.generation === 2 && r.state === "RUNNING"),
  );
  fixture.link.verdict = "revoked";
  older.batches.push([record(1)]);
  await fixture.until("the older one ends", () => fixture.reports.some((r) => r.generation === 1 && !r.active));
  assert.deepEqual(committedValues(fixture.cluster), []);
  await Promise.all([first.stop(0), stop(fixture, second)]);
});

for (const verdict of ["revoked", "new-generation"] as const) {
  test(`invariant 10: a task whose assignment is ${verdict} ends before the connector's task starts`, async () => {
    let started = 0;
    const fixture = openHostFixture({ task: () => ({ start: () => void started++, poll: () => null }) });
    fixture.link.verdict = verdict;
    const task = new RunningTask(fixture.env, taskWork(), fixture.link);
    await fixture.until("it ends", () => fixture.reports.at(-1)?.active === false);
    assert.equal(fixture.reports.at(-1)?.state, "UNASSIGNED");
    assert.equal(started, 0);
    await stop(fixture, task);
  });
}

for (const boundary of ["poll", "interval"]) {
  test(`invariant 11: pausing leaves no open transaction, with ${boundary} boundaries`, async () => {
    const fixture = openHostFixture({ task: () => numberedTask({ total: 1000 }) });
    const config = { "transaction.boundary": boundary, "transaction.boundary.interval.ms": "100000" };
    const task = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
    await fixture.until("records are polled", () => task.stats.recordsPolled >= 6);
    task.setTarget("PAUSED");
    await fixture.until("it is paused", () => fixture.reports.at(-1)?.state === "PAUSED");
    assert.equal(fixture.cluster.transactions.hasOpen(ID), false);
    assert.equal(assertExactlyOnceSoFar(fixture.cluster), task.stats.recordsPolled);
    await stop(fixture, task);
  });
}

test("invariant 12: a failing task commits nothing after the failure and aborts what is open", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task, worker: { "millrace.auto.restart.fatal.max": "0" } });
  const config = { "transaction.boundary": "interval", "transaction.boundary.interval.ms": "100000" };
  const running = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  batches.push([record(1)], () => {
    throw new ConnectError("the database is gone");
  });
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.equal(fixture.cluster.log("out", { isolation: "read_uncommitted" }).length, 1, "it was sent");
  assert.equal(fixture.cluster.transactions.hasOpen(ID), false);
  await stop(fixture, running);
  assert.deepEqual([committedValues(fixture.cluster), committedOffsets(fixture.cluster)], [[], {}]);
});

test("invariant 12: a commit that failed for a refused record is aborted, and the task fails", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  fixture.cluster.faults.failNext("deliver", { when: "before", kind: "invalid", code: "MSG_SIZE_TOO_LARGE" }, "out");
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  batches.push([record(1), record(2)]);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.equal(fixture.cluster.transactions.hasOpen(ID), false);
  assert.deepEqual(committedValues(fixture.cluster), []);
  await stop(fixture, running);
});

const connectorBoundary = { "transaction.boundary": "connector" };

test("invariant 13: with connector boundaries records are invisible until asked for; a stop commits nothing", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork({ config: connectorBoundary }), fixture.link);
  batches.push([record(1)], [record(2)]);
  await fixture.until("both are polled", () => running.stats.recordsPolled === 2);
  await fixture.clock.advance(200);
  assert.deepEqual(committedValues(fixture.cluster), []);
  batches.push((context) => {
    context.transaction?.commitTransaction();
    return [record(3)];
  });
  await fixture.until("three are visible", () => assertExactlyOnceSoFar(fixture.cluster) === 3);
  batches.push([record(4)]);
  await fixture.until("the fourth is polled", () => running.stats.recordsPolled === 4);
  await stop(fixture, running);
  assert.equal(assertExactlyOnceSoFar(fixture.cluster), 3);
  assert.equal(fixture.cluster.transactions.hasOpen(ID), false);
});

test("invariant 13: a commit asked for on one record ends the transaction behind it, within the batch", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork({ config: connectorBoundary }), fixture.link);
  batches.push((context) => {
    const batch = [record(1), record(2), record(3)];
    context.transaction?.commitTransaction(batch[1]);
    return batch;
  });
  await fixture.until("two are visible", () => assertExactlyOnceSoFar(fixture.cluster) === 2);
  await stop(fixture, running);
  assert.equal(assertExactlyOnceSoFar(fixture.cluster), 2);
});

test("invariant 14: aborted records stay invisible and their offsets advance", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork({ config: connectorBoundary }), fixture.link);
  batches.push((context) => {
    context.transaction?.abortTransaction();
    return [record(1), record(2)];
  });
  await fixture.until("the offset advances", () => committedOffsets(fixture.cluster).a === 2);
  assert.deepEqual(committedValues(fixture.cluster), []);
  await stop(fixture, running);
});

test("invariant 15: commitRecord only behind the commit, commit after each one, empty ones included", async () => {
  const calls: string[] = [];
  const { task, batches } = stepped({
    commitRecord: (r) => void calls.push(`${r.value} of ${assertExactlyOnceSoFar(fixture.cluster)}`),
    commit: () => void calls.push("commit"),
  });
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("empty commits are told", () => calls.includes("commit"));
  calls.length = 0;
  batches.push([record(1), record(2)]);
  await fixture.until("the records are told", () => calls.length >= 3 && calls.some((call) => call.startsWith("a2")));
  const told = calls.filter((call) => call !== "commit");
  assert.deepEqual(told, ["a1 of 2", "a2 of 2"]);
  assert.equal(calls[calls.indexOf("a2 of 2") + 1], "commit");
  await stop(fixture, running);
});

test("invariant 15: poll, commitRecord, commit and stop never overlap, and nothing is called behind stop", async () => {
  const log: string[] = [];
  let inside = 0;
  const alone = async (name: string, context: SourceTaskContext | null, run: () => Promise<void> | void) => {
    log.push(name);
    assert.equal(++inside, 1, `${name} overlaps: ${log.slice(-4).join(", ")}`);
    await run();
    await context?.sleep(3);
    inside--;
  };
  let held: SourceTaskContext | null = null;
  let n = 0;
  const fixture = openHostFixture({
    task: () => ({
      start: (context) => {
        held = context;
      },
      async poll(context) {
        await alone("poll", null, () => context.sleep(20));
        return [record(++n)];
      },
      commitRecord: (() => alone("commitRecord", held, () => {})) as never,
      commit: (() => alone("commit", held, () => {})) as never,
      stop: (() => alone("stop", held, () => {})) as never,
    }),
  });
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("some are visible", () => assertExactlyOnceSoFar(fixture.cluster) >= 5);
  await stop(fixture, running);
  assert.equal(log.at(-1), "stop");
  assert.equal(assertExactlyOnceSoFar(fixture.cluster), n);
});

test("invariant 16: a record dropped by a transform does not advance the stored offset", async () => {
  const dropEven: Transformation = {
    configure() {},
    apply: (r) => (Number(String(r.value).slice(1)) % 2 === 0 ? null : r),
  };
  const plugin = definePlugin({
    type: "transformation",
    class: "test.DropEven",
    version: "1",
    overview: "Drops even numbers.",
    config: new ConfigDef(),
    create: () => dropEven,
  });
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task, plugins: [plugin] });
  const config = { transforms: "drop", "transforms.drop.type": "test.DropEven" };
  const running = new RunningTask(fixture.env, taskWork({ config }), fixture.link);
  batches.push([record(1), record(2)], [record(4)]);
  await fixture.until("all are polled", () => running.stats.recordsPolled === 3);
  await stop(fixture, running);
  assert.deepEqual([committedValues(fixture.cluster), committedOffsets(fixture.cluster)], [["a1"], { a: 1 }]);
});

test("invariant 17: a source task cannot write to its own offsets topic", async () => {
  const { task, batches } = stepped();
  const fixture = openHostFixture({ task });
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  batches.push([record(1, "a", "connect-offsets")]);
  await fixture.until("it has failed", () => fixture.reports.at(-1)?.state === "FAILED");
  assert.match(fixture.reports.at(-1)?.trace ?? "", /may not produce to their own offsets topics/);
  await stop(fixture, running);
});

test("invariant 18: reading offsets waits for the transactions open at the call, at the start and later", async () => {
  let offset: unknown = "not read";
  const { task, batches } = stepped({
    start: async (context) => {
      offset = await context.offsets.offset({ p: "b" });
    },
  });
  const fixture = openHostFixture({ task });
  fixture.cluster.createTopic({ topic: "connect-offsets", partitions: 1, replicationFactor: 1, configs: {} });
  const other = await fixture.cluster.client().transactionalProducer({ "transactional.id": "other" });
  await other.initTransactions(1000);
  const bytes = (text: string) => new TextEncoder().encode(text);
  await other.beginTransaction();
  other.send("connect-offsets", 0, bytes('{"n":7}'), bytes('["c",{"p":"b"}]'), 0, null);
  await other.flush(1000);
  const running = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.clock.advance(1000);
  assert.equal(offset, "not read");
  await other.commitTransaction(1000);
  await fixture.until("it runs", () => fixture.reports.at(-1)?.state === "RUNNING");
  assert.deepEqual(offset, { n: 7 });

  await other.beginTransaction();
  other.send("connect-offsets", 0, bytes('{"n":8}'), bytes('["c",{"p":"b"}]'), 0, null);
  await other.flush(1000);
  let later: unknown = "not read";
  batches.push((context) => {
    void context.offsets.offset({ p: "b" }).then((found) => {
      later = found;
    });
    return [];
  });
  await fixture.clock.advance(200);
  assert.equal(later, "not read");
  await other.abortTransaction(1000);
  await fixture.until("the read ends", () => later !== "not read");
  assert.deepEqual(later, { n: 7 });
  await stop(fixture, running);
});

test("invariant 18: a predecessor's open transaction is ended by the start, not waited for", async () => {
  const fixture = openHostFixture({ task: () => numberedTask({ total: 3 }) });
  fixture.cluster.createTopic({ topic: "connect-offsets", partitions: 1, replicationFactor: 1, configs: {} });
  const zombie = await fixture.cluster
    .client()
    .transactionalProducer({ "transactional.id": ID, "transaction.timeout.ms": "900000" });
  await zombie.initTransactions(1000);
  await zombie.beginTransaction();
  const bytes = (text: string) => new TextEncoder().encode(text);
  zombie.send("connect-offsets", 0, bytes('{"n":3}'), bytes('["c",{"p":"a"}]'), 0, null);
  await zombie.flush(1000);
  const task = new RunningTask(fixture.env, taskWork(), fixture.link);
  await fixture.until("all are visible", () => committedValues(fixture.cluster).length === 3, 2000);
  assert.deepEqual(committedValues(fixture.cluster), numbers(3));
  await stop(fixture, task);
});

test("invariant 21: a user's transactional.id and enable.idempotence=false are replaced with a warning", () => {
  const identity = { groupId: "g", connector: "c", task: 3 };
  const connector = {
    "producer.override.transactional.id": "mine",
    "producer.override.enable.idempotence": "false",
    "producer.override.acks": "all",
  };
  const { config, replaced } = exactlyOnceProducer({ worker: {}, connector }, identity);
  assert.equal(config["transactional.id"], "g-c-3");
  assert.equal(config["enable.idempotence"], "true");
  assert.deepEqual(replaced, [
    { name: "enable.idempotence", given: "false", used: "true" },
    { name: "transactional.id", given: "mine", used: "g-c-3" },
  ]);
});

test("invariant 22: transactional ids differ by group, connector and task", () => {
  const ids = [
    { groupId: "g", connector: "a-1", task: 0 },
    { groupId: "g", connector: "a", task: 1 },
    { groupId: "g", connector: "a", task: 0 },
    { groupId: "h", connector: "a", task: 0 },
  ].map(transactionalId);
  assert.deepEqual(ids, ["g-a-1-0", "g-a-1", "g-a-0", "h-a-0"]);
  assert.equal(new Set(ids).size, ids.length);
});
