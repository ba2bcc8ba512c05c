// Pure: how long to wait before attempt n.

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0 to 1. Default 0.2. */
  readonly jitter?: number;
}

/**
 * Exponential backoff: `initialMs * 2^(attempt-1)`, at most `maxMs`, spread by `jitter` around the value.
 * @param attempt 1 for the first wait.
 * @param random a number in [0, 1).
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: number): number {
  const base = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  const jitter = options.jitter ?? 0.2;
  return Math.round(base * (1 - jitter / 2 + jitter * random));
}
