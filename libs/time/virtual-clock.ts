import type { Clock } from "./clock.ts";

interface Timer {
  readonly id: number;
  readonly atMs: number;
  readonly fn: () => void;
}

/**
 * A clock that moves only when told. Timers fire in order of (due time, creation), so a run is repeatable.
 * `advance` lets promise callbacks settle between timers.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #nextId = 1;
  #timers: Timer[] = [];

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
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

  after(delayMs: number, fn: () => void): () => void {
    const timer = { id: this.#nextId++, atMs: this.#nowMs + Math.max(0, delayMs), fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t.id !== timer.id);
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

  /** When the next timer is due, or null with none waiting. */
  nextTimerMs(): number | null {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map((t) => t.atMs));
  }

  /** Moves on by `ms`, firing every timer that falls due, oldest first. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = this.#timers.filter((t) => t.atMs <= endMs).sort((a, b) => a.atMs - b.atMs || a.id - b.id)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((t) => t.id !== due.id);
      this.#nowMs = due.atMs;
      due.fn();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Lets chains of resolved promises run: two turns of the event loop's immediate queue. */
async function settle(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}
