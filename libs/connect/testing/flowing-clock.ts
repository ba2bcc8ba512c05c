interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Real milliseconds between two timers that fall due: real I/O gets its turn. */
const STEP_MS = 1;

/**
 * Time that passes as soon as somebody waits for it: a sleep of an hour takes about a millisecond. While it is held,
 * sleeps end only by their signal.
 */
export class FlowingClock {
  #nowMs = 1_700_000_000_000;
  #timers: Timer[] = [];
  #stepping = false;
  #held = false;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer: Timer = {
        dueMs: this.#nowMs + Math.max(0, delayMs),
        fire: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#timers.push(timer);
      this.#step();
    });
  }

  /** From now on time stands still. */
  hold(): void {
    this.#held = true;
  }

  #step(): void {
    if (this.#stepping) return;
    this.#stepping = true;
    setTimeout(() => {
      this.#stepping = false;
      if (this.#held) return;
      const next = this.#timers.reduce<Timer | null>((a, b) => (a !== null && a.dueMs <= b.dueMs ? a : b), null);
      if (next === null) return;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.fire();
      if (this.#timers.length > 0) this.#step();
    }, STEP_MS);
  }
}
