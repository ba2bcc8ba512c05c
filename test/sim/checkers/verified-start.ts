import type { Changes } from "../../../services/scheduler/changes.ts";
import { type Placement, type WorkKey, workKey } from "../../../services/scheduler/model.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "verified-start (I3)";

export interface VerifiedStartDeps {
  readonly verdict: Verdict;
  readonly nowMs: () => number;
}

/**
 * A source task begins only where it was placed, in its generation, at some moment after it had fenced whoever wrote
 * before (I3): what was taken from a runner that did not hear of it must not write again.
 *
 * A placement ends when the leader that has taken it away knows that this is stored: until then it may still answer that
 * the task is wanted, and tells no other runner of it, so whoever follows fences that task.
 */
export class VerifiedStart {
  readonly #deps: VerifiedStartDeps;
  readonly #placements = new Map<WorkKey, Placement>();
  /** Until when a task was placed so; infinity while the leader does not know. */
  readonly #placedUntilMs = new Map<string, number>();
  /** Leader's process → what it has taken away and does not know of. */
  readonly #unknown = new Map<string, string[]>();
  /** Host and transactional id → when the brokers took its last initTransactions. */
  readonly #fencedMs = new Map<string, number>();

  constructor(deps: VerifiedStartDeps) {
    this.#deps = deps;
  }

  /** @param scheduler the process that wrote. */
  written(scheduler: string, changes: Changes): void {
    for (const item of changes.placementsGone) {
      this.#end(scheduler, workKey(item));
      this.#placements.delete(workKey(item));
    }
    for (const placement of changes.placements) {
      this.#end(scheduler, workKey(placement));
      this.#placements.set(workKey(placement), placement);
    }
  }

  #end(scheduler: string, key: WorkKey): void {
    const before = this.#placements.get(key);
    if (before?.phase !== "assigned") return;
    this.#placedUntilMs.set(placeOf(before), Number.POSITIVE_INFINITY);
    this.#unknown.set(scheduler, [...(this.#unknown.get(scheduler) ?? []), placeOf(before)]);
  }

  /** This process knows of all it has written, or that it does not know, or is dead. */
  knows(scheduler: string): void {
    for (const place of this.#unknown.get(scheduler) ?? []) this.#placedUntilMs.set(place, this.#deps.nowMs());
    this.#unknown.delete(scheduler);
  }

  fenced(host: string, transactionalId: string): void {
    this.#fencedMs.set(`${host} ${transactionalId}`, this.#deps.nowMs());
  }

  /** @param runner as the leader knows it. */
  began(task: { connector: string; task: number; generation: number }, host: string, runner: string): void {
    const place = placeOf({ ...task, runner });
    const now = this.#placements.get(workKey(task));
    if (now?.phase === "assigned" && placeOf(now) === place) return;
    const fencedMs = this.#fencedMs.get(`${host} sim-${task.connector}-${task.task}`) ?? 0;
    if ((this.#placedUntilMs.get(place) ?? 0) >= fencedMs) return;
    const { connector, generation } = task;
    const message = `${connector}-${task.task} of generation ${generation} begins on ${runner}, where it has not been placed since it fenced others`;
    this.#deps.verdict.fail(CHECKER, message);
  }
}

function placeOf({ connector, task, generation, runner }: Omit<Placement, "phase" | "restart">): string {
  return `${connector} ${task} ${generation} ${runner}`;
}
