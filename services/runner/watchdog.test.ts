import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { Watchdog } from "./watchdog.ts";

function watch(blockedMs: number) {
  const clock = new VirtualClock();
  const seen = { heard: 0, blockedAtMs: -1, answers: true, pings: 0 };
  const waiting: (() => void)[] = [];
  const watchdog = new Watchdog<null>({
    blockedMs,
    clock,
    ping: () => {
      seen.pings++;
      return seen.answers ? Promise.resolve(null) : new Promise((resolve) => waiting.push(() => resolve(null)));
    },
    heard: () => void seen.heard++,
    blocked: () => {
      seen.blockedAtMs = clock.monotonicMs();
    },
  });
  return { clock, seen, waiting, watchdog };
}

test("Watchdog asks ten times within the limit, at least every three seconds, and is content with answers", async () => {
  const { clock, seen, watchdog } = watch(1_000);
  await clock.advance(10_000);
  assert.deepEqual([seen.heard, seen.blockedAtMs], [101, -1]);
  watchdog.stop();
  await clock.advance(10_000);
  assert.equal(seen.pings, 101);
  const slow = watch(120_000);
  await slow.clock.advance(30_000);
  assert.equal(slow.seen.heard, 11);
  slow.watchdog.stop();
});

test("Watchdog tells once when nothing was heard for the limit, and not before", async () => {
  const { clock, seen } = watch(1_000);
  await clock.advance(550);
  seen.answers = false;
  const sinceMs = clock.monotonicMs();
  await clock.advance(5_000);
  const tookMs = seen.blockedAtMs - sinceMs;
  assert.ok(tookMs >= 1_000 && tookMs <= 1_100, `${tookMs} ms`);
  assert.equal(seen.pings, 7, "one question at a time, none after that");
});

test("Watchdog forgives a pause that ends in time", async () => {
  const { clock, seen, waiting, watchdog } = watch(1_000);
  await clock.advance(500);
  seen.answers = false;
  for (let i = 0; i < 5; i++) {
    await clock.advance(900);
    for (const answer of waiting.splice(0)) answer();
    await clock.advance(0);
  }
  assert.equal(seen.blockedAtMs, -1);
  watchdog.stop();
});
