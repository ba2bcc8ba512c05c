// Pure: one tick's decision, from everything known to everything that should be stored and published.
import { type Absence, absences } from "./absence.ts";
import { type AssignInput, assign } from "./assign.ts";
import type { FencingRound } from "./generations.ts";
import { heardUntilMs, hearsNobody, type Members, presence } from "./membership.ts";
import type {
  Desired,
  Member,
  Presence,
  Release,
  RunnerRow,
  SchedulerOptions,
  SchedulerState,
  WorkKey,
} from "./model.ts";
import { observe } from "./observe.ts";

/** How much the stored time of a heartbeat may lag, so that heartbeats alone cause few writes. */
const heartbeatRecordIntervalMs = 10_000;

export interface DecideInput extends Pick<AssignInput, "scope" | "elsewhere"> {
  /** Of the connectors in `scope`, and all runners. */
  readonly state: SchedulerState;
  readonly desired: Desired;
  readonly members: Members;
  readonly releases: ReadonlyMap<WorkKey, Release>;
  readonly absent: ReadonlyMap<string, Absence>;
  readonly fenced: AssignInput["fenced"];
  readonly epoch: number;
  readonly sequence: number;
  /** On the leader's monotonic clock, as all times of members, releases and absences. */
  readonly nowMs: number;
  readonly utcMs: number;
  readonly options: SchedulerOptions;
}

export type Presences = ReadonlyMap<string, Presence>;

export interface Decision {
  readonly presences: Presences;
  readonly state: SchedulerState;
  readonly releases: ReadonlyMap<WorkKey, Release>;
  readonly absent: ReadonlyMap<string, Absence>;
  readonly rounds: readonly FencingRound[];
}

export function decide(input: DecideInput): Decision {
  const { state, desired, members, nowMs } = input;
  const isDeaf = hearsNobody(members, nowMs, input.options.sessionTimeoutMs);
  // Nothing is given away: the placed work of all these waits for them.
  const options = isDeaf ? { ...input.options, rebalanceDelayMs: Number.POSITIVE_INFINITY } : input.options;
  const presences = presencesOf(members, nowMs, options.sessionTimeoutMs);
  const joining = new Set<string>();
  for (const [runner, is] of presences) {
    if (is === "live" && !state.runners.has(runner)) joining.add(runner);
  }
  const roster = { epoch: input.epoch, members, presence: presences };
  const { statuses: known } = state;
  const absent = absences({ before: input.absent, placements: state.placements, statuses: known, roster, nowMs });
  const { connectors, placements, releases, rounds } = assign({
    scope: input.scope,
    elsewhere: input.elsewhere,
    desired,
    connectors: state.connectors,
    placements: state.placements,
    releases: input.releases,
    roster,
    absent,
    joining,
    fenced: input.fenced,
    nowMs,
    sequence: input.sequence,
    options,
  });
  const statuses = observe({ desired, placements, statuses: known, members, absent });
  const runners = new Map<string, RunnerRow>();
  for (const member of members.values()) {
    if (presences.get(member.runner) === "lost" && (member.left || !isDeaf)) continue;
    runners.set(member.runner, runnerRow(member, state.runners.get(member.runner), input));
  }
  return { presences, state: { connectors, placements, statuses, runners }, releases, absent, rounds };
}

/** Who is there for a decision at this moment. */
export function presencesOf(members: Members, nowMs: number, sessionTimeoutMs: number): Presences {
  const untilMs = hearsNobody(members, nowMs, sessionTimeoutMs) ? nowMs : heardUntilMs(members, nowMs);
  return new Map([...members.values()].map((member) => [member.runner, presence(member, untilMs, sessionTimeoutMs)]));
}

function runnerRow(
  { runner, workerId, hosts, lastHeardMs }: Member,
  before: RunnerRow | undefined,
  { nowMs, utcMs }: Pick<DecideInput, "nowMs" | "utcMs">,
): RunnerRow {
  const heartbeatMs = utcMs - (nowMs - lastHeardMs);
  // The clock may have been set since.
  const isFresh = before !== undefined && Math.abs(heartbeatMs - before.heartbeatMs) < heartbeatRecordIntervalMs;
  return { runner, workerId, hosts, heartbeatMs: isFresh ? before.heartbeatMs : Math.round(heartbeatMs) };
}
