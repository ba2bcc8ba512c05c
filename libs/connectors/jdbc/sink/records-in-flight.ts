import type { SinkRecord } from "@millrace/connect";

interface Batch {
  readonly records: readonly SinkRecord[];
  readonly isAlone: boolean;
  /** Resolves when it is known how the write went. */
  readonly ended: Promise<void>;
}

/** Batches that are being written, oldest first. One fails only with all behind it: what is left then can be written again in order. */
export class RecordsInFlight {
  #batches: Batch[] = [];
  #failure: { readonly error: unknown } | null = null;
  readonly #batchesMax: number;
  readonly #landed: () => void;

  /** @param landed is called when a batch was written. */
  constructor(batchesMax: number, landed: () => void) {
    this.#batchesMax = batchesMax;
    this.#landed = landed;
  }

  /** Of the first write that has failed; null: none has. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  get hasRoom(): boolean {
    if (this.#failure !== null || this.#batches.length >= this.#batchesMax) return false;
    return !this.#batches.some(({ isAlone }) => isAlone);
  }

  /** @param isAlone nothing is written beside it. */
  add(records: readonly SinkRecord[], written: Promise<void>, isAlone: boolean): void {
    const ended = written.then(
      () => {
        this.#batches = this.#batches.filter((each) => each !== batch);
        this.#landed();
      },
      (error) => {
        this.#failure ??= { error };
      },
    );
    const batch: Batch = { records, isAlone, ended };
    this.#batches.push(batch);
  }

  /** Until one more may be written, or one has failed. */
  async room(): Promise<void> {
    while (!this.hasRoom && this.#failure === null) await this.#batches[0]!.ended;
  }

  /** Until nothing is being written. */
  async landed(): Promise<void> {
    await Promise.all(this.#batches.map(({ ended }) => ended));
  }

  /** After a failure, when all have landed: the records that were not written. Everything begins anew. */
  take(): SinkRecord[] {
    const left = this.#batches.flatMap(({ records }) => records);
    this.#batches = [];
    this.#failure = null;
    return left;
  }
}
