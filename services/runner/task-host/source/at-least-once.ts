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
}

/** Records first; when all of them are acknowledged, their offsets (I1). A crash between the two reads records again. */
export class AtLeastOnceCommitter implements Committer {
  #deps: AtLeastOnceDeps;

  constructor(deps: AtLeastOnceDeps) {
    this.#deps = deps;
  }

  async commit(records: number, offsets: readonly OffsetWrite[]): Promise<void> {
    if (records > 0) await this.#flush();
    if (offsets.length === 0) return;
    // Cancelled: a successor may have written newer offsets by now, and nothing fences us.
    this.#deps.signal.throwIfAborted();
    await sendOffsets(this.#deps, offsets);
    await this.#flush();
  }

  /** Records that were sent stay sent. */
  async abort(): Promise<void> {}

  async close(): Promise<void> {
    await this.#deps.producer.close();
  }

  async #flush(): Promise<void> {
    for (;;) {
      try {
        return await this.#deps.producer.flush(this.#deps.flushTimeoutMs);
      } catch (error) {
        // Only the wait has a time limit. Any other failure is that of a record: it is gone, and its offset must not follow.
        if (!isKafkaError(error) || error.code !== "_TIMED_OUT" || this.#deps.signal.aborted) throw error;
        this.#deps.slow();
      }
    }
  }
}
