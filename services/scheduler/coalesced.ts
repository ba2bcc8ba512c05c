/**
 * Runs `work` at once when asked, and never twice at a time: however often it is asked for while it runs, it runs once more
 * afterwards. `work` must not reject.
 */
export class Coalesced {
  readonly #work: () => Promise<void>;
  #isRequested = false;
  #running: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  request(): void {
    this.#isRequested = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing runs and nothing is asked for. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isRequested) {
      this.#isRequested = false;
      // What is asked for in the same turn is part of this run.
      await Promise.resolve();
      await this.#work();
    }
    this.#running = null;
  }
}
