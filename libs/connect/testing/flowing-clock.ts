interface Timer {
  readonly dueMs: number;
  readonly delayMs: number;
  /** The poll, or whatever is watched, in which it was set. */
  readonly watch: number;
  readonly fire: () => void;
}

/** What counts as a long sleep: a poll should wait for about a second. */
const LONG_MS = 3000;
/** Real milliseconds before the next timer fires: real I/O gets its turn first, above all before a long sleep ends. */
const STEP_MS = 1;
const LONG_STEP_MS = 250;

/**
 * Time that passes as soon as somebody waits for it: a sleep of an hour takes a quarter of a second, a sleep of a second
 * about a millisecond. While it is held, sleeps end only by their signal.
 */
export class FlowingClock {
  #nowMs = 1_700_000_000_000;
  #timers: Timer[] = [];
  #step: { readonly to: Timer; readonly timeout: NodeJS.Timeout } | null = null;
  #held = false;
  #watch = 0;
  #longestMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer: Timer = {
        dueMs: this.#nowMs + Math.max(0, delayMs),
        delayMs,
        watch: this.#watch,
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
      this.#flow();
    });
  }

  /** From now on time stands still. */
  hold(): void {
    this.#held = true;
  }

  /** @returns asks for the longest sleep above three seconds that began and ended since; 0 for none. */
  watchLongSleeps(): () => number {
    this.#watch++;
    this.#longestMs = 0;
    return () => this.#longestMs;
  }

  #flow(): void {
    const next = this.#timers.reduce<Timer | null>((a, b) => (a !== null && a.dueMs <= b.dueMs ? a : b), null);
    if (this.#step !== null && this.#step.to === next) return;
    clearTimeout(this.#step?.timeout);
    this.#step = null;
    if (next === null || this.#held) return;
    const stepMs = next.dueMs - this.#nowMs > LONG_MS ? LONG_STEP_MS : STEP_MS;
    this.#step = { to: next, timeout: setTimeout(() => this.#fire(next), stepMs) };
  }

  #fire(timer: Timer): void {
    this.#step = null;
    if (!this.#held && this.#timers.includes(timer)) {
      this.#timers = this.#timers.filter((each) => each !== timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      const { delayMs, watch } = timer;
      if (watch === this.#watch && delayMs > LONG_MS) this.#longestMs = Math.max(this.#longestMs, delayMs);
      timer.fire();
    }
    this.#flow();
  }
}
