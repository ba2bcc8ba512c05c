// Pure: what becomes of the work of a runner that is gone without a goodbye (`scheduled.rebalance.max.delay.ms`).
import type { Placement, Status, WorkKey } from "./model.ts";
import { presenceOf, type Roster } from "./release.ts";

/** A runner that is lost and still has placements. */
export interface Absence {
  /** The leader's monotonic clock when it missed the runner. */
  readonly sinceMs: number;
  /** null: nobody remembers. */
  readonly workerId: string | null;
}

export interface AbsencesInput {
  readonly before: ReadonlyMap<string, Absence>;
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  /** They remember worker ids, also for a leader that never heard the runner. */
  readonly statuses: ReadonlyMap<WorkKey, Status>;
  readonly roster: Roster;
  readonly nowMs: number;
}

/** One per runner that is gone while work is placed on it; the time runs from when it was missed first. */
export function absences({ before, placements, statuses, roster, nowMs }: AbsencesInput): ReadonlyMap<string, Absence> {
  const found = new Map<string, Absence>();
  for (const [key, { runner }] of placements) {
    if (found.get(runner)?.workerId || presenceOf(runner, roster) !== "lost") continue;
    const status = statuses.get(key);
    const known = roster.members.get(runner)?.workerId ?? before.get(runner)?.workerId ?? null;
    const workerId = known ?? (status?.runner === runner ? status.workerId : null);
    found.set(runner, { sinceMs: before.get(runner)?.sinceMs ?? nowMs, workerId });
  }
  return found;
}

export type Fate =
  | { readonly is: "waits" }
  | { readonly is: "moves"; readonly runner: string }
  | { readonly is: "free" };

/**
 * Work of a lost runner. It moves to the runner that has the same worker id now, as Connect's worker does that comes back;
 * waits for one for at most the delay; and is anybody's after that, or when its runner said goodbye.
 */
export function fateOf(
  { runner }: Placement,
  absence: Absence | undefined,
  roster: Roster,
  { nowMs, maxDelayMs }: { readonly nowMs: number; readonly maxDelayMs: number },
): Fate {
  if (absence !== undefined && absence.workerId !== null) {
    for (const { runner: other, workerId } of roster.members.values()) {
      if (workerId === absence.workerId && other !== runner && presenceOf(other, roster) === "live")
        return { is: "moves", runner: other };
    }
  }
  const said = roster.members.get(runner)?.left === true;
  if (said || absence === undefined || nowMs - absence.sinceMs >= maxDelayMs) return { is: "free" };
  return { is: "waits" };
}
