import type { Verdict } from "../verdict.ts";

const CHECKER = "bounds (I8)";

export interface Load {
  readonly process: string;
  /** Requests to servers and to other services that are not answered. */
  readonly calls: number;
  /** Timers that are set. */
  readonly timers: number;
  /** Requests it works on, although their clients went long ago. */
  readonly abandoned: number;
}

/** Far above what these small clusters need, far below what something unbounded comes to within a run. */
const CALLS_MAX = 60;
const TIMERS_MAX = 120;

/** However long a server or a service stays away, a process waits for a bounded number of answers and timers (I8). */
export class Bounds {
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  check({ process, calls, timers, abandoned }: Load): void {
    if (calls > CALLS_MAX) this.#verdict.fail(CHECKER, `${process} waits for ${calls} answers`);
    if (timers > TIMERS_MAX) this.#verdict.fail(CHECKER, `${process} has ${timers} timers`);
    if (abandoned > 0) this.#verdict.fail(CHECKER, `${process} works on for ${abandoned} clients that have gone`);
  }
}
