// Pure: whether work that was taken from a runner may still be running there.
import { type Member, type Placement, type Presence, type Release, type WorkKey, workKey } from "./model.ts";

export interface Roster {
  readonly epoch: number;
  readonly members: ReadonlyMap<string, Member>;
  readonly presence: ReadonlyMap<string, Presence>;
}

/** Who is not known is lost. */
export function presenceOf(runner: string, roster: Roster): Presence {
  return roster.presence.get(runner) ?? "lost";
}

/**
 * Gone when its runner is lost, or says that it is not active after having applied an assignment without it. A runner
 * that has applied nothing of this epoch may be about to start the work, so its silence about it proves nothing; one that
 * drains starts nothing any more.
 */
export function isReleased(placement: Placement, release: Release, roster: Roster): boolean {
  const state = presenceOf(placement.runner, roster);
  const member = roster.members.get(placement.runner);
  if (state === "lost" || !member) return true;
  if (member.reports === null || member.reports.get(workKey(placement))?.active) return false;
  if (state === "draining") return true;
  return member.applied?.epoch === roster.epoch && member.applied.sequence >= release.sequence;
}

/** After this nobody waits for it: Kafka's fencing, not waiting, keeps a zombie from writing (I3, I11). */
export function isOverdue(release: Release, nowMs: number, releaseTimeoutMs: number): boolean {
  return nowMs - release.sinceMs >= releaseTimeoutMs;
}

/** Of placements as the store has them: what is known of releases, and of others that they begin now. */
export function releasesFound(
  placements: ReadonlyMap<WorkKey, Placement>,
  known: ReadonlyMap<WorkKey, Release>,
  now: Release,
): ReadonlyMap<WorkKey, Release> {
  const releasing = [...placements].filter(([, { phase }]) => phase === "releasing");
  return new Map(releasing.map(([key]) => [key, known.get(key) ?? now]));
}

/** Work that was taken away has its time from the moment its runner is told, however long the store took. */
export function begunNow(
  releases: ReadonlyMap<WorkKey, Release>,
  before: ReadonlyMap<WorkKey, Release>,
  nowMs: number,
): ReadonlyMap<WorkKey, Release> {
  return new Map(
    [...releases].map(([key, release]) => [key, before.has(key) ? release : { ...release, sinceMs: nowMs }]),
  );
}
