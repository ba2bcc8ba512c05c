import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "@millrace/connect";
import { FakeCluster } from "@millrace/kafka/fake";
import { VirtualClock } from "@millrace/time";
import { committedOffsets, openHostFixture, record, taskWork } from "../../testing/host-fixture.ts";
import { RunningTask } from "../running-task.ts";
import type { Committer, OffsetWrite } from "./delivery.ts";
import { TwoLevelCommitter } from "./two-level-committer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (given: Uint8Array | null) => (given === null ? null : new TextDecoder().decode(given));
const write = (key: string, value: string | null): OffsetWrite => ({
  key: bytes(key),
  value: value === null ? null : bytes(value),
});

/** What reached the worker's topic, and when the primary committed: `primary`. */
async function open() {
  const clock = new VirtualClock();
  const cluster = new FakeCluster({ clock, random: () => 0.5 });
  cluster.createTopic({ topic: "workers", partitions: 1, replicationFactor: 1, configs: {} });
  const steps: string[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const written = () => cluster.log("workers").map(({ key, value }) => `${text(key)}=${text(value)}`);
  let failure: Error | null = null;
  const primary: Committer = {
    commit: async () => {
      if (failure) throw failure;
      steps.push(`primary after ${written().length}`);
    },
    abort: async () => void steps.push("aborted"),
    close: async (open) => void steps.push(`closed ${open}`),
  };
  const logger = { warn: (message: string) => void warnings.push(message) } as unknown as Logger;
  const producer = await cluster.client().producer({ "client.id": "secondary" });
  const committer = new TwoLevelCommitter({ primary, producer, offsetsTopic: "workers", signal: stop.signal, logger });
  const fail = (error: Error) => {
    failure = error;
  };
  return { clock, cluster, committer, steps, warnings, written, fail, stop };
}

test("TwoLevelCommitter writes offsets to the worker's topic once the primary has them", async () => {
  const { clock, committer, steps, written } = await open();
  await committer.commit(1, []);
  await committer.commit(1, [write("a", "1"), write("b", "1")]);
  await clock.advance(10);
  assert.deepEqual(
    [steps, written()],
    [
      ["primary after 0", "primary after 0"],
      ["a=1", "b=1"],
    ],
  );
  await committer.abort();
  await committer.close(true);
  assert.deepEqual(steps.slice(2), ["aborted", "closed true"]);
});

test("TwoLevelCommitter writes nothing when the primary failed", async () => {
  const { clock, committer, written, fail } = await open();
  fail(new Error("no quorum"));
  await assert.rejects(committer.commit(1, [write("a", "1")]), /no quorum/);
  await clock.advance(10);
  assert.deepEqual(written(), []);
});

test("TwoLevelCommitter only warns when the worker's topic cannot be written, and goes on", async () => {
  const { clock, cluster, committer, warnings, written } = await open();
  cluster.faults.failNext("deliver", { when: "before", kind: "retriable" }, "workers");
  await committer.commit(1, [write("a", "1")]);
  await clock.advance(10);
  assert.deepEqual(warnings, ["Failed to write offsets to secondary backing store"]);
  await committer.commit(1, [write("a", "2")]);
  await clock.advance(10);
  assert.deepEqual(written(), ["a=2"]);
});

test("TwoLevelCommitter does not make commits wait, and of what piles up writes the latest", async () => {
  const { clock, cluster, committer, steps, written } = await open();
  cluster.faults.delayNext("flush", 1000, "secondary");
  for (const n of [1, 2, 3]) await committer.commit(1, [write("a", `${n}`)]);
  assert.equal(steps.length, 3);
  await clock.advance(1100);
  assert.deepEqual(written(), ["a=1", "a=3"]);
});

test("TwoLevelCommitter removes offsets from the worker's topic first (KAFKA-15018)", async () => {
  const { clock, committer, steps, written } = await open();
  await committer.commit(1, [write("a", "1"), write("b", null)]);
  assert.deepEqual(steps, ["primary after 1"]);
  await clock.advance(10);
  assert.deepEqual(written(), ["b=null", "a=1"]);
});

test("TwoLevelCommitter fails the commit when offsets could not be removed, before the primary", async () => {
  const { cluster, committer, steps } = await open();
  cluster.faults.failNext("deliver", { when: "before", kind: "retriable" }, "workers");
  await assert.rejects(committer.commit(1, [write("a", "1"), write("b", null)]));
  assert.deepEqual(steps, []);
});

test("TwoLevelCommitter does not bring back an offset that waited when it was removed", async () => {
  const { clock, cluster, committer, written } = await open();
  cluster.faults.delayNext("flush", 1000, "secondary");
  await committer.commit(1, [write("a", "1")]);
  await committer.commit(1, [write("a", "2")]);
  const removing = committer.commit(1, [write("a", null)]);
  await clock.advance(1100);
  await removing;
  assert.deepEqual(written(), ["a=1", "a=null"]);
});

for (const support of ["enabled", "disabled"]) {
  test(`a task with offsets.storage.topic commits there and to the worker's topic (exactly once ${support})`, async () => {
    let n = 0;
    const worker = { "exactly.once.source.support": support, "offset.flush.interval.ms": "30" };
    const { cluster, env, link, until, clock } = openHostFixture({
      worker,
      task: () => ({ poll: ({ signal }) => (n < 3 && !signal.aborted ? [record(++n)] : null) }),
    });
    const task = new RunningTask(env, taskWork({ config: { "offsets.storage.topic": "own" } }), link);
    const last = (topic: string) => committedOffsets(cluster, topic).a;
    await until(
      "both topics have the last offset",
      () => n === 3 && last("own") === 3 && last("connect-offsets") === 3,
    );
    const stopped = task.stop(5000);
    await clock.advance(100);
    await stopped;
  });
}
