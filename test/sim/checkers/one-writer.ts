import type { EndedTransaction } from "@millrace/kafka/fake";
import type { Instances } from "../instances.ts";
import type { Verdict } from "../verdict.ts";
import { numberedOf } from "./source-log.ts";

const CHECKER = "one-writer (I3)";

/**
 * Of one connector no task of an older generation commits after one of a newer (I3): a source partition may have moved
 * to another task with the newer one.
 */
export class OneWriter {
  readonly #verdict: Verdict;
  readonly #instances: Instances;
  /** By connector, of whatever was committed. */
  readonly #newest = new Map<string, number>();

  constructor(verdict: Verdict, instances: Instances) {
    this.#verdict = verdict;
    this.#instances = instances;
  }

  transactionEnded({ transactionalId, outcome, records }: EndedTransaction): void {
    if (outcome !== "committed") return;
    for (const record of records) {
      const numbered = numberedOf(record);
      const instance = numbered && this.#instances.get(numbered.instance);
      if (!instance) continue;
      const { connector, generation, host } = instance;
      const newest = this.#newest.get(connector) ?? 0;
      if (generation < newest) {
        const message = `${transactionalId} on ${host.id} committed for generation ${generation} of ${connector} after ${newest} had`;
        this.#verdict.fail(CHECKER, message);
      }
      this.#newest.set(connector, Math.max(newest, generation));
    }
  }
}
