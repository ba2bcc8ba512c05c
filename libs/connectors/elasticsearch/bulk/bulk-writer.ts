import { ConnectError, RetriableError } from "@millrace/connect";
import type { BatchSettings } from "../config/settings.ts";
import { WaitingWrites, type Write } from "./batch.ts";
import { type DeliverDeps, deliver } from "./deliver.ts";

export interface BulkWriterDeps<T> extends DeliverDeps<T> {
  readonly settings: BatchSettings;
}

/**
 * Gathers writes into bulk requests, several on their way at once.
 *
 *   waiting ──a batch is full, has lingered, or a flush──▶ on its way ──answered, one by one──▶ landed
 *
 * Writes stay in `held` until they have landed. The first failure stops everything: what is held is lost to this writer.
 */
export class BulkWriter<T> {
  readonly #deps: BulkWriterDeps<T>;
  readonly #waiting: WaitingWrites<T>;
  #inFlight = 0;
  #held = 0;
  /** What waits need not wait for more. */
  #due = false;
  /** What is held back by documents on their way has waited long enough when these have landed. */
  #heldDue = false;
  #lingering: AbortController | null = null;
  #failure: { readonly error: unknown } | null = null;
  /** Woken when something has landed or failed. */
  #changed: (() => void)[] = [];

  constructor(deps: BulkWriterDeps<T>) {
    const landed: DeliverDeps<T>["landed"] = (write, outcome) => {
      this.#held--;
      deps.landed(write, outcome);
    };
    this.#deps = { ...deps, landed };
    this.#waiting = new WaitingWrites(deps.settings);
  }

  /** Not landed yet. */
  get held(): number {
    return this.#held;
  }

  add(write: Write<T>): void {
    this.#held++;
    this.#waiting.add(write);
    if (this.#lingering === null && !this.#due) void this.#linger();
    this.#pump();
  }

  /** Sends what waits, as soon as requests may. */
  flush(): void {
    if (this.#waiting.count === 0) return;
    this.#due = true;
    this.#pump();
  }

  throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /**
   * Resolves to whether `reached` became true within a time. @throws what made the writer fail.
   * @param signal ends the wait early: then it resolves as the time was over.
   */
  async until(reached: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    this.throwIfFailed();
    if (reached() || signal.aborted) return reached();
    const end = new AbortController();
    let over = false;
    const timer = this.#deps.retry.sleep(timeoutMs, AbortSignal.any([end.signal, signal])).then(
      () => (over = true),
      () => (over = true),
    );
    try {
      while (!reached() && !over) {
        await Promise.race([new Promise<void>((wake) => this.#changed.push(wake)), timer]);
        this.throwIfFailed();
      }
      return reached();
    } finally {
      end.abort();
    }
  }

  /** Fails the writer from outside: a record that must stop the task. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  async #linger(): Promise<void> {
    const { settings, retry } = this.#deps;
    const lingering = new AbortController();
    this.#lingering = lingering;
    try {
      await retry.sleep(settings.lingerMs, AbortSignal.any([lingering.signal, retry.signal]));
    } catch {
      return;
    }
    this.#lingering = null;
    this.flush();
  }

  #pump(): void {
    const { settings } = this.#deps;
    while (this.#inFlight < settings.inFlightMax && this.#failure === null && (this.#due || this.#waiting.full)) {
      const batch = this.#waiting.take();
      if (this.#waiting.held) this.#sentAll();
      if (batch.length === 0) return;
      this.#inFlight++;
      void this.#deliver(batch);
    }
  }

  /** Nothing waits, or only what is held back: whatever comes next may linger. */
  #sentAll(): void {
    if (this.#waiting.count > 0) this.#heldDue = true;
    this.#due = false;
    this.#lingering?.abort();
    this.#lingering = null;
  }

  async #deliver(batch: readonly Write<T>[]): Promise<void> {
    try {
      await deliver(batch, this.#deps);
    } catch (error) {
      this.fail(error);
    }
    this.#inFlight--;
    this.#waiting.landed(batch);
    if (this.#heldDue) this.#due = true;
    this.#heldDue = false;
    this.#pump();
    this.wake();
  }

  /** Something outside that waits look at has changed. */
  wake(): void {
    const woken = this.#changed;
    this.#changed = [];
    for (const wake of woken) wake();
  }
}

/** Elasticsearch is slower than the topics for longer than flush.timeout.ms. */
export function noRoom(): ConnectError {
  const cause = new RetriableError("Elasticsearch does not keep up", { code: "ELASTICSEARCH_BUSY" });
  return new ConnectError(
    "Could not make space in the internal buffer fast enough. Consider increasing flush.timeout.ms or max.buffered.records.",
    { cause },
  );
}
