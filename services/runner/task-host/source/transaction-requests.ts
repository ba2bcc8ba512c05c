import { ConnectError, type SourceRecord, type TransactionContext } from "@millrace/connect";
import type { BoundaryRequest } from "./transaction-boundary.ts";

/**
 * Collects what a task asks for with `transaction.boundary=connector`. Records are compared by identity, as the task
 * polled them, before any transform.
 */
export class TransactionRequests implements TransactionContext {
  #batch: BoundaryRequest = "none";
  #commits = new Set<SourceRecord>();
  #aborts = new Set<SourceRecord>();

  commitTransaction(record?: SourceRecord): void {
    if (record) this.#commits.add(record);
    else this.#batch = this.#combine("commit");
  }

  abortTransaction(record?: SourceRecord): void {
    if (record) this.#aborts.add(record);
    else this.#batch = this.#combine("abort");
  }

  /** What was asked for this record; asked once. */
  takeRecord(record: SourceRecord): BoundaryRequest {
    const commit = this.#commits.delete(record);
    const abort = this.#aborts.delete(record);
    if (commit && abort) {
      throw new ConnectError(
        `Connector requested both commit and abort of same record against topic/partition ${record.topic}/${record.partition ?? null}`,
        { code: "TRANSACTION_REQUEST" },
      );
    }
    return abort ? "abort" : commit ? "commit" : "none";
  }

  /** What was asked for the batch; asked once. */
  takeBatch(): BoundaryRequest {
    const request = this.#batch;
    this.#batch = "none";
    return request;
  }

  #combine(next: "commit" | "abort"): BoundaryRequest {
    if (this.#batch !== "none" && this.#batch !== next) {
      throw new ConnectError("Connector requested both commit and abort of same transaction", {
        code: "TRANSACTION_REQUEST",
      });
    }
    return next;
  }
}
