// Pure: statuses as REST shows them, from placements and what runners report.
import type { Restarts, WorkReport } from "@millrace/protocol";
import type { Absence } from "./absence.ts";
import { type Desired, isDesired, type Member, type Placement, type Status, type WorkKey } from "./model.ts";

export interface ObserveInput {
  readonly desired: Desired;
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  readonly statuses: ReadonlyMap<WorkKey, Status>;
  readonly members: ReadonlyMap<string, Member>;
  /** Work that is placed on one of these waits for it, and runs nowhere. */
  readonly absent: ReadonlyMap<string, Absence>;
}

/**
 * A work item has a status from its first placement until it is neither desired nor anywhere. Unchanged statuses keep their
 * identity.
 */
export function observe(input: ObserveInput): ReadonlyMap<WorkKey, Status> {
  const { desired, placements, statuses, members, absent } = input;
  const next = new Map<WorkKey, Status>();
  for (const [key, status] of statuses) {
    const placement = placements.get(key);
    if (placement?.phase === "assigned") continue;
    if (isDesired(status, desired)) next.set(key, unassigned(status));
    else if (placement) next.set(key, status);
  }
  for (const [key, placement] of placements) {
    if (placement.phase !== "assigned") continue;
    const member = members.get(placement.runner);
    const before = statuses.get(key);
    const workerId = member?.workerId ?? absent.get(placement.runner)?.workerId ?? "";
    const status = continued(placement, before, workerId);
    next.set(key, absent.has(placement.runner) ? unassigned(status) : fold(status, member?.reports?.get(key)));
  }
  return next;
}

function unassigned(status: Status): Status {
  return status.state === "UNASSIGNED" && status.trace === null && status.restarts === null
    ? status
    : { ...status, state: "UNASSIGNED", trace: null, restarts: null };
}

function continued(placement: Placement, before: Status | undefined, workerId: string): Status {
  const { connector, task, runner, generation, restart } = placement;
  const sameStart = before?.runner === runner && before.workerId === workerId && before.restart === restart;
  if (before && sameStart && before.generation === generation) return before;
  // A connector goes on under its new config version; a task of a new generation starts from nothing.
  if (before && sameStart && task === null) return { ...before, generation, restarts: null };
  const version = before?.version ?? null;
  const fresh = { state: "UNASSIGNED", trace: null, restarts: null } as const;
  return { connector, task, runner, workerId, version, generation, restart, ...fresh };
}

/** A report about another generation or an earlier start says nothing about this one. */
function fold(status: Status, report: WorkReport | undefined): Status {
  if (!report || report.generation !== status.generation || report.restart !== status.restart) return status;
  const isUnderway = report.state === "UNASSIGNED" && report.active;
  if (isUnderway && status.state === "RESTARTING") return status;
  const { state, trace, version } = report;
  const restarts = sameRestarts(status.restarts, report.restarts) ? status.restarts : (report.restarts ?? null);
  const isSame = status.state === state && status.trace === trace && status.version === version;
  return isSame && status.restarts === restarts ? status : { ...status, state, trace, version, restarts };
}

export function sameRestarts(a: Restarts | null | undefined, b: Restarts | null | undefined): boolean {
  return a?.count === b?.count && a?.reason === b?.reason && a?.nextMs === b?.nextMs;
}
