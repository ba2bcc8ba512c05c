// Pure: what to do with a record that a stage failed on.
import { isRetriable } from "@millrace/connect";

/** Kafka Connect's stage names: they show in logs and dead letter headers. */
export type Stage =
  | "TRANSFORMATION"
  | "HEADER_CONVERTER"
  | "KEY_CONVERTER"
  | "VALUE_CONVERTER"
  | "TASK_PUT"
  | "KAFKA_PRODUCE";

export interface TolerancePolicy {
  /** `errors.tolerance`. */
  readonly tolerance: "none" | "all";
  /** `errors.retry.timeout`: 0 never retries, -1 without end. */
  readonly retryTimeoutMs: number;
  /** `errors.retry.delay.max.ms`. */
  readonly retryDelayMaxMs: number;
}

/** What a connector's settings say, sources and sinks alike. */
export function tolerancePolicy(config: Readonly<Record<string, string>>): TolerancePolicy {
  return {
    tolerance: config["errors.tolerance"]?.trim().toLowerCase() === "all" ? "all" : "none",
    retryTimeoutMs: Number(config["errors.retry.timeout"] ?? 0),
    retryDelayMaxMs: Number(config["errors.retry.delay.max.ms"] ?? 60_000),
  };
}

export type ToleranceDecision =
  | { readonly action: "retry"; readonly delayMs: number }
  | { readonly action: "skip" }
  | { readonly action: "fail" };

const RETRY_INITIAL_MS = 300;

/**
 * Only errors that call themselves retriable are tried again, 300 ms doubling, beyond `retryDelayMaxMs` a random delay
 * below it, never past the deadline.
 * @param attempt 1 after the first failure.
 * @param random a number in [0, 1).
 */
export function afterFailure(
  error: unknown,
  policy: TolerancePolicy,
  at: { readonly attempt: number; readonly elapsedMs: number; readonly random: number },
): ToleranceDecision {
  const leftMs = policy.retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : policy.retryTimeoutMs - at.elapsedMs;
  if (isRetriable(error) && leftMs > 0) {
    const doubled = RETRY_INITIAL_MS * 2 ** Math.min(40, at.attempt - 1);
    const delayMs = doubled > policy.retryDelayMaxMs ? at.random * policy.retryDelayMaxMs : doubled;
    return { action: "retry", delayMs: Math.min(Math.floor(delayMs), leftMs) };
  }
  return { action: policy.tolerance === "all" ? "skip" : "fail" };
}
