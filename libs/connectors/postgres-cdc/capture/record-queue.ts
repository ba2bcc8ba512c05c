import type { SourceRecord } from "@millrace/connect";

/** Between what reads and `poll`: filled synchronously, so that the records of one change are always taken together. */
export class RecordQueue {
  readonly #max: number;
  #records: SourceRecord[] = [];
  #error: unknown = null;
  #failed = false;
  #wake: (() => void) | null = null;
  /** Called when there is room again. */
  onRoom: (() => void) | null = null;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#records.length >= this.#max;
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  push(record: SourceRecord): void {
    this.#records.push(record);
    this.#wakeUp();
  }

  /** `take` rejects with it once all records are taken. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
    this.#wakeUp();
  }

  /** All there is; null when nothing comes before `waiting` ends. */
  async take(waiting: (woken: AbortSignal) => Promise<void>): Promise<readonly SourceRecord[] | null> {
    if (this.#records.length === 0 && !this.#failed) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      try {
        await waiting(woken.signal);
      } finally {
        this.#wake = null;
      }
    }
    if (this.#records.length > 0) {
      const taken = this.#records;
      this.#records = [];
      this.onRoom?.();
      return taken;
    }
    if (this.#failed) throw this.#error;
    return null;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
