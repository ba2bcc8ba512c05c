import { failPoint } from "@millrace/fail-points";
import type { TransactionalProducer } from "@millrace/kafka";
import type { Committer, OffsetWrite } from "./delivery.ts";
import { sendOffsets } from "./send-offsets.ts";

export interface ExactlyOnceDeps {
  /** Initialised: older producers of this task are fenced (I3). */
  readonly producer: TransactionalProducer;
  readonly offsetsTopic: string;
  readonly signal: AbortSignal;
  /** How long a commit or abort may take before its result counts as unknown. */
  readonly transactionTimeoutMs: number;
}

/** How long a closing producer may take to abort; after that the broker's own timeout or the next fencing does it. */
const CLOSE_ABORT_TIMEOUT_MS = 5_000;

/**
 * One transaction holds the records and their offsets (I1).
 *
 * A transaction is begun as soon as the last one has ended. That is local to the client: the broker hears of it with the
 * first record, so an idle task holds no open transaction and blocks no reader.
 */
export class ExactlyOnceCommitter implements Committer {
  #deps: ExactlyOnceDeps;

  private constructor(deps: ExactlyOnceDeps) {
    this.#deps = deps;
  }

  static async open(deps: ExactlyOnceDeps): Promise<ExactlyOnceCommitter> {
    await deps.producer.beginTransaction();
    return new ExactlyOnceCommitter(deps);
  }

  async commit(_records: number, offsets: readonly OffsetWrite[]): Promise<void> {
    failPoint("source.offsets.before");
    await sendOffsets(this.#deps, offsets);
    failPoint("source.offsets.after");
    await this.#deps.producer.commitTransaction(this.#deps.transactionTimeoutMs);
    failPoint("source.commit.after");
    await this.#deps.producer.beginTransaction();
    failPoint("source.begin.after");
  }

  async abort(): Promise<void> {
    await this.#deps.producer.abortTransaction(this.#deps.transactionTimeoutMs);
    await this.#deps.producer.beginTransaction();
  }

  async close(open: boolean): Promise<void> {
    // Destroying a librdkafka producer doesn't abort: readers would wait for the broker's transaction timeout.
    if (open) await this.#deps.producer.abortTransaction(CLOSE_ABORT_TIMEOUT_MS).catch(() => {});
    await this.#deps.producer.close();
  }
}
