import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { Burst } from "./burst.ts";

function open(quietMs = 100) {
  const clock = new VirtualClock();
  const startMs = clock.monotonicMs();
  const endedMs: number[] = [];
  const burst = new Burst({ clock, quietMs, ended: () => endedMs.push(clock.monotonicMs() - startMs) });
  return { clock, burst, endedMs };
}

test("Burst waits for nothing when a connector and its tasks are all there is", async () => {
  const { clock, burst, endedMs } = open();
  burst.event();
  await clock.advance(15);
  burst.event();
  assert.deepEqual(endedMs, [0, 15]);
  assert.equal(burst.isGoingOn, false);
});

test("Burst waits for the end of many, with the fifth and all that follow", async () => {
  const { clock, burst, endedMs } = open();
  for (let i = 0; i < 10; i++) {
    burst.event();
    await clock.advance(10);
  }
  assert.deepEqual(endedMs, [0, 10, 20, 30]);
  assert.equal(burst.isGoingOn, true);
  await clock.advance(1_000);
  assert.deepEqual(endedMs, [0, 10, 20, 30, 190]);
});

test("Burst that does not end counts as ended after four quiet times", async () => {
  const { clock, burst, endedMs } = open();
  for (let i = 0; i < 60; i++) {
    burst.event();
    await clock.advance(10);
  }
  assert.deepEqual(endedMs, [0, 10, 20, 30, 440]);
});

test("Burst lets one more pass for each quiet time", async () => {
  const { clock, burst, endedMs } = open();
  for (let i = 0; i < 4; i++) burst.event();
  await clock.advance(200);
  for (let i = 0; i < 3; i++) burst.event();
  assert.deepEqual(endedMs, [0, 0, 0, 0, 200, 200]);
  await clock.advance(100);
  assert.deepEqual(endedMs, [0, 0, 0, 0, 200, 200, 300]);
  for (let i = 0; i < 2; i++) burst.event();
  await clock.advance(100);
  assert.deepEqual(endedMs.slice(7), [300, 400], "a burst leaves none, and the quiet after it one");
});

test("Burst of quiet times of 0 ms waits for nothing", () => {
  const { burst, endedMs } = open(0);
  for (let i = 0; i < 20; i++) burst.event();
  assert.equal(endedMs.length, 20);
});
