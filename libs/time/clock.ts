/** What a service may know of time. The system clock and the virtual clock implement it; nothing else reads time. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. May step; never used to decide who may write (I11). */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary start, for measuring. */
  monotonicMs(): number;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `delayMs`. The returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
  /** Calls `fn` every `intervalMs`, first after one interval. The returned function stops it. */
  every(intervalMs: number, fn: () => void): () => void;
}

/** A source of random numbers in [0, 1); a seeded one makes a whole cluster repeatable. */
export type Random = () => number;

export const systemRandom: Random = Math.random;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  every(intervalMs, fn) {
    const timer = setInterval(fn, intervalMs);
    return () => clearInterval(timer);
  },
};
