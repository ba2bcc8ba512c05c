import type { SinkRecord } from "@millrace/connect";

export interface WriteQueueDeps {
  readonly batchesMax: number;
  /** How many records are gathered at most, unless more are added at once. */
  readonly gatheredMax: () => number;
  /** Begins to write behind what is being written, without waiting for it; null: that is not possible now. */
  readonly send: (records: readonly SinkRecord[]) => Promise<void> | null;
  /** Writes while nothing else is being written. */
  readonly write: (records: readonly SinkRecord[]) => Promise<void>;
  /** A batch was written. */
  readonly written: () => void;
}

interface Batch {
  readonly records: readonly SinkRecord[];
  /** Nothing is written beside it. */
  readonly isAlone: boolean;
  /** Resolves when it is known how the write went. */
  readonly ended: Promise<void>;
}

/**
 * Records on their way to the database. What comes while there is no room is gathered, and goes as one batch when there is.
 *
 *   add ──▶ GATHERED ──room──▶ being written ──▶ written
 *                                   └─ fails: nothing behind it is written; `take` gives all that is left, in order
 */
export class WriteQueue {
  readonly #deps: WriteQueueDeps;
  #gathered: SinkRecord[] = [];
  /** Oldest first. */
  #batches: Batch[] = [];
  #failure: { readonly error: unknown } | null = null;

  constructor(deps: WriteQueueDeps) {
    this.#deps = deps;
  }

  /** Of the first write that has failed; null: none has. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  /** Whether so many records may be added. */
  fits(count: number): boolean {
    const gathered = this.#gathered.length;
    return gathered === 0 || gathered + count <= this.#deps.gatheredMax();
  }

  /** Takes the records; resolves when more may be worth adding. Never rejects. */
  async add(records: readonly SinkRecord[]): Promise<void> {
    this.#gathered = this.#gathered.concat(records);
    this.#dispatch();
    if (this.#gathered.length >= this.#deps.gatheredMax()) await this.room();
  }

  /** Until what is gathered is being written, or a write has failed. */
  async room(): Promise<void> {
    while (this.#gathered.length > 0 && this.#failure === null) {
      if (!this.#hasRoom) await this.#batches[0]!.ended;
      this.#dispatch();
    }
  }

  /** Until everything is written, or a write has failed and no other is going on. */
  async settled(): Promise<void> {
    await this.room();
    await this.#landed();
  }

  /** After a failure, when all is settled: the records that were not written. Everything begins anew. */
  take(): SinkRecord[] {
    const left = [...this.#batches.flatMap(({ records }) => records), ...this.#gathered];
    this.#batches = [];
    this.#gathered = [];
    this.#failure = null;
    return left;
  }

  get #hasRoom(): boolean {
    if (this.#failure !== null || this.#batches.length >= this.#deps.batchesMax) return false;
    return !this.#batches.some(({ isAlone }) => isAlone);
  }

  /** What is gathered is on its way, if there is room. */
  #dispatch(): void {
    const records = this.#gathered;
    if (records.length === 0 || !this.#hasRoom) return;
    this.#gathered = [];
    const sent = this.#send(records);
    if (sent === null) this.#track(records, this.#writeAlone(records), true);
    else this.#track(records, sent, false);
  }

  #send(records: readonly SinkRecord[]): Promise<void> | null {
    try {
      return this.#deps.send(records);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #writeAlone(records: readonly SinkRecord[]): Promise<void> {
    await this.#landed();
    if (this.#failure !== null) throw this.#failure.error;
    await this.#deps.write(records);
  }

  #track(records: readonly SinkRecord[], written: Promise<void>, isAlone: boolean): void {
    const ended = written.then(
      () => {
        this.#batches = this.#batches.filter((each) => each !== batch);
        this.#deps.written();
        this.#dispatch();
      },
      (error) => {
        this.#failure ??= { error };
      },
    );
    const batch: Batch = { records, isAlone, ended };
    this.#batches.push(batch);
  }

  async #landed(): Promise<void> {
    await Promise.all(this.#batches.map(({ ended }) => ended));
  }
}
