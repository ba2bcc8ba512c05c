import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, RetriableError } from "@millrace/connect";
import fc from "fast-check";
import { afterFailure, type TolerancePolicy } from "./tolerance.ts";

const policy: TolerancePolicy = { tolerance: "none", retryTimeoutMs: 0, retryDelayMaxMs: 60_000 };
const retriable = new RetriableError("later");
const at = { attempt: 1, elapsedMs: 0, random: 0.5 };

test("afterFailure fails or skips an error that no retry helps, whatever the retry timeout", () => {
  for (const retryTimeoutMs of [0, 1000, -1]) {
    const error = new DataError("not a number");
    assert.deepEqual(afterFailure(error, { ...policy, retryTimeoutMs }, at), { action: "fail" });
    assert.deepEqual(afterFailure(error, { ...policy, retryTimeoutMs, tolerance: "all" }, at), { action: "skip" });
  }
});

test("afterFailure never retries with a timeout of 0", () => {
  assert.deepEqual(afterFailure(retriable, policy, at), { action: "fail" });
  assert.deepEqual(afterFailure(retriable, { ...policy, tolerance: "all" }, at), { action: "skip" });
});

const delays: [attempt: number, elapsedMs: number, random: number, delayMs: number][] = [
  [1, 0, 0.5, 300],
  [2, 300, 0.5, 600],
  [3, 900, 0.5, 1200],
  [8, 0, 0.5, 38_400],
  [9, 0, 0.5, 30_000],
  [9, 0, 0, 0],
  [60, 0, 0.999, 59_940],
  [3, 99_500, 0.5, 500],
];

test("afterFailure doubles from 300 ms, beyond the maximum a random part of it, never past the deadline", () => {
  for (const [attempt, elapsedMs, random, delayMs] of delays) {
    const decision = afterFailure(retriable, { ...policy, retryTimeoutMs: 100_000 }, { attempt, elapsedMs, random });
    assert.deepEqual(decision, { action: "retry", delayMs }, `attempt ${attempt} at ${elapsedMs}`);
  }
});

test("afterFailure gives up at the deadline, and never with -1", () => {
  const late = { attempt: 9, elapsedMs: 100_000, random: 0.5 };
  assert.deepEqual(afterFailure(retriable, { ...policy, retryTimeoutMs: 100_000 }, late), { action: "fail" });
  assert.equal(
    afterFailure(retriable, { ...policy, retryTimeoutMs: -1 }, { ...late, elapsedMs: 1e12 }).action,
    "retry",
  );
});

test("afterFailure's delays are bounded and the retries of a bounded timeout end", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (retryTimeoutMs, retryDelayMaxMs, random) => {
        let elapsedMs = 0;
        for (let attempt = 1; attempt < 10_000; attempt++) {
          const decision = afterFailure(
            retriable,
            { tolerance: "none", retryTimeoutMs, retryDelayMaxMs },
            { attempt, elapsedMs, random },
          );
          if (decision.action !== "retry") return;
          assert.ok(decision.delayMs >= 0 && decision.delayMs <= retryTimeoutMs - elapsedMs);
          elapsedMs += decision.delayMs + 1;
        }
        assert.fail("it never ended");
      },
    ),
  );
});
