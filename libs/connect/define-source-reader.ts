import { isRetriable } from "./errors.ts";
import type { OffsetMap, SourceRecord } from "./record.ts";

/** A record as `read` yields it: a source record whose partition is known and whose offset is called `offset`. */
export interface SourceItem<O> extends Omit<SourceRecord, "sourcePartition" | "sourceOffset"> {
  /** Where to go on after this record. */
  readonly offset: O;
}

export interface PartitionReaderDeps<O> {
  readonly partition: OffsetMap;
  /** Where to begin. */
  readonly offset: O;
  readonly read: (offset: O) => AsyncIterable<SourceItem<O> | readonly SourceItem<O>[]>;
  /** Between two readings. Infinity: there is no second one. */
  readonly pollIntervalMs: number;
  readonly signal: AbortSignal;
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** There are records, or an error, to take. */
  readonly arrived: () => void;
}

/** Records read before anyone asks for them; one yield more may bring more. */
const AHEAD_MAX = 1000;
const BACKOFF_MS = 250;
const BACKOFF_MAX_MS = 10_000;

/**
 * Runs a source's `read` for one partition, a bounded number of records ahead of who takes them.
 *
 *   reading ⇄ full, until taken
 *   reading ──returned──▶ resting pollIntervalMs ──▶ reading, from the last offset yielded
 *   reading ──RetriableError──▶ resting, longer each time ──▶ reading, from the last offset yielded
 *   reading ──any other error──▶ ended                      any ──signal──▶ ended
 *
 */
export class PartitionReader<O extends OffsetMap> {
  /** Resolves, never rejects, when `read` does nothing any more. */
  readonly ended: Promise<void>;
  #deps: PartitionReaderDeps<O>;
  #offset: O;
  #records: SourceRecord[] = [];
  #error: { readonly cause: unknown } | null = null;
  #failures = 0;
  #taken: () => void = () => {};

  constructor(deps: PartitionReaderDeps<O>) {
    this.#deps = deps;
    this.#offset = deps.offset;
    const onAbort = () => this.#taken();
    deps.signal.addEventListener("abort", onAbort, { once: true });
    this.ended = this.#run().finally(() => deps.signal.removeEventListener("abort", onAbort));
  }

  /** What has been read since the last call; the array is the caller's. */
  take(): SourceRecord[] {
    const records = this.#records;
    if (records.length > 0) {
      this.#records = [];
      this.#taken();
    }
    return records;
  }

  /** @throws what `read` threw, when all it had yielded is taken. A RetriableError once, any other each time. */
  throwFailure(): void {
    if (this.#error === null || this.#records.length > 0) return;
    const { cause } = this.#error;
    if (isRetriable(cause)) this.#error = null;
    throw cause;
  }

  async #run(): Promise<void> {
    const { signal, sleep, pollIntervalMs, arrived } = this.#deps;
    while (!signal.aborted) {
      let restMs = pollIntervalMs;
      try {
        await this.#read();
        this.#failures = 0;
      } catch (cause) {
        if (signal.aborted) return;
        this.#error = { cause };
        arrived();
        if (!isRetriable(cause)) return;
        restMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(10, this.#failures++));
      }
      if (restMs === Number.POSITIVE_INFINITY) return;
      await sleep(restMs, signal).catch(() => {});
    }
  }

  async #read(): Promise<void> {
    const { read, signal } = this.#deps;
    for await (const items of read(this.#offset)) {
      this.#failures = 0;
      if (isList(items)) for (const item of items) this.#add(item);
      else this.#add(items);
      if (this.#records.length > 0) this.#deps.arrived();
      while (this.#records.length >= AHEAD_MAX && !signal.aborted) await this.#whenTaken();
      if (signal.aborted) return;
    }
  }

  /** Key by key: ten times as fast as a spread, and all records have one shape. */
  #add(item: SourceItem<O>): void {
    this.#offset = item.offset;
    this.#records.push({
      sourcePartition: this.#deps.partition,
      sourceOffset: item.offset,
      topic: item.topic,
      partition: item.partition ?? null,
      keySchema: item.keySchema ?? null,
      key: item.key ?? null,
      valueSchema: item.valueSchema ?? null,
      value: item.value,
      timestamp: item.timestamp ?? null,
      headers: item.headers ?? null,
    });
  }

  #whenTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }
}

function isList<T>(items: T | readonly T[]): items is readonly T[] {
  return Array.isArray(items);
}
