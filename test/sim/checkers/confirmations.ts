import type { Verdict } from "../verdict.ts";
import type { SourceLog } from "./source-log.ts";

const CHECKER = "confirmations (I2)";

/** A source task is told of a record by `commitRecord`, and then by `commit`, only when it is visible with its offset (I2). */
export class Confirmations {
  readonly #verdict: Verdict;
  readonly #log: SourceLog;

  constructor(verdict: Verdict, log: SourceLog) {
    this.#verdict = verdict;
    this.#log = log;
  }

  /** @param call `commitRecord` of this number, or `commit` with this as the highest number confirmed by then. */
  confirmed(call: "commitRecord" | "commit", connector: string, partition: string, number: number): void {
    const visible = this.#log.visible(connector, partition);
    if (number <= visible) return;
    this.#verdict.fail(CHECKER, `${call} of ${connector} ${partition} ${number}, of which ${visible} are visible`);
  }
}
