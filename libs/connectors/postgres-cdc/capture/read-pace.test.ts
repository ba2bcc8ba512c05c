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

test("a quiet stream is read at once", () => {
  const { pace, state } = open();
  pace.demanded();
  state.nowMs += 2;
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000, 1002], 0]);
});

test("a busy stream is read after a pause, and a quiet one at once again", async () => {
  const { pace, state } = open();
  pace.demanded();
  pace.demanded();
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000], 1]);
  state.nowMs += 1;
  state.pauses[0]!();
  await Promise.resolve();
  assert.deepEqual(state.reads, [1000, 1001]);
  state.nowMs += 20;
  pace.demanded();
  assert.deepEqual([state.reads, state.pauses.length], [[1000, 1001, 1021], 1]);
});

test("a stream that brings much is read at once, for as long as it does", () => {
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
