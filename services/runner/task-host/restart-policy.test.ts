import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FailureClass } from "./classify-failure.ts";
import { FATAL_WINDOW_MS, type Failed, freshHistory, nextRestart, type RestartHistory } from "./restart-policy.ts";

const settings = { enabled: true, initialMs: 1000, maxMs: 60_000, fatalMax: 5 };
const failed = (change: Partial<Failed> = {}): Failed => ({
  ...{ class: "retriable", ranMs: 0, nowMs: 0, random: 0.5 },
  ...change,
});

/** Delays of failures one after the other, `gapMs` apart, until it stays failed. */
function delays(failures: readonly Partial<Failed>[], gapMs = 100, own = settings): (number | null)[] {
  let history: RestartHistory = freshHistory();
  return failures.map((failure, i) => {
    const next = nextRestart(history, failed({ nowMs: i * gapMs, ...failure }), own);
    history = next?.history ?? history;
    return next?.delayMs ?? null;
  });
}

const times = (many: number, failure: Partial<Failed>) => Array.from({ length: many }, () => failure);

test("nextRestart waits twice as long each time, up to the longest wait, without end", () => {
  const expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000];
  assert.deepEqual(delays(times(9, {})), expected);
  assert.equal(delays(times(10_000, {})).at(-1), 60_000);
});

test("nextRestart spreads the waits", () => {
  assert.deepEqual(delays([{ random: 0 }]), [900]);
  assert.deepEqual(delays([{ random: 0.999 }]), [1100]);
});

test("nextRestart begins with the shortest wait again after a run longer than the longest, and counts on", () => {
  const short = { ranMs: settings.maxMs };
  const long = { ranMs: settings.maxMs + 1 };
  assert.deepEqual(delays([{}, {}, short, long, {}]), [1000, 2000, 4000, 1000, 2000]);
  const { history } = nextRestart(freshHistory(7), failed(long), settings)!;
  assert.deepEqual([history.count, history.attempts], [8, 1]);
});

test("nextRestart never restarts for records and settings, nor for anything once it is switched off", () => {
  for (const never of ["poison", "config"] as const) assert.deepEqual(delays([{ class: never }]), [null]);
  const off = { ...settings, enabled: false };
  for (const any of ["retriable", "fenced", "fatal"] as const)
    assert.deepEqual(delays([{ class: any }], 0, off), [null]);
});

test("nextRestart restarts a bounded number of times within an hour for what nobody understands", () => {
  const fatal = { class: "fatal" } as const;
  assert.deepEqual(delays(times(6, fatal)), [1000, 2000, 4000, 8000, 16_000, null]);
  assert.deepEqual(
    delays([fatal, {}, {}, fatal, fatal, fatal, fatal, fatal]).at(-1),
    null,
    "others do not make it anew",
  );
  const hourly = delays(times(20, { ...fatal, ranMs: 1_000_000 }), FATAL_WINDOW_MS / 5);
  assert.ok(!hourly.includes(null), "what is longer ago than an hour does not count");
  assert.deepEqual(delays([fatal], 0, { ...settings, fatalMax: 0 }), [null]);
});

test("nextRestart gives way to a rival after five fencings without a long run between them", () => {
  const fenced = { class: "fenced" } as const;
  assert.deepEqual(
    delays(times(6, fenced), 10_000).map((delay) => delay === null),
    [...times(5, {}).map(() => false), true],
  );
  const calm = { ...fenced, ranMs: 61_000 };
  assert.ok(!delays(times(20, calm), 61_000).includes(null));
});

test("nextRestart counts every restart and keeps its delays within the settings", () => {
  const failure = fc.record({
    class: fc.constantFrom<FailureClass>("retriable", "fenced", "poison", "config", "fatal"),
    ranMs: fc.nat(200_000),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(failure, { maxLength: 60 }), (failures) => {
      let history = freshHistory();
      let restarts = 0;
      for (const [i, each] of failures.entries()) {
        const next = nextRestart(history, failed({ ...each, nowMs: i * 1000 }), settings);
        if (next === null) continue;
        history = next.history;
        restarts++;
        assert.ok(next.delayMs >= settings.initialMs * 0.9 && next.delayMs <= settings.maxMs * 1.1);
        assert.ok(history.fatalAtMs.length <= settings.fatalMax);
      }
      assert.equal(history.count, restarts);
    }),
  );
});
