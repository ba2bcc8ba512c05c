import type { Changes } from "../../../services/scheduler/changes.ts";
import { type Placement, type WorkItem, type WorkKey, workKey } from "../../../services/scheduler/model.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "handover (I3)";
/** Clocks of leaders may run so much faster than the timeline. */
const SLACK = 0.8;

interface Report {
  readonly connector: string;
  readonly task: number | null;
  readonly generation: number;
  readonly active: boolean;
}

/** As a leader hears it. */
export interface HeardBeat {
  readonly runner: string;
  readonly workerId: string;
  readonly leaving: boolean;
  readonly number?: number | undefined;
  /** What `work` and `gone` are changes to; null: `work` is all there is. */
  readonly since: { readonly number: number } | null;
  readonly work: readonly Report[];
  readonly gone: readonly WorkItem[];
}

interface Heard {
  readonly atMs: number;
  /** Of the heartbeat by which `active` is known. */
  readonly number: number;
  readonly active: ReadonlySet<WorkKey>;
  /** When the runner said last that it does not run this. */
  readonly endedMs: Map<WorkKey, number>;
}

export interface HandoverDeps {
  readonly verdict: Verdict;
  readonly nowMs: () => number;
  readonly sessionTimeoutMs: number;
  readonly releaseTimeoutMs: number;
}

/**
 * Work is placed anew only when the leader has no reason to think that it still runs: the runner that had it said so, has
 * been silent for a session, or has had its time to end it (I3).
 */
export class Handover {
  readonly #deps: HandoverDeps;
  /** Leader's process and runner → what it heard last. */
  readonly #heard = new Map<string, Heard>();
  readonly #placements = new Map<WorkKey, Placement>();
  /** Since when work is to be released. */
  readonly #releasedMs = new Map<WorkKey, number>();
  readonly #gone = new Set<string>();

  constructor(deps: HandoverDeps) {
    this.#deps = deps;
  }

  heard(scheduler: string, { runner, leaving, number = 0, since, work, gone }: HeardBeat): void {
    const { nowMs } = this.#deps;
    const key = `${scheduler} ${runner}`;
    const before = this.#heard.get(key);
    const isOvertaken = before !== undefined && number <= before.number;
    if (isOvertaken || (since !== null && since.number !== before?.number)) {
      // It is there, and nothing is learned of its work.
      if (before) this.#heard.set(key, { ...before, atMs: nowMs() });
      return;
    }
    const active = new Set(since === null ? [] : before?.active);
    for (const item of gone) active.delete(workKey(item));
    for (const report of work) active[report.active ? "add" : "delete"](workKey(report));
    if (leaving) active.clear();
    const { endedMs } = before ?? { endedMs: new Map() };
    for (const [item, { runner: at }] of this.#placements)
      if (at === runner && !active.has(item)) endedMs.set(item, nowMs());
    this.#heard.set(key, { atMs: nowMs(), number, active, endedMs });
  }

  /** @param scheduler the process that wrote. */
  written(scheduler: string, changes: Changes): void {
    const { nowMs } = this.#deps;
    for (const runner of changes.runnersGone) this.#gone.add(runner);
    for (const { runner } of changes.runners) this.#gone.delete(runner);
    for (const item of changes.placementsGone) {
      const key = workKey(item);
      this.#checkLeaves(scheduler, key, null);
      this.#placements.delete(key);
      this.#releasedMs.delete(key);
    }
    for (const placement of changes.placements) {
      const key = workKey(placement);
      if (placement.phase === "releasing") {
        if (!this.#releasedMs.has(key)) this.#releasedMs.set(key, nowMs());
      } else {
        this.#checkLeaves(scheduler, key, placement);
        this.#releasedMs.delete(key);
      }
      this.#placements.set(key, placement);
    }
  }

  #checkLeaves(scheduler: string, key: WorkKey, next: Placement | null): void {
    const { nowMs, sessionTimeoutMs, releaseTimeoutMs, verdict } = this.#deps;
    const before = this.#placements.get(key);
    if (!before || (next !== null && next.runner === before.runner && next.generation === before.generation)) return;
    // A connector goes on under a new config version where it is.
    if (next !== null && next.task === null && next.runner === before.runner) return;
    const heard = this.#heard.get(`${scheduler} ${before.runner}`);
    if (!heard?.active.has(key) || this.#gone.has(before.runner)) return;
    if (nowMs() - heard.atMs > sessionTimeoutMs * SLACK) return;
    const releasedMs = this.#releasedMs.get(key);
    if (releasedMs !== undefined && nowMs() - releasedMs > releaseTimeoutMs * SLACK) return;
    // It said so since; what it said before may have come later.
    if (releasedMs !== undefined && (heard.endedMs.get(key) ?? 0) > releasedMs) return;
    const to = next === null ? "is no longer placed" : `is placed on ${next.runner}`;
    verdict.fail(
      CHECKER,
      `${key} ${to}; ${before.runner}, which has it, said ${nowMs() - heard.atMs} ms ago that it runs`,
    );
  }
}
