import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { LeaseLoop } from "./lease.ts";
import { noChanges } from "./store.conformance.ts";
import type { Lease, SchedulerStore } from "./store.ts";
import { MemoryStore } from "./store-memory.ts";
import { quiet, ScriptedCluster } from "./testing/scripted-cluster.ts";

const options = { leaseMs: 5_000, leaseRetryMs: 1_000 };

function contender(holder: string, clock: VirtualClock, store: SchedulerStore) {
  const terms: string[] = [];
  let lease: Lease | null = null;
  const lead = (taken: Lease) => {
    lease = taken;
    terms.push(`${taken.epoch}`);
    return async () => void terms.push(`${taken.epoch} over`);
  };
  const loop = new LeaseLoop({ store, clock, logger: quiet, options, holder, lead });
  loop.start();
  return { loop, terms, lease: () => lease! };
}

test("LeaseLoop leads at once, goes on for as long as it renews, and hands over when it stops", async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const first = contender("one", clock, store);
  await clock.advance(0);
  const second = contender("two", clock, store);
  await clock.advance(60_000);
  assert.deepEqual([first.terms, second.terms], [["1"], []]);
  const stopped = first.loop.stop();
  await clock.advance(1_000);
  await stopped;
  assert.deepEqual([first.terms, second.terms], [["1", "1 over"], ["2"]]);
  await second.loop.stop();
});

test("LeaseLoop: a leader that pauses for longer than its lease cannot write, and stops when it wakes (I7)", async () => {
  const clock = new VirtualClock();
  const paused = new VirtualClock();
  const store = new MemoryStore(clock);
  const first = contender("one", paused, store);
  await paused.advance(0);
  const second = contender("two", clock, store);
  await clock.advance(6_000);
  assert.deepEqual([first.terms, second.terms], [["1"], ["2"]]);
  assert.equal(await store.commit(first.lease(), noChanges), false);
  assert.equal(await store.commit(second.lease(), noChanges), true);
  await paused.advance(2_000);
  assert.deepEqual(first.terms, ["1", "1 over"]);
  await first.loop.stop();
  await second.loop.stop();
});

test("LeaseLoop stops leading when the store cannot be reached for a whole lease, and leads again later", async () => {
  const clock = new VirtualClock();
  const memory = new MemoryStore(clock);
  let isReachable = true;
  const ifReachable = <T>(ask: () => Promise<T>) =>
    isReachable ? ask() : Promise.reject(new Error("connection refused"));
  const store: SchedulerStore = Object.assign(Object.create(memory) as SchedulerStore, {
    acquire: (holder: string, leaseMs: number) => ifReachable(() => memory.acquire(holder, leaseMs)),
    renew: (lease: Lease, leaseMs: number) => ifReachable(() => memory.renew(lease, leaseMs)),
    release: (lease: Lease) => ifReachable(() => memory.release(lease)),
  });
  const { loop, terms } = contender("one", clock, store);
  await clock.advance(1_000);
  isReachable = false;
  await clock.advance(4_000);
  assert.deepEqual(terms, ["1"]);
  await clock.advance(3_000);
  assert.deepEqual(terms, ["1", "1 over"]);
  isReachable = true;
  await clock.advance(2_000);
  assert.deepEqual(terms, ["1", "1 over", "2"]);
  await loop.stop();
});

test("createScheduler: of two that think they lead, the old one's write fails and ends its term at once", async () => {
  const world = new ScriptedCluster();
  await world.config.start();
  const paused = new VirtualClock();
  const first = world.scheduler({}, paused);
  await first.start();
  await world.settle();
  const runner = await world.runner("r1");
  const second = world.scheduler();
  await second.start();
  await world.clock.advance(8_000);
  assert.deepEqual([first.leading(), second.leading()], [1, 2]);
  world.config.put("c");
  await world.settle();
  assert.deepEqual([first.leading(), second.leading()], [null, 2]);
  assert.equal(runner.assignment?.epoch, 2);
  assert.equal(world.running(), "c@r1");
  const stopped = first.stop();
  await paused.advance(1_000);
  await stopped;
  await second.stop();
});
