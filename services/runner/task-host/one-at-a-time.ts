/**
 * Calls into a task: never two at once. They wait for each other in the order they came, whatever loop, commit or
 * rebalance they come from.
 *
 *   OPEN ──close (after what runs)──▶ CLOSED      cancelled: what waits is refused, what hangs is left to itself
 */
export class OneAtATime {
  #last: Promise<void> = Promise.resolve();
  #cancelled: AbortSignal;
  #closed = false;

  constructor(cancelled: AbortSignal) {
    this.#cancelled = cancelled;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Rejects with the signal's reason once cancelled, and after `close`. */
  async run<T>(call: () => T | Promise<T>): Promise<T> {
    const before = this.#last;
    let done = () => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await endOf(before, this.#cancelled);
      this.#cancelled.throwIfAborted();
      if (this.#closed) throw new Error("the task has ended and gets no more calls");
      return await call();
    } finally {
      done();
    }
  }

  /** Resolves when what runs has ended; nothing runs from then on. */
  async close(): Promise<void> {
    await endOf(this.#last, this.#cancelled);
    this.#closed = true;
  }
}

/** Resolves when `running` has, or at once when the signal aborts. */
export function endOf(running: Promise<void>, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (cancelled.aborted) return resolve();
    const settle = () => {
      cancelled.removeEventListener("abort", settle);
      resolve();
    };
    cancelled.addEventListener("abort", settle, { once: true });
    void running.then(settle);
  });
}
