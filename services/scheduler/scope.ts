// Pure: over how much of the cluster a tick decides.
import type { Absence } from "./absence.ts";
import type { Presences } from "./decide.ts";
import { itemOf, type WorkKey } from "./model.ts";

export interface ScopeInput {
  /** Connectors of which something is new since the last decision; null: more than that is. */
  readonly touched: ReadonlySet<string> | null;
  /** Work that is waited for to end, until it has or its time is over. */
  readonly releases: ReadonlyMap<WorkKey, unknown>;
  /** Connectors with a round of fencing. */
  readonly fencing: Iterable<string>;
  readonly absent: ReadonlyMap<string, Absence>;
  /** Who was there for the last decision; null: there was none. */
  readonly before: Presences | null;
  readonly now: Presences;
}

/** The connectors to decide on; null: all. A runner that comes, goes or is missed concerns everybody's work. */
export function scopeOf({ touched, releases, fencing, absent, before, now }: ScopeInput): ReadonlySet<string> | null {
  if (touched === null || before === null || absent.size > 0 || !samePresences(before, now)) return null;
  const scope = new Set(touched);
  for (const key of releases.keys()) scope.add(itemOf(key).connector);
  for (const connector of fencing) scope.add(connector);
  return scope;
}

function samePresences(before: Presences, now: Presences): boolean {
  if (before.size !== now.size) return false;
  for (const [runner, presence] of now) if (before.get(runner) !== presence) return false;
  return true;
}
