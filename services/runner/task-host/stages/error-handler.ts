import { ConnectError, type Logger } from "@millrace/connect";
import type { Clock, Random } from "@millrace/time";
import type { TaskStats } from "../task-stats.ts";
import type { Failure } from "./failure.ts";
import { afterFailure, type TolerancePolicy } from "./tolerance.ts";

/** Tells somebody of a record that failed: the log, the dead letter queue. */
export interface Reporter {
  /** Resolves when the report is durable, rejects when it got lost; null: nothing to wait for. Must not throw. */
  report(failure: Failure): Promise<void> | null;
}

export interface ErrorHandlerDeps {
  readonly policy: TolerancePolicy;
  readonly reporters: readonly Reporter[];
  readonly stats: TaskStats;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the task is asked to stop. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What becomes of records that fail: tried again, reported, then skipped or the end of the task (I5). */
export class ErrorHandler {
  #deps: ErrorHandlerDeps;

  constructor(deps: ErrorHandlerDeps) {
    this.#deps = deps;
  }

  get toleratesAll(): boolean {
    return this.#deps.policy.tolerance === "all";
  }

  /**
   * After a first failure of a transform or converter.
   * @param again does the same once more.
   * @param failureOf tells of an error that `again` or the first attempt threw.
   * @returns what `again` returned at last, or null when the record is to be skipped.
   * @throws the error itself when the task is stopped while it waits: the record is not skipped.
   */
  async recover<T>(
    firstError: unknown,
    again: () => T | Promise<T>,
    failureOf: (error: unknown) => Failure,
  ): Promise<T | null> {
    const { clock, policy, random, stats, signal } = this.#deps;
    const startMs = clock.monotonicMs();
    let error = firstError;
    for (let attempt = 1; ; attempt++) {
      stats.recordFailed();
      const elapsedMs = clock.monotonicMs() - startMs;
      const decision = afterFailure(error, policy, { attempt, elapsedMs, random: random() });
      if (decision.action !== "retry") {
        this.#giveUp(failureOf(error), decision.action);
        return null;
      }
      await clock.sleep(decision.delayMs, signal).catch(() => {});
      if (signal.aborted) throw error;
      stats.recordRetried();
      try {
        return await again();
      } catch (thrown) {
        error = thrown;
      }
    }
  }

  #giveUp(failure: Failure, action: "skip" | "fail"): void {
    const { stats, clock } = this.#deps;
    stats.gaveUp(clock.nowMs());
    stats.recordErrored();
    if (action === "skip") stats.recordSkipped();
    this.#report(failure, action);
    if (action === "fail") throw beyondTolerance(failure.error);
  }

  /**
   * Somebody else has given up on this record: the task itself, or Kafka.
   * @returns the reports that are on their way.
   * @throws ConnectError when the connector tolerates nothing; it is reported before.
   */
  failed(failure: Failure): Promise<void>[] {
    const { stats, clock } = this.#deps;
    stats.gaveUp(clock.nowMs());
    stats.recordFailed();
    const action = this.toleratesAll ? "skip" : "fail";
    const reports = this.#report(failure, action);
    if (action === "skip") return reports;
    stats.recordErrored();
    throw beyondTolerance(failure.error);
  }

  #report(failure: Failure, action: "skip" | "fail"): Promise<void>[] {
    const { reporters, logger } = this.#deps;
    const reports = reporters.flatMap((reporter) => reporter.report(failure) ?? []);
    if (reporters.length === 0 && action === "skip") {
      const { stage, executing, error, consumed, polled } = failure;
      const { topic, partition, offset } = consumed ?? { topic: polled?.topic, partition: null, offset: null };
      logger.warn("a record was skipped", { stage, class: executing, topic, partition, offset, error: String(error) });
    }
    return reports;
  }
}

export function beyondTolerance(cause: unknown): ConnectError {
  return new ConnectError("Tolerance exceeded in error handler", { cause, code: "TOLERANCE_EXCEEDED" });
}
