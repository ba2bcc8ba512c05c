import type { Changes } from "../../../services/scheduler/changes.ts";
import { type Placement, type WorkKey, workKey } from "../../../services/scheduler/model.ts";
import type { Verdict } from "../verdict.ts";
import type { HeardBeat } from "./handover.ts";

const CHECKER = "silence (I11)";
/** Clocks of leaders may run so much slower, or faster, than the timeline. */
const SILENT_SESSIONS = 1.25;
const EXCUSED_SESSIONS = 0.8;

export interface SilenceDeps {
  readonly verdict: Verdict;
  readonly nowMs: () => number;
  readonly sessionTimeoutMs: number;
  /** A runner, by its id. That one has died its leader may hear from the bus. */
  readonly isAlive: (runner: string) => boolean;
}

interface Hearing {
  /** Since when nobody was heard. */
  sinceMs: number;
  /** When the latest silence of more than a session ended. */
  silenceEndedMs: number;
  /** Worker id → the runner heard last under it. A runner's place is taken by the next with its worker id. */
  readonly runners: Map<string, string>;
  /** Runners that were heard since then. */
  readonly heard: Set<string>;
  /** Runners that said goodbye, or whose place was taken. */
  readonly gone: Set<string>;
  /** Whose work could be given away at the latest decision; null: anybody's, there had been no silence. */
  known: ReadonlySet<string> | null;
}

/**
 * A leader that heard nobody for a session gives no living runner's work away, neither then nor to the first it hears again:
 * the others get their time to be heard too. That nobody was heard tells more of the leader than of them (I11).
 */
export class Silence {
  readonly #deps: SilenceDeps;
  /** By the leader's process. */
  readonly #hearing = new Map<string, Hearing>();
  readonly #placements = new Map<WorkKey, Placement>();

  constructor(deps: SilenceDeps) {
    this.#deps = deps;
  }

  /** A new term: what was heard in the last one is forgotten. */
  leads(scheduler: string): void {
    this.#hearing.set(scheduler, {
      sinceMs: this.#deps.nowMs(),
      silenceEndedMs: Number.NEGATIVE_INFINITY,
      runners: this.#hearing.get(scheduler)?.runners ?? new Map(),
      heard: new Set(),
      gone: new Set(),
      known: null,
    });
  }

  heard(scheduler: string, { runner, workerId, leaving }: HeardBeat): void {
    const hearing = this.#hearing.get(scheduler);
    if (!hearing) return;
    if (this.#isSilent(hearing)) {
      hearing.silenceEndedMs = this.#deps.nowMs();
      hearing.heard.clear();
    }
    hearing.sinceMs = this.#deps.nowMs();
    hearing.heard.add(runner);
    if (leaving) hearing.gone.add(runner);
    const before = hearing.runners.get(workerId);
    if (before !== undefined && before !== runner) hearing.gone.add(before);
    hearing.runners.set(workerId, runner);
  }

  #isSilent({ sinceMs }: Hearing): boolean {
    const { nowMs, sessionTimeoutMs } = this.#deps;
    return nowMs() - sinceMs > sessionTimeoutMs * SILENT_SESSIONS;
  }

  /** A leader has decided, and is about to write. */
  decided(scheduler: string): void {
    const hearing = this.#hearing.get(scheduler);
    if (!hearing) return;
    const { nowMs, sessionTimeoutMs } = this.#deps;
    const isExcused = nowMs() - hearing.silenceEndedMs < sessionTimeoutMs * EXCUSED_SESSIONS;
    if (this.#isSilent(hearing)) hearing.known = new Set(hearing.gone);
    else hearing.known = isExcused ? new Set([...hearing.gone, ...hearing.heard]) : null;
  }

  written(scheduler: string, { placements, placementsGone }: Changes): void {
    const known = this.#hearing.get(scheduler)?.known ?? null;
    // What is taken away in silence may be given to others later.
    if (known === null) for (const item of placementsGone) this.#placements.delete(workKey(item));
    for (const placement of placements) {
      const before = this.#placements.get(workKey(placement));
      this.#placements.set(workKey(placement), placement);
      if (known === null || before?.phase !== "assigned" || before.generation !== placement.generation) continue;
      if (before.runner === placement.runner || known.has(before.runner) || !this.#deps.isAlive(before.runner))
        continue;
      const message = `${workKey(placement)} goes from ${before.runner} to ${placement.runner}, just after their leader heard nobody`;
      this.#deps.verdict.fail(CHECKER, message);
    }
  }
}
