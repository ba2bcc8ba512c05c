import assert from "node:assert/strict";
import { test } from "node:test";
import { OneAtATime } from "./one-at-a-time.ts";

function open() {
  const cancel = new AbortController();
  return { calls: new OneAtATime(cancel.signal), cancel };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A call that the test ends by hand. */
function held() {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { call: () => promise, end: () => end() };
}

test("OneAtATime runs calls in order, one after the other, and goes on after one that failed", async () => {
  const { calls } = open();
  const log: string[] = [];
  const first = held();
  const one = calls.run(async () => {
    log.push("one starts");
    await first.call();
    log.push("one ends");
    throw new Error("one failed");
  });
  const two = calls.run(() => log.push("two"));
  await settled();
  assert.deepEqual(log, ["one starts"]);
  first.end();
  await assert.rejects(one, /one failed/);
  assert.equal(await two, 3);
  assert.deepEqual(log, ["one starts", "one ends", "two"]);
});

test("OneAtATime close waits for what runs, and refuses what comes after", async () => {
  const { calls } = open();
  const first = held();
  void calls.run(first.call);
  let closed = false;
  const closing = calls.close().then(() => {
    closed = true;
  });
  await settled();
  assert.deepEqual([closed, calls.closed], [false, false]);
  first.end();
  await closing;
  await assert.rejects(
    calls.run(() => {}),
    /has ended/,
  );
});

test("OneAtATime cancelled refuses what waits behind a call that hangs, and closes", async () => {
  const { calls, cancel } = open();
  void calls.run(held().call);
  await settled();
  const waiting = calls.run(() => assert.fail("it must not run"));
  cancel.abort(new Error("cancelled"));
  await assert.rejects(waiting, /cancelled/);
  await calls.close();
  assert.ok(calls.closed);
});
