import type { Clock } from "@millrace/time";

/** A burst that does not end is decided on after this many quiet times. */
const QUIET_TIMES_MAX = 4;

/**
 * Calls `ended` once `quietMs` after the latest of a burst of events, or four times that after its first.
 * With `quietMs` 0 each event is a burst of its own.
 */
export class Burst {
  readonly #deps: { readonly clock: Clock; readonly quietMs: number; ended(): void };
  #cancelTimer: (() => void) | null = null;
  #firstMs = 0;

  constructor(deps: { readonly clock: Clock; readonly quietMs: number; ended(): void }) {
    this.#deps = deps;
  }

  get isGoingOn(): boolean {
    return this.#cancelTimer !== null;
  }

  event(): void {
    const { clock, quietMs, ended } = this.#deps;
    if (quietMs === 0) {
      ended();
      return;
    }
    const nowMs = clock.monotonicMs();
    if (this.#cancelTimer === null) this.#firstMs = nowMs;
    this.#cancelTimer?.();
    const leftMs = this.#firstMs + QUIET_TIMES_MAX * quietMs - nowMs;
    this.#cancelTimer = clock.after(Math.max(0, Math.min(quietMs, leftMs)), () => {
      this.#cancelTimer = null;
      ended();
    });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
