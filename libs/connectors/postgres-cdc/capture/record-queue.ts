import type { SourceRecord } from "@millrace/connect";

/** Between what reads and `poll`: filled synchronously, so that the records of one change are always taken together. */
export class RecordQueue {
  readonly #max: number;
  #records: SourceRecord[] = [];
  #error: unknown = null;
  #failed = false;
  #wake: (() => void) | null = null;
  /** Called when records are asked for and there are none. */
  onDemand: (() => void) | null = null;
  /** Called when all records are taken. */
  onTaken: (() => void) | null = null;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#records.length >= this.#max;
  }

  get size(): number {
    return this.#records.length;
  }

  /** Somebody waits for records. */
  get wanted(): boolean {
    return this.#wake !== null;
  }

  push(record: SourceRecord): void {
    this.#records.push(record);
    if (this.#wake !== null) this.wake();
  }

  /** `take` rejects with it once all records are taken. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
    this.wake();
  }

  /** Ends a waiting `take`. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** All there is, as soon as there is any; null when woken before. */
  async take(): Promise<readonly SourceRecord[] | null> {
    if (this.#records.length === 0 && !this.#failed) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.onDemand?.();
      await woken;
    }
    if (this.#records.length > 0) {
      const taken = this.#records;
      this.#records = [];
      this.onTaken?.();
      return taken;
    }
    if (this.#failed) throw this.#error;
    return null;
  }
}
