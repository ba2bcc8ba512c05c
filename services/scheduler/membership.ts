// Pure: who is there, from what runners said and when.
import type { WorkReport } from "@millrace/protocol";
import { type Member, type Presence, type RunnerRow, workKey } from "./model.ts";
import { sameRestarts } from "./observe.ts";

export type Members = ReadonlyMap<string, Member>;

export interface Heartbeat {
  readonly runner: string;
  readonly workerId: string;
  readonly hosts: number;
  /** Absent: it does not say. */
  readonly busy?: number | undefined;
  readonly draining: boolean;
  readonly leaving: boolean;
  readonly applied: { readonly epoch: number; readonly sequence: number } | null;
  readonly work: readonly WorkReport[];
}

/** A new leader gives everyone it finds in the store a full session from its own start. */
export function membersFromStore(runners: Iterable<RunnerRow>, nowMs: number): Members {
  const members = new Map<string, Member>();
  for (const { runner, workerId, hosts } of runners) {
    members.set(runner, {
      runner,
      workerId,
      hosts,
      busy: 0,
      lastHeardMs: nowMs,
      draining: false,
      left: false,
      applied: null,
      reports: null,
    });
  }
  return members;
}

export function presence(member: Member, nowMs: number, sessionTimeoutMs: number): Presence {
  if (member.left || nowMs - member.lastHeardMs > sessionTimeoutMs) return "lost";
  return member.draining ? "draining" : "live";
}

export interface Heard {
  readonly members: Members;
  /** false: the sender has no place here (it left, or a newer runner has its worker id) and must run nothing. */
  readonly accepted: boolean;
  /** Whether the tick would decide or store anything else than before this heartbeat. How busy it is never moves work. */
  readonly changed: boolean;
}

export function hear(members: Members, heartbeat: Heartbeat, nowMs: number, sessionTimeoutMs: number): Heard {
  const known = members.get(heartbeat.runner);
  if (known?.left) return { members, accepted: false, changed: false };
  const rival = rivalOf(members, heartbeat, nowMs, sessionTimeoutMs);
  // The rival is the newer one when the sender, unknown here, has worked before: it was replaced and does not know yet.
  if (rival && !known && heartbeat.applied !== null) return { members, accepted: false, changed: false };
  const member: Member = {
    runner: heartbeat.runner,
    workerId: heartbeat.workerId,
    hosts: heartbeat.hosts,
    busy: heartbeat.busy ?? 0,
    lastHeardMs: nowMs,
    draining: heartbeat.draining,
    left: heartbeat.leaving,
    applied: heartbeat.applied,
    reports: new Map(heartbeat.work.map((report) => [workKey(report), report])),
  };
  const next = new Map(members);
  next.set(member.runner, member);
  if (rival && !known) next.set(rival.runner, { ...rival, left: true, lastHeardMs: nowMs });
  return { members: next, accepted: !member.left, changed: !known || differs(known, member) };
}

function rivalOf(members: Members, sender: Heartbeat, nowMs: number, sessionTimeoutMs: number): Member | undefined {
  for (const member of members.values()) {
    if (member.workerId !== sender.workerId || member.runner === sender.runner) continue;
    if (presence(member, nowMs, sessionTimeoutMs) !== "lost") return member;
  }
  return undefined;
}

function differs(before: Member, after: Member): boolean {
  if (before.left !== after.left || before.draining !== after.draining || before.hosts !== after.hosts) return true;
  if (before.applied?.epoch !== after.applied?.epoch || before.applied?.sequence !== after.applied?.sequence)
    return true;
  if (before.reports === null || after.reports === null) return true;
  if (before.reports.size !== after.reports.size) return true;
  for (const [key, report] of after.reports) {
    const old = before.reports.get(key);
    if (!old || !sameReport(old, report)) return true;
  }
  return false;
}

function sameReport(a: WorkReport, b: WorkReport): boolean {
  return (
    a.generation === b.generation &&
    a.restart === b.restart &&
    a.state === b.state &&
    a.active === b.active &&
    a.trace === b.trace &&
    a.version === b.version &&
    sameRestarts(a.restarts, b.restarts)
  );
}

/** One who left is remembered for a session, so that a heartbeat overtaken by its goodbye does not bring it back. */
export function forgetLost(members: Members, nowMs: number, sessionTimeoutMs: number): Members {
  const silent = [...members.values()].filter((member) => nowMs - member.lastHeardMs > sessionTimeoutMs);
  if (silent.length === 0) return members;
  const next = new Map(members);
  for (const { runner } of silent) next.delete(runner);
  return next;
}
