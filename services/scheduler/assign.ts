// Pure: which runner has which work item next.
import { type Absence, fateOf } from "./absence.ts";
import { adopt } from "./adopt.ts";
import { balance } from "./balance.ts";
import { type ConnectorStates, type FencingRound, fence, mayRun, raiseGenerations } from "./generations.ts";
import {
  type ConnectorState,
  compareItems,
  type Desired,
  isDesired,
  type Load,
  type Member,
  type Placement,
  type Release,
  type SchedulerOptions,
  taskCount,
  type WorkItem,
  type WorkKey,
  workKey,
} from "./model.ts";
import { isOverdue, isReleased, presenceOf, type Roster } from "./release.ts";

export interface AssignInput {
  /**
   * The connectors that are decided on; all that is here of desired state, connectors and placements is theirs. null: all connectors.
   * One's work depends on the others' only through how much each runner has.
   */
  readonly scope: ReadonlySet<string> | null;
  /** What runners have of other connectors. */
  readonly elsewhere: ReadonlyMap<string, Load>;
  readonly desired: Desired;
  readonly connectors: ConnectorStates;
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  readonly releases: ReadonlyMap<WorkKey, Release>;
  readonly roster: Roster;
  readonly absent: ReadonlyMap<string, Absence>;
  /** Runners that came since work was last balanced. */
  readonly joining: ReadonlySet<string>;
  readonly fenced: ReadonlyMap<string, number>;
  readonly nowMs: number;
  /** The sequence under which the outcome will be published. */
  readonly sequence: number;
  readonly options: Pick<SchedulerOptions, "exactlyOnce" | "releaseTimeoutMs" | "rebalanceDelayMs">;
}

export interface Assigned {
  readonly connectors: ConnectorStates;
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  readonly releases: ReadonlyMap<WorkKey, Release>;
  readonly rounds: readonly FencingRound[];
}

/** The placements under change: first what must go goes, then what may be placed is placed. */
export interface Draft {
  readonly placements: Map<WorkKey, Placement>;
  readonly releases: Map<WorkKey, Release>;
}

/**
 * Sticky: what is placed well stays. Balanced: what is not goes to the runner with the least of its kind, of two alike to
 * the less busy one. Work moves between runners that stay only when another joins, so adding, changing or deleting one
 * connector touches no other's work.
 */
export function assign(input: AssignInput): Assigned {
  const { desired, options } = input;
  const raised = raiseGenerations(desired, input.connectors);
  const draft: Draft = { placements: new Map(input.placements), releases: new Map(input.releases) };
  takeAway(draft, input, raised);
  const { scope, roster, nowMs } = input;
  adopt(draft, { scope, desired, connectors: raised, roster, nowMs, options });
  const held = heldConnectors(draft, input, raised);
  const { states, rounds } = options.exactlyOnce
    ? fence({ desired, states: raised, held, fenced: input.fenced })
    : { states: raised, rounds: [] };
  const runners = [...input.roster.presence].filter(([, state]) => state === "live").map(([runner]) => runner);
  place(draft, input, states, held, runners);
  if (runners.some((runner) => input.joining.has(runner))) {
    for (const placement of balance({ placements: draft.placements, desired, runners }))
      release(draft, placement, input);
  }
  return { connectors: states, placements: draft.placements, releases: draft.releases, rounds };
}

/** Still what its item should be. */
function isCurrent(placement: Placement, input: AssignInput, states: ConnectorStates): boolean {
  if (!isDesired(placement, input.desired)) return false;
  if (placement.task === null) return true;
  const state = states.get(placement.connector);
  return mayRun(state, input.options.exactlyOnce) && state.generation === placement.generation;
}

function takeAway(draft: Draft, input: AssignInput, states: ConnectorStates): void {
  for (const [key, placement] of input.placements) {
    const presence = presenceOf(placement.runner, input.roster);
    if (presence === "lost") {
      leaveLost(draft, key, placement, input, states);
    } else if (placement.phase === "releasing") {
      if (isReleased(placement, input.releases.get(key)!, input.roster)) remove(draft, key);
    } else if (presence === "draining" || !isCurrent(placement, input, states)) {
      release(draft, placement, input);
    } else {
      keep(draft, key, placement, input);
    }
  }
}

/** Nothing of it is waited for: what it may still write is fenced (I3, I11). */
function leaveLost(
  draft: Draft,
  key: WorkKey,
  placement: Placement,
  input: AssignInput,
  states: ConnectorStates,
): void {
  const { absent, roster, nowMs, options } = input;
  const stays = placement.phase === "assigned" && isCurrent(placement, input, states);
  const times = { nowMs, maxDelayMs: options.rebalanceDelayMs };
  const fate = stays ? fateOf(placement, absent.get(placement.runner), roster, times) : ({ is: "free" } as const);
  if (fate.is === "free") {
    remove(draft, key);
    return;
  }
  if (fate.is === "moves") draft.placements.set(key, { ...placement, runner: fate.runner });
  keep(draft, key, draft.placements.get(key)!, input);
}

/** A connector's new config reaches it in place: only its task configs are a reason to start elsewhere. */
function keep(draft: Draft, key: WorkKey, placement: Placement, { desired }: AssignInput): void {
  if (placement.task !== null) return;
  const { version } = desired.get(placement.connector)!;
  if (version !== placement.generation) draft.placements.set(key, { ...placement, generation: version });
}

function release(draft: Draft, placement: Placement, { nowMs, sequence }: AssignInput): void {
  const key = workKey(placement);
  draft.placements.set(key, { ...placement, phase: "releasing" });
  draft.releases.set(key, { sinceMs: nowMs, sequence });
}

function remove(draft: Draft, key: WorkKey): void {
  draft.placements.delete(key);
  draft.releases.delete(key);
}

function isHeld(draft: Draft, key: WorkKey, input: AssignInput): boolean {
  const placement = draft.placements.get(key);
  if (placement?.phase !== "releasing") return false;
  return !isOverdue(draft.releases.get(key)!, input.nowMs, input.options.releaseTimeoutMs);
}

/** Tasks of two generations never run at once, not even different ones: one may have the other's partitions. */
function heldConnectors(draft: Draft, input: AssignInput, states: ConnectorStates): ReadonlySet<string> {
  const held = new Set<string>();
  for (const [key, placement] of draft.placements) {
    if (placement.task === null || placement.phase !== "releasing" || !isHeld(draft, key, input)) continue;
    const state = states.get(placement.connector);
    const isNewest = mayRun(state, input.options.exactlyOnce) && state.generation === placement.generation;
    if (!isNewest) held.add(placement.connector);
  }
  return held;
}

interface Vacancy extends WorkItem {
  readonly generation: number;
}

function place(
  draft: Draft,
  input: AssignInput,
  states: ConnectorStates,
  held: ReadonlySet<string>,
  runners: readonly string[],
): void {
  if (runners.length === 0) return;
  const vacancies = findVacancies(draft, input, states, held);
  if (vacancies.length === 0) return;
  const { members } = input.roster;
  const loads = new Map<string, Candidate>();
  for (const runner of runners) {
    const elsewhere = input.elsewhere.get(runner) ?? { connectors: 0, tasks: 0 };
    loads.set(runner, { runner, ...elsewhere, busy: busyStep(members.get(runner)) });
  }
  for (const placement of draft.placements.values()) {
    const load = placement.phase === "assigned" ? loads.get(placement.runner) : undefined;
    if (load) load[placement.task === null ? "connectors" : "tasks"] += 1;
  }
  for (const vacancy of vacancies) {
    const kind = vacancy.task === null ? "connectors" : "tasks";
    const least = [...loads.values()].reduce((best, load) => (compareLoads(load, best, kind) < 0 ? load : best));
    least[kind] += 1;
    const key = workKey(vacancy);
    const restart = draft.placements.get(key)?.restart ?? 0;
    draft.placements.set(key, { ...vacancy, runner: least.runner, restart, phase: "assigned" });
    draft.releases.delete(key);
  }
}

interface Candidate {
  readonly runner: string;
  connectors: number;
  tasks: number;
  readonly busy: number;
}

/** Coarse, so that what is measured anew every second decides only where there is a difference to speak of. */
function busyStep(member: Member | undefined): number {
  return Math.round((member?.busy ?? 0) * 5);
}

function compareLoads(a: Candidate, b: Candidate, kind: "connectors" | "tasks"): number {
  if (a[kind] !== b[kind]) return a[kind] - b[kind];
  if (a.busy !== b.busy) return a.busy - b.busy;
  if (a.connectors + a.tasks !== b.connectors + b.tasks) return a.connectors + a.tasks - b.connectors - b.tasks;
  return a.runner < b.runner ? -1 : 1;
}

function findVacancies(
  draft: Draft,
  input: AssignInput,
  states: ConnectorStates,
  held: ReadonlySet<string>,
): readonly Vacancy[] {
  const vacancies: Vacancy[] = [];
  const consider = (vacancy: Vacancy) => {
    const key = workKey(vacancy);
    if (draft.placements.get(key)?.phase !== "assigned" && !isHeld(draft, key, input)) vacancies.push(vacancy);
  };
  const assigned = new Map<string, number>();
  for (const { connector, phase } of draft.placements.values()) {
    if (phase === "assigned") assigned.set(connector, (assigned.get(connector) ?? 0) + 1);
  }
  for (const record of input.desired.values()) {
    const connector = record.name;
    // Of most connectors nothing is missing, and what is placed is what should be: so much for them in every tick.
    if (assigned.get(connector) === 1 + taskCount(record)) continue;
    consider({ connector, task: null, generation: record.version });
    const state: ConnectorState | undefined = states.get(connector);
    if (held.has(connector) || !mayRun(state, input.options.exactlyOnce)) continue;
    for (let task = 0; task < taskCount(record); task++) consider({ connector, task, generation: state.generation });
  }
  return vacancies.sort(compareItems);
}
