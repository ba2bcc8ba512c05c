import type { Logger } from "@millrace/connect";
import type { Producer } from "@millrace/kafka";
import type { Committer, OffsetWrite } from "./delivery.ts";
import { sendOffsets } from "./send-offsets.ts";

export interface TwoLevelDeps {
  /** Writes records, and offsets to the connector's own topic. */
  readonly primary: Committer;
  /** Not transactional, and of nobody else. */
  readonly producer: Producer;
  /** The worker's. */
  readonly offsetsTopic: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Well below the transaction timeout: a transaction is open while tombstones are written. */
const WRITE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * For a connector with an offsets topic of its own: what is committed there goes to the worker's topic as well, so that
 * the connector finds its place when it loses its own topic. Outside the transaction, and a failure is only a warning;
 * the connector's own topic is read first.
 *
 * Removed offsets are the exception: they are removed from the worker's topic first, and a failure fails the commit.
 * Otherwise the worker's topic would answer for what the connector's lacks (KAFKA-15018).
 */
export class TwoLevelCommitter implements Committer {
  #deps: TwoLevelDeps;
  /** By key, the latest: bounded by the connector's partitions however long a write takes. */
  #waiting = new Map<string, OffsetWrite>();
  #writing: Promise<void> | null = null;

  constructor(deps: TwoLevelDeps) {
    this.#deps = deps;
  }

  async commit(records: number, offsets: readonly OffsetWrite[]): Promise<void> {
    const removed = offsets.filter(({ value }) => value === null);
    if (removed.length > 0) await this.#remove(removed);
    await this.#deps.primary.commit(records, offsets);
    for (const offset of offsets) if (offset.value !== null) this.#waiting.set(asMapKey(offset), offset);
    if (this.#waiting.size > 0) this.#writing ??= this.#writeWaiting();
  }

  abort(): Promise<void> {
    return this.#deps.primary.abort();
  }

  async close(open: boolean): Promise<void> {
    const { primary, producer, signal } = this.#deps;
    await primary.close(open);
    // What is queued by now is worth a moment; the next start reads the connector's own topic in any case.
    if (!signal.aborted && producer.queued() > 0) await producer.flush(CLOSE_TIMEOUT_MS).catch(() => {});
    await producer.close();
  }

  async #remove(removed: readonly OffsetWrite[]): Promise<void> {
    for (const offset of removed) this.#waiting.delete(asMapKey(offset));
    await this.#writing;
    await this.#write(removed);
  }

  /** Never rejects. */
  async #writeWaiting(): Promise<void> {
    while (this.#waiting.size > 0) {
      const offsets = [...this.#waiting.values()];
      this.#waiting.clear();
      try {
        await this.#write(offsets);
      } catch (error) {
        if (this.#deps.signal.aborted) break;
        const { offsetsTopic: topic, logger } = this.#deps;
        logger.warn("Failed to write offsets to secondary backing store", { topic, error });
      }
    }
    this.#writing = null;
  }

  async #write(offsets: readonly OffsetWrite[]): Promise<void> {
    await sendOffsets(this.#deps, offsets);
    await this.#deps.producer.flush(WRITE_TIMEOUT_MS);
  }
}

/** One character a byte, so no two keys meet. */
function asMapKey({ key }: OffsetWrite): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
