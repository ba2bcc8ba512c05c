import type { Verdict } from "../verdict.ts";

const CHECKER = "assignments (I11)";

interface Applied {
  readonly epoch: number;
  readonly sequence: number;
}

/** What a runner has applied never goes back: an assignment of an earlier leader, or an earlier one, changes nothing (I11). */
export class Assignments {
  readonly #verdict: Verdict;
  readonly #applied = new Map<string, Applied>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** As the runner says it. */
  applied(runner: string, applied: Applied | null): void {
    const before = this.#applied.get(runner);
    if (applied === null) return;
    if (
      before &&
      (applied.epoch < before.epoch || (applied.epoch === before.epoch && applied.sequence < before.sequence))
    ) {
      const text = (each: Applied) => `${each.epoch}/${each.sequence}`;
      this.#verdict.fail(CHECKER, `${runner} applied ${text(applied)} after ${text(before)}`);
    }
    this.#applied.set(runner, applied);
  }
}
