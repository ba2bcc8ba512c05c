// Pure: which commit's result counts. Results come late, and out of order.

/**
 *   IDLE ──begin──▶ RUNNING ──its result──▶ IDLE
 *                      └────too slow──────▶ IDLE   (its result still counts, until another has begun)
 */
export class CommitTurns {
  #number = 0;
  #startedMs = 0;
  #running = false;

  get running(): boolean {
    return this.#running;
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  /** @returns the commit's sequence number. */
  begin(nowMs: number): number {
    this.#running = true;
    this.#startedMs = nowMs;
    this.#number++;
    return this.#number;
  }

  /** The result of a commit is here. @returns whether it counts: no later one has begun. */
  end(number: number): boolean {
    if (number !== this.#number) return false;
    this.#running = false;
    return true;
  }

  /** Nobody waits for the running commit any more. */
  giveUp(): void {
    this.#running = false;
  }
}
