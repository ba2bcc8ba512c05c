export interface StreamHoldDeps {
  readonly signal: AbortSignal;
  /** Stops reading the stream. */
  pause(): void;
  /** Reads on, if somebody wants records. */
  resume(): void;
  failed(error: unknown): void;
}

/** Lets the stream stand still while something is done that belongs at this place of it. */
export class StreamHold {
  readonly #deps: StreamHoldDeps;
  #held: Promise<void> | null = null;

  constructor(deps: StreamHoldDeps) {
    this.#deps = deps;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** Nothing more of the stream is read until `work` is done and `then` has been called, which may hold it anew. */
  hold<Done>(work: Promise<Done>, then: (done: Done) => void): void {
    const { signal, resume, failed } = this.#deps;
    this.#held = work
      .then((done) => {
        this.#held = null;
        then(done);
        if (this.#held === null && !signal.aborted) resume();
      })
      .catch((error: unknown) => {
        if (!signal.aborted) failed(error);
      });
  }

  /** From beside the stream: waits for its turn. */
  async exclusively(work: () => Promise<void>): Promise<void> {
    while (this.#held !== null) await this.#held;
    if (this.#deps.signal.aborted) return;
    this.#deps.pause();
    this.hold(work(), () => {});
    await this.#held;
  }

  /** What is under way has ended. */
  async settled(): Promise<void> {
    await this.#held;
  }
}
