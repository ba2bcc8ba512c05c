// Pure: what a tick must write.
import type { ConnectorState, Placement, RunnerRow, SchedulerState, Status, WorkItem } from "./model.ts";

export interface Changes {
  readonly connectors: readonly ConnectorState[];
  readonly placements: readonly Placement[];
  readonly placementsGone: readonly WorkItem[];
  readonly statuses: readonly Status[];
  readonly statusesGone: readonly WorkItem[];
  readonly runners: readonly RunnerRow[];
  readonly runnersGone: readonly string[];
}

export function diffStates(before: SchedulerState, after: SchedulerState): Changes {
  return {
    connectors: changed(before.connectors, after.connectors),
    placements: changed(before.placements, after.placements),
    placementsGone: gone(before.placements, after.placements),
    statuses: changed(before.statuses, after.statuses),
    statusesGone: gone(before.statuses, after.statuses),
    runners: changed(before.runners, after.runners),
    runnersGone: gone(before.runners, after.runners).map(({ runner }) => runner),
  };
}

export function isEmpty(changes: Changes): boolean {
  return Object.values(changes).every((list: readonly unknown[]) => list.length === 0);
}

/** How many rows of each kind a write has, those with none left out. */
export function countsOf(changes: Changes): Record<string, number> {
  const counts = Object.entries(changes).map(
    ([kind, rows]: [string, readonly unknown[]]) => [kind, rows.length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function changed<V extends object>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): V[] {
  const values: V[] = [];
  for (const [key, value] of after) {
    const old = before.get(key);
    if (old !== value && !(old && sameFields(old, value))) values.push(value);
  }
  return values;
}

function gone<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): V[] {
  const values: V[] = [];
  for (const [key, value] of before) if (!after.has(key)) values.push(value);
  return values;
}

function sameFields<V extends object>(a: V, b: V): boolean {
  return (Object.keys(b) as (keyof V)[]).every((field) => a[field] === b[field]);
}
