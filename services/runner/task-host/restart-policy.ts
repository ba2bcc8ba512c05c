// Pure: whether and when what failed is started again without anybody asking.
import { backoffMs } from "@millrace/time";
import type { FailureClass } from "./classify-failure.ts";

export interface RestartSettings {
  /** `millrace.auto.restart`. */
  readonly enabled: boolean;
  /** `millrace.auto.restart.backoff.initial.ms` and `.max.ms`. */
  readonly initialMs: number;
  readonly maxMs: number;
  /** `millrace.auto.restart.fatal.max`: within `FATAL_WINDOW_MS`. */
  readonly fatalMax: number;
}

/** What is remembered of earlier failures. */
export interface RestartHistory {
  readonly count: number;
  /** In a row, none of them after a long run. */
  readonly attempts: number;
  readonly fatalAtMs: readonly number[];
  readonly fencedAtMs: readonly number[];
}

export interface Failed {
  readonly class: FailureClass;
  /** For how long it had run; 0: it never did. */
  readonly ranMs: number;
  /** On the clock of the history. */
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: number;
}

export const FATAL_WINDOW_MS = 3_600_000;
/** Two that fence each other wait in turn, each longer every time: the sixth fencing comes after about a minute. */
export const FENCED_MAX = 5;
export const FENCED_WINDOW_MS = 600_000;

export function freshHistory(count = 0): RestartHistory {
  return { count, attempts: 0, fatalAtMs: [], fencedAtMs: [] };
}

/**
 * null: it stays FAILED, because nothing would be different, or has not been often enough. A run longer than the longest
 * wait makes the next wait the shortest again; the count goes on.
 */
export function nextRestart(
  history: RestartHistory,
  failed: Failed,
  settings: RestartSettings,
): { readonly history: RestartHistory; readonly delayMs: number } | null {
  if (!settings.enabled || failed.class === "poison" || failed.class === "config") return null;
  const { nowMs } = failed;
  const ranLong = failed.ranMs > settings.maxMs;
  const fatalAtMs = history.fatalAtMs.filter((atMs) => nowMs - atMs < FATAL_WINDOW_MS);
  const fencedAtMs = ranLong ? [] : history.fencedAtMs.filter((atMs) => nowMs - atMs < FENCED_WINDOW_MS);
  if (failed.class === "fatal" && fatalAtMs.length >= settings.fatalMax) return null;
  if (failed.class === "fenced" && fencedAtMs.length >= FENCED_MAX) return null;
  const attempts = ranLong ? 1 : history.attempts + 1;
  return {
    history: {
      count: history.count + 1,
      attempts,
      fatalAtMs: failed.class === "fatal" ? [...fatalAtMs, nowMs] : fatalAtMs,
      fencedAtMs: failed.class === "fenced" ? [...fencedAtMs, nowMs] : fencedAtMs,
    },
    delayMs: backoffMs(attempts, settings, failed.random),
  };
}
