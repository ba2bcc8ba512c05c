export interface ReadPaceDeps {
  /** Reads the stream, if somebody still wants it. */
  read(): void;
  /** All that was ever received of it. */
  receivedBytes(): number;
  nowMs(): number;
  /** Rejects when the stream ends before. */
  sleep(delayMs: number): Promise<void>;
}

const PAUSE_MS = 3;
/** With less to come in a pause, it is not worth its wait. */
const WORTH_BYTES = 4 * 1024;
/** With so much, more waits. Less than the 64 KB of a full reading: a server that waits for us may have had no room for more. */
const ENOUGH_BYTES = 16 * 1024;

/**
 * The server sends the log almost row by row, and a reader that keeps up with it would be woken, and make a batch, for each of them.
 * So a busy stream is left alone for a moment between two readings; a quiet one is read at once, and so is one that lags.
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
    const broughtBytes = receivedBytes() - this.#readBytes;
    const bytesPerMs = broughtBytes / Math.max(1, nowMs() - this.#readMs);
    if (broughtBytes >= ENOUGH_BYTES || bytesPerMs * PAUSE_MS < WORTH_BYTES) {
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
