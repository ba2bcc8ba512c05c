import type { Clock } from "@millrace/time";

/** A burst that does not end is decided on after this many quiet times. */
const QUIET_TIMES_MAX = 4;
/** Free are so many after a quiet while: a connector is made by two events, its own and its tasks'. */
const AT_ONCE_MAX = 4;

/**
 * Calls `ended` at once for an event here and there; for many, `quietMs` after the latest, or four times that after the first that
 * waited. With `quietMs` 0 each is for itself.
 *
 *   4 free ──event──▶ 3 ──▶ … ──▶ none ──event──▶ waiting ──quiet, or 4 quietMs──▶ none, ended
 *      ◀── one each quietMs ──────────┘              └─event─▲
 */
export class Burst {
  readonly #deps: { readonly clock: Clock; readonly quietMs: number; ended(): void };
  #cancelTimer: (() => void) | null = null;
  #firstMs = 0;
  /** From then on as many as there can be are free; a quiet time before, one fewer. */
  #freeMs = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly clock: Clock; readonly quietMs: number; ended(): void }) {
    this.#deps = deps;
  }

  get isGoingOn(): boolean {
    return this.#cancelTimer !== null;
  }

  event(): void {
    const { clock, quietMs, ended } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.#cancelTimer === null && this.#isFree(nowMs)) {
      ended();
      return;
    }
    this.#freeMs = nowMs + AT_ONCE_MAX * quietMs;
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

  /** Takes one of the free ones. */
  #isFree(nowMs: number): boolean {
    const { quietMs } = this.#deps;
    const freeMs = Math.max(this.#freeMs, nowMs) + quietMs;
    if (freeMs > nowMs + AT_ONCE_MAX * quietMs) return false;
    this.#freeMs = freeMs;
    return true;
  }
}
