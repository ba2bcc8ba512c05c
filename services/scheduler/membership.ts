// Pure: who is there, from what runners said and when.
import type { WorkReport } from "@millrace/protocol";
import { type Member, type Presence, type RunnerRow, type WorkItem, workKey } from "./model.ts";
import { sameRestarts } from "./observe.ts";

/** Of a session. */
const SPENT_AFTER_SHORT_SILENCE = 0.6;

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
  /** Absent: it does not count them. */
  readonly number?: number | undefined;
  /** null: `work` is all there is. */
  readonly since: { readonly epoch: number; readonly number: number } | null;
  readonly work: readonly WorkReport[];
  readonly gone: readonly WorkItem[];
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
      number: null,
      reports: null,
    });
  }
  return members;
}

export function presence(member: Member, nowMs: number, sessionTimeoutMs: number): Presence {
  if (member.left || nowMs - member.lastHeardMs > sessionTimeoutMs) return "lost";
  return member.draining ? "draining" : "live";
}

/**
 * For half a session no runner was heard, so the fault may be on this side: messages do not arrive, or this process stood still. It
 * proves nothing of any of them.
 */
export function hearsNobody(members: Members, nowMs: number, sessionTimeoutMs: number): boolean {
  const silentMs = silenceMs(members, nowMs);
  return silentMs !== null && silentMs > sessionTimeoutMs / 2;
}

/**
 * Until when this side is known to hear: silence after that proves nothing of anybody. So one is lost only when another was heard a
 * whole session later, and not because everybody fell silent in the last part of its session.
 */
export function heardUntilMs(members: Members, nowMs: number): number {
  return nowMs - (silenceMs(members, nowMs) ?? 0);
}

/** Since anybody who has not left was heard; null: nobody is there. */
function silenceMs(members: Members, nowMs: number): number | null {
  const silences = [...members.values()].filter(({ left }) => !left).map(({ lastHeardMs }) => nowMs - lastHeardMs);
  return silences.length === 0 ? null : Math.min(...silences);
}

/**
 * The first who is heard after such a silence is not the only one left: the others get time to be heard too. A whole session after a
 * long silence; after a short one less than half, so that one who beats seldom keeps no dead one alive.
 */
function afterSilence(members: Members, nowMs: number, sessionTimeoutMs: number): Members {
  if (!hearsNobody(members, nowMs, sessionTimeoutMs)) return members;
  const isLong = silenceMs(members, nowMs)! > sessionTimeoutMs;
  const heardMs = isLong ? nowMs : Math.round(nowMs - sessionTimeoutMs * SPENT_AFTER_SHORT_SILENCE);
  const entries = [...members].map(([runner, member]): [string, Member] => {
    return [runner, member.left ? member : { ...member, lastHeardMs: Math.max(member.lastHeardMs, heardMs) }];
  });
  return new Map(entries);
}

export interface Moment {
  readonly nowMs: number;
  readonly sessionTimeoutMs: number;
  /** The listener's. */
  readonly epoch: number;
}

export interface Heard {
  readonly members: Members;
  /** false: the sender has no place here (it left, or a newer runner has its worker id) and must run nothing. */
  readonly accepted: boolean;
  /** Whether what the sender says is known now. false: it tells changes to something else than what is known, or was overtaken. */
  readonly understood: boolean;
  /** Whether the tick would decide or store anything else than before this heartbeat. How busy it is never moves work. */
  readonly changed: boolean;
  /** The connectors whose work was reported otherwise than before; null: more than work has changed. */
  readonly touched: ReadonlySet<string> | null;
}

const nothing: Pick<Heard, "understood" | "changed" | "touched"> = {
  understood: false,
  changed: false,
  touched: new Set(),
};

export function hear(before: Members, heartbeat: Heartbeat, { nowMs, sessionTimeoutMs, epoch }: Moment): Heard {
  const members = afterSilence(before, nowMs, sessionTimeoutMs);
  const known = members.get(heartbeat.runner);
  if (known?.left) return { members, accepted: false, ...nothing };
  const rival = rivalOf(members, heartbeat, nowMs, sessionTimeoutMs);
  // The rival is the newer one when the sender, unknown here, has worked before: it was replaced and does not know yet.
  if (rival && !known && heartbeat.applied !== null) return { members, accepted: false, ...nothing };
  if (known && isOvertaken(known, heartbeat)) {
    const understood = known.number === heartbeat.number;
    const next = new Map(members).set(known.runner, { ...known, lastHeardMs: nowMs });
    return { members: next, accepted: true, ...nothing, understood };
  }
  const said = saidBy(known, heartbeat, epoch);
  // Nothing is known of it: it takes its place with the next heartbeat, which is whole.
  if (!known && !said) return { members, accepted: true, ...nothing };
  const member: Member = {
    runner: heartbeat.runner,
    workerId: heartbeat.workerId,
    hosts: heartbeat.hosts,
    busy: heartbeat.busy ?? 0,
    lastHeardMs: nowMs,
    draining: heartbeat.draining,
    left: heartbeat.leaving,
    // What it runs and what it has applied belong together.
    ...(said ?? { applied: known!.applied, number: known!.number, reports: known!.reports }),
  };
  const next = new Map(members).set(member.runner, member);
  if (rival && !known) next.set(rival.runner, { ...rival, left: true, lastHeardMs: nowMs });
  return { members: next, accepted: !member.left, understood: said !== null, ...changesOf(known, member) };
}

/** A later one of the same runner has been heard, or this very one. */
function isOvertaken({ number }: Member, heartbeat: Heartbeat): boolean {
  return number !== null && heartbeat.number !== undefined && heartbeat.number <= number;
}

/** null: it tells changes to something that is not what is known. */
function saidBy(
  known: Member | undefined,
  { applied, since, work, gone, ...heartbeat }: Heartbeat,
  epoch: number,
): Pick<Member, "applied" | "number" | "reports"> | null {
  const number = heartbeat.number ?? null;
  if (since === null) return { applied, number, reports: new Map(work.map((report) => [workKey(report), report])) };
  if (!known?.reports || since.epoch !== epoch || since.number !== known.number) return null;
  if (work.length + gone.length === 0) return { applied, number, reports: known.reports };
  const reports = new Map(known.reports);
  for (const item of gone) reports.delete(workKey(item));
  for (const report of work) reports.set(workKey(report), report);
  return { applied, number, reports };
}

/** Who went, said so or not: what was asked of them may stay without an answer. */
export function anyGone(before: Members, after: Members): boolean {
  if (before === after) return false;
  return [...before.values()].some(({ runner, left }) => !left && after.get(runner)?.left !== false);
}

function rivalOf(members: Members, sender: Heartbeat, nowMs: number, sessionTimeoutMs: number): Member | undefined {
  for (const member of members.values()) {
    if (member.workerId !== sender.workerId || member.runner === sender.runner) continue;
    if (presence(member, nowMs, sessionTimeoutMs) !== "lost") return member;
  }
  return undefined;
}

function changesOf(before: Member | undefined, after: Member): Pick<Heard, "changed" | "touched"> {
  const everything = { changed: true, touched: null };
  if (!before || before.left !== after.left || before.draining !== after.draining || before.hosts !== after.hosts)
    return everything;
  if (before.reports === null && after.reports === null) return nothing;
  if (before.reports === null || after.reports === null) return everything;
  const touched = new Set<string>();
  for (const [key, report] of after.reports) {
    const old = before.reports.get(key);
    if (!old || !sameReport(old, report)) touched.add(report.connector);
  }
  for (const [key, { connector }] of before.reports) if (!after.reports.has(key)) touched.add(connector);
  const sameApplied =
    before.applied?.epoch === after.applied?.epoch && before.applied?.sequence === after.applied?.sequence;
  return { changed: touched.size > 0 || !sameApplied, touched };
}

function sameReport(a: WorkReport, b: WorkReport): boolean {
  if (a === b) return true;
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

/** Of those that have not left, the one heard last: the least likely to stand still. Another than `except` where there is one. */
export function heardLast(members: Members, except: string | null): string | null {
  let last: Member | null = null;
  for (const member of members.values()) {
    if (member.left || member.runner === except) continue;
    if (last === null || member.lastHeardMs > last.lastHeardMs) last = member;
  }
  if (last !== null) return last.runner;
  return except !== null && members.get(except)?.left === false ? except : null;
}

/**
 * One who left is remembered for a session, so that a heartbeat overtaken by its goodbye does not bring it back. While nobody is
 * heard, nobody is forgotten.
 */
export function forgetLost(members: Members, nowMs: number, sessionTimeoutMs: number): Members {
  if (hearsNobody(members, nowMs, sessionTimeoutMs)) return members;
  const untilMs = heardUntilMs(members, nowMs);
  const silent = [...members.values()].filter(({ left, lastHeardMs }) => {
    return (left ? nowMs : untilMs) - lastHeardMs > sessionTimeoutMs;
  });
  if (silent.length === 0) return members;
  const next = new Map(members);
  for (const { runner } of silent) next.delete(runner);
  return next;
}
