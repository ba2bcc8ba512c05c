export interface ReadPaceDeps {
  /** Reads the stream, if somebody still wants it. */
  read(): void;
  nowMs(): number;
  /** Rejects when the stream ends before. */
  sleep(delayMs: number): Promise<void>;
}

/** Asked again so soon after reading, the stream has more than one reading brings. */
const BUSY_MS = 2;
const PAUSE_MS = 1;

/**
 * The server sends the log almost row by row, and a reader that keeps up with it would be woken, and make a batch, for each of them.
 * So a busy stream is left alone for a moment between two readings; a quiet one is read at once.
 */
export class ReadPace {
  readonly #deps: ReadPaceDeps;
  #readMs = Number.NEGATIVE_INFINITY;
  #pausing = false;

  constructor(deps: ReadPaceDeps) {
    this.#deps = deps;
  }

  /** Somebody wants records. */
  demanded(): void {
    if (this.#pausing) return;
    if (this.#deps.nowMs() - this.#readMs >= BUSY_MS) {
      this.#read();
      return;
    }
    this.#pausing = true;
    const goOn = () => {
      this.#pausing = false;
      this.#read();
    };
    this.#deps.sleep(PAUSE_MS).then(goOn, () => {});
  }

  #read(): void {
    this.#readMs = this.#deps.nowMs();
    this.#deps.read();
  }
}
