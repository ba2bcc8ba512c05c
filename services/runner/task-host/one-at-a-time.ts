/**
 * Calls into a task: never two at once. They wait for each other in the order they came, whatever loop, commit or
 * rebalance they come from.
 *
 *   OPEN ──close (after what runs)──▶ CLOSED      cancelled: what waits is refused, what hangs is left to itself
 */
export class OneAtATime {
  /** The end of the call that came last; null: none runs. */
  #last: Promise<void> | null = null;
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
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#last = ended;
    try {
      if (before !== null) await endOf(before, this.#cancelled);
      this.#cancelled.throwIfAborted();
      if (this.#closed) throw new Error("the task has ended and gets no more calls");
      return await call();
    } finally {
      if (this.#last === ended) this.#last = null;
      done();
    }
  }

  /** Resolves when what runs has ended; nothing runs from then on. */
  async close(): Promise<void> {
    if (this.#last !== null) await endOf(this.#last, this.#cancelled);
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
