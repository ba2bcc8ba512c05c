// Pure: when does an exactly-once source transaction end?

export type TransactionBoundary = "poll" | "interval" | "connector";

/** What a task asked for through its TransactionContext since the last decision. */
export type BoundaryRequest = "none" | "commit" | "abort";

export interface BoundaryState {
  readonly boundary: TransactionBoundary;
  /** Only for `interval`. */
  readonly intervalMs: number;
  /** Monotonic time of the last decision to commit; of entering the loop, or of resuming, before the first. */
  readonly lastCommitMs: number;
}

/**
 * At the end of a polled batch, empty ones included. `poll` always commits, `interval` once the interval has passed,
 * `connector` does what the task asked for.
 */
export function atBatchEnd(state: BoundaryState, request: BoundaryRequest, nowMs: number): BoundaryRequest {
  switch (state.boundary) {
    case "poll":
      return "commit";
    case "interval":
      return nowMs >= state.lastCommitMs + state.intervalMs ? "commit" : "none";
    case "connector":
      return request;
  }
}

/** When the task pauses or ends without failing. `connector`: only what was asked for, otherwise nothing is committed. */
export function atEnd(boundary: TransactionBoundary, request: BoundaryRequest): BoundaryRequest {
  return boundary === "connector" ? request : "commit";
}
