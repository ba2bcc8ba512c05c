// Pure: work that runs although this leader placed it nowhere.
import type { Draft } from "./assign.ts";
import { type ConnectorStates, mayRun } from "./generations.ts";
import { type Desired, isDesired, type SchedulerOptions, type WorkKey, workKey } from "./model.ts";
import { presenceOf, type Roster } from "./release.ts";

export interface AdoptInput {
  /** Of other connectors nothing is adopted. null: all. */
  readonly scope: ReadonlySet<string> | null;
  readonly desired: Desired;
  readonly connectors: ConnectorStates;
  readonly roster: Roster;
  readonly nowMs: number;
  readonly options: Pick<SchedulerOptions, "exactlyOnce">;
}

/**
 * A runner was out of touch for longer than its session, lost its work, and comes back still running it. What nobody else was
 * given meanwhile stays with it, if it is what it should be; anything else must be released before it can be placed.
 */
export function adopt(draft: Draft, input: AdoptInput): void {
  const { scope, desired, connectors, roster, nowMs, options } = input;
  const claims = new Map<WorkKey, number>();
  for (const { runner, reports } of roster.members.values()) {
    if (reports === null || presenceOf(runner, roster) === "lost") continue;
    for (const [key, report] of reports) {
      if (scope !== null && !scope.has(report.connector)) continue;
      if (report.active && !draft.placements.has(key)) claims.set(key, (claims.get(key) ?? 0) + 1);
    }
  }
  if (claims.size === 0) return;
  for (const { runner, reports } of roster.members.values()) {
    for (const [key, report] of reports ?? []) {
      const count = claims.get(key);
      if (count === undefined || !report.active || presenceOf(runner, roster) === "lost") continue;
      claims.delete(key);
      const { connector, task, restart } = report;
      const record = desired.get(connector);
      const state = connectors.get(connector);
      const isCurrent =
        isDesired(report, desired) &&
        (task === null || (mayRun(state, options.exactlyOnce) && state.generation === report.generation));
      const generation = task === null ? (record?.version ?? report.generation) : report.generation;
      const stays = isCurrent && count === 1 && presenceOf(runner, roster) === "live";
      const placement = { connector, task, runner, generation, restart } as const;
      draft.placements.set(workKey(report), { ...placement, phase: stays ? "assigned" : "releasing" });
      // Its assignment has lacked the work since the first of this epoch.
      if (!stays) draft.releases.set(key, { sinceMs: nowMs, sequence: 0 });
    }
  }
}
