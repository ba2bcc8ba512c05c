export interface ReadPaceDeps {
  /** Reads the stream, if somebody still wants it. */
  read(): void;
  /** All that was ever received of it. */
  receivedBytes(): number;
  nowMs(): number;
  /** Rejects when the stream ends before. */
  sleep(delayMs: number): Promise<void>;
}

/** Asked again so soon after reading, the stream has more than one reading brings. */
const BUSY_MS = 2;
const PAUSE_MS = 1;
/** A reading that brought so much was worth it; more of it waits by now. */
const ENOUGH_BYTES = 16 * 1024;

/**
 * The server sends the log almost row by row, and a reader that keeps up with it would be woken, and make a batch, for each of them.
 * So a busy stream is left alone for a moment between two readings; a quiet one is read at once, and so is one that brings much.
 */
export class ReadPace {
  readonly #deps: ReadPaceDeps;
  #readMs = Number.NEGATIVE_INFINITY;
  #readBytes = 0;
  #pausing = false;

  constructor(deps: ReadPaceDeps) {
    this.#deps = deps;
  }

  /** Somebody wants records. */
  demanded(): void {
    if (this.#pausing) return;
    const { nowMs, receivedBytes } = this.#deps;
    if (nowMs() - this.#readMs >= BUSY_MS || receivedBytes() - this.#readBytes >= ENOUGH_BYTES) {
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
    this.#readBytes = this.#deps.receivedBytes();
    this.#deps.read();
  }
}
