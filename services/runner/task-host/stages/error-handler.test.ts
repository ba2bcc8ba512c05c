import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, RetriableError } from "@millrace/connect";
import { WINDOW_DEFAULT } from "@millrace/metrics";
import { VirtualClock } from "@millrace/time";
import { TaskStats } from "../task-stats.ts";
import { ErrorHandler } from "./error-handler.ts";
import type { Failure } from "./failure.ts";
import type { TolerancePolicy } from "./tolerance.ts";

function open(policy: Partial<TolerancePolicy> = {}, options: { reporters?: number } = {}) {
  const clock = new VirtualClock(1_000);
  const stop = new AbortController();
  const stats = new TaskStats({ clock, window: WINDOW_DEFAULT });
  const reported: Failure[] = [];
  const warnings: string[] = [];
  const reporters = Array.from({ length: options.reporters ?? 1 }, () => ({
    report: (failure: Failure) => {
      reported.push(failure);
      return null;
    },
  }));
  const logger = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const handler = new ErrorHandler({
    policy: { tolerance: "none", retryTimeoutMs: 0, retryDelayMaxMs: 60_000, ...policy },
    reporters,
    stats,
    clock,
    random: () => 0.5,
    signal: stop.signal,
    logger,
  });
  return { handler, clock, stop, stats, reported, warnings };
}

const failureOf = (error: unknown): Failure => ({
  stage: "TRANSFORMATION",
  executing: "X",
  error,
  consumed: null,
  polled: null,
});
const never = () => assert.fail("it is not tried again");
const counts = ({ recordFailures, recordErrors, recordsSkipped, retries, lastErrorMs }: TaskStats) => {
  return { recordFailures, recordErrors, recordsSkipped, retries, lastErrorMs };
};

test("ErrorHandler skips, counts and reports with tolerance all", async () => {
  const { handler, stats, reported, warnings } = open({ tolerance: "all" });
  const error = new DataError("bad");
  assert.equal(await handler.recover(error, never, failureOf), null);
  assert.deepEqual(
    reported.map((each) => each.error),
    [error],
  );
  assert.deepEqual(counts(stats), {
    recordFailures: 1,
    recordErrors: 1,
    recordsSkipped: 1,
    retries: 0,
    lastErrorMs: 1_000,
  });
  assert.deepEqual(warnings, []);
});

test("ErrorHandler reports before it fails the task, with tolerance none", async () => {
  const { handler, stats, reported } = open();
  const error = new DataError("bad");
  await assert.rejects(handler.recover(error, never, failureOf), (failed: Error) => {
    return failed.message === "Tolerance exceeded in error handler" && failed.cause === error;
  });
  assert.equal(reported.length, 1);
  assert.deepEqual(counts(stats), {
    recordFailures: 1,
    recordErrors: 1,
    recordsSkipped: 0,
    retries: 0,
    lastErrorMs: 1_000,
  });
});

test("ErrorHandler leaves no skipped record without a trace", async () => {
  const { handler, warnings } = open({ tolerance: "all" }, { reporters: 0 });
  await handler.recover(new DataError("bad"), never, failureOf);
  assert.deepEqual(warnings, ["a record was skipped"]);
});

test("ErrorHandler tries a retriable error again until it works, and reports nothing then", async () => {
  const { handler, clock, stats, reported } = open({ retryTimeoutMs: 10_000 });
  const at: number[] = [];
  const again = () => {
    at.push(clock.monotonicMs() - 1_000);
    if (at.length < 3) throw new RetriableError("later");
    return "done";
  };
  const recovering = handler.recover(new RetriableError("later"), again, failureOf);
  await clock.advance(5_000);
  assert.equal(await recovering, "done");
  assert.deepEqual(at, [300, 900, 2_100]);
  assert.deepEqual(
    [reported, counts(stats)],
    [[], { recordFailures: 3, recordErrors: 0, recordsSkipped: 0, retries: 3, lastErrorMs: 0 }],
  );
});

test("ErrorHandler gives up on the error that came last", async () => {
  const { handler, clock, stats, reported } = open({ tolerance: "all", retryTimeoutMs: 10_000 });
  const last = new DataError("never");
  const recovering = handler.recover(
    new RetriableError("later"),
    async () => {
      throw last;
    },
    failureOf,
  );
  await clock.advance(1_000);
  assert.equal(await recovering, null);
  assert.deepEqual([reported[0]?.error, stats.recordFailures, stats.retries], [last, 2, 1]);
});

test("ErrorHandler throws the error itself when the task is stopped while it waits: nothing is skipped", async () => {
  const { handler, stop, stats, reported } = open({ tolerance: "all", retryTimeoutMs: -1 });
  const error = new RetriableError("later");
  const recovering = handler.recover(error, never, failureOf);
  stop.abort(new Error("stop"));
  await assert.rejects(recovering, error);
  assert.deepEqual([reported.length, stats.recordsSkipped], [0, 0]);
});

test("ErrorHandler takes what others gave up on, within the tolerance", () => {
  const { handler, stats, reported } = open({ tolerance: "all" });
  assert.deepEqual(handler.failed(failureOf(new Error("x"))), []);
  assert.deepEqual([reported.length, stats.recordFailures, stats.recordErrors, stats.recordsSkipped], [1, 1, 0, 0]);
  const strict = open();
  assert.throws(() => strict.handler.failed(failureOf(new Error("x"))), /^ConnectError: Tolerance exceeded/);
  assert.deepEqual([strict.reported.length, strict.stats.recordFailures, strict.stats.recordErrors], [1, 1, 1]);
});
