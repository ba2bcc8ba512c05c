import type { Clock } from "@millrace/time";
import type { Timeline } from "./timeline.ts";

/** When the run begins, on clocks that are right. */
export const EPOCH_MS = 1_700_000_000_000;

const TICKS_PER_MS = 8;

export interface SimulatedClockOptions {
  readonly timeline: Timeline;
  /** How much faster than the timeline it runs. */
  readonly rate?: number;
  /** Runs what is due: now, later, or never. */
  readonly enter?: (fn: () => void) => void;
}

/** A clock on the timeline, of somebody who may be stopped, and whose clock may be wrong. */
export class SimulatedClock implements Clock {
  readonly #timeline: Timeline;
  readonly #rate: number;
  readonly #enter: (fn: () => void) => void;
  #offMs = 0;
  /** Timers that are set. */
  pending = 0;

  constructor({ timeline, rate = 1, enter = (fn) => fn() }: SimulatedClockOptions) {
    this.#timeline = timeline;
    this.#rate = rate;
    this.#enter = enter;
  }

  /** Whole ones, as a system's clock gives them. */
  nowMs(): number {
    return EPOCH_MS + Math.floor(this.#offMs) + Math.floor(this.monotonicMs());
  }

  /** With fractions, as a system's clock gives them; some time must pass between two moments that look different. */
  monotonicMs(): number {
    return Math.floor(this.#timeline.nowMs * this.#rate * TICKS_PER_MS) / TICKS_PER_MS;
  }

  /** What people see; timers and measuring go on as they were. */
  step(byMs: number): void {
    this.#offMs += byMs;
  }

  after(delayMs: number, fn: () => void): () => void {
    let isSet = true;
    const unset = () => {
      if (isSet) this.pending--;
      isSet = false;
    };
    this.pending++;
    const cancel = this.#timeline.after(delayMs / this.#rate, () =>
      this.#enter(() => {
        if (!isSet) return;
        unset();
        fn();
      }),
    );
    return () => {
      unset();
      cancel();
    };
  }

  every(intervalMs: number, fn: () => void): () => void {
    let cancel = () => {};
    const arm = () => {
      cancel = this.after(intervalMs, () => {
        arm();
        fn();
      });
    };
    arm();
    return () => cancel();
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const cancel = this.after(delayMs, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
