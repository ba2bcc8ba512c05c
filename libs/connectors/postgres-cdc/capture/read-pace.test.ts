import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadPace } from "./read-pace.ts";

function open() {
  const state = { nowMs: 1000, bytes: 50_000, reads: [] as number[], pauses: [] as (() => void)[] };
  const pace = new ReadPace({
    read: () => state.reads.push(state.nowMs),
    receivedBytes: () => state.bytes,
    nowMs: () => state.nowMs,
    sleep: () => new Promise<void>((resolve) => state.pauses.push(resolve)),
  });
  return { pace, state };
}

test("a quiet stream is read at once, however often it brings a little", () => {
  const { pace, state } = open();
  pace.demanded();
  state.nowMs += 20;
  state.bytes += 12_000;
  pace.demanded();
  state.bytes += 300;
  pace.demanded();
  state.nowMs += 1;
  state.bytes += 300;
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000, 1020, 1020, 1021], 0]);
});

test("a busy stream is read after a pause, and a quiet one at once again", async () => {
  const { pace, state } = open();
  pace.demanded();
  state.bytes += 8_000;
  pace.demanded();
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000], 1]);
  state.nowMs += 3;
  state.pauses[0]!();
  await Promise.resolve();
  assert.deepEqual(state.reads, [1000, 1003]);
  state.nowMs += 20;
  state.bytes += 300;
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000, 1003, 1023], 1]);
});

test("a stream that lags is read at once, for as long as it does", () => {
  const { pace, state } = open();
  pace.demanded();
  state.bytes += 16 * 1024;
  pace.demanded();
  state.bytes += 16 * 1024;
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000, 1000, 1000], 0]);
  state.bytes += 16 * 1024 - 1;
  pace.demanded();
  assert.deepEqual([state.reads.length, state.pauses.length], [3, 1]);
});
