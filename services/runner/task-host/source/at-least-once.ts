import { isKafkaError, type Producer } from "@millrace/kafka";
import type { Committer, OffsetWrite } from "./delivery.ts";
import { sendOffsets } from "./send-offsets.ts";

export interface AtLeastOnceDeps {
  readonly producer: Producer;
  readonly offsetsTopic: string;
  readonly signal: AbortSignal;
  /** A flush that takes longer is reported through `slow`, and waited for on. */
  readonly flushTimeoutMs: number;
  readonly slow: () => void;
  /** Is the failure that of a record which need not get through? Null: none is. */
  readonly tolerate: ((error: unknown) => boolean) | null;
}

/** Records first; when all of them are acknowledged, their offsets (I1). A crash between the two reads records again. */
export class AtLeastOnceCommitter implements Committer {
  #deps: AtLeastOnceDeps;

  constructor(deps: AtLeastOnceDeps) {
    this.#deps = deps;
  }

  async commit(records: number, offsets: readonly OffsetWrite[]): Promise<void> {
    if (records > 0) await this.#flush(this.#deps.tolerate);
    if (offsets.length === 0) return;
    // Cancelled: a successor may have written newer offsets by now, and nothing fences us.
    this.#deps.signal.throwIfAborted();
    await sendOffsets(this.#deps, offsets);
    await this.#flush(null);
  }

  /** Records that were sent stay sent. */
  async abort(): Promise<void> {}

  async close(): Promise<void> {
    await this.#deps.producer.close();
  }

  async #flush(tolerate: ((error: unknown) => boolean) | null): Promise<void> {
    for (;;) {
      try {
        return await this.#deps.producer.flush(this.#deps.flushTimeoutMs);
      } catch (error) {
        // The producer tells of one failure only: the others may still be on their way.
        if (tolerate?.(error)) continue;
        // Only the wait has a time limit. Any other failure is that of a record: it is gone, and its offset must not follow.
        if (!isKafkaError(error) || error.code !== "_TIMED_OUT" || this.#deps.signal.aborted) throw error;
        this.#deps.slow();
      }
    }
  }
}
