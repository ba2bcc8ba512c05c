import type { Changes } from "./changes.ts";
import {
  type ConnectorState,
  type Load,
  type Placement,
  type RunnerRow,
  type SchedulerState,
  type Status,
  type WorkItem,
  type WorkKey,
  workKey,
} from "./model.ts";

/**
 * The leader's memory of what its store holds. Only writes that the store has taken change it, in place; it knows which rows are a
 * connector's, so that what costs a tick is what the tick is about, not how many connectors there are.
 */
export class Ledger {
  readonly #connectors: Map<string, ConnectorState>;
  readonly #placements = new Map<WorkKey, Placement>();
  readonly #statuses: Map<WorkKey, Status>;
  readonly #runners: Map<string, RunnerRow>;
  /** Connector → the keys of its placements and statuses. */
  readonly #keys = new Map<string, Set<WorkKey>>();
  readonly #loads = new Map<string, Load>();

  constructor({ connectors, placements, statuses, runners }: SchedulerState) {
    this.#connectors = new Map(connectors);
    this.#statuses = new Map(statuses);
    this.#runners = new Map(runners);
    for (const status of statuses.values()) this.#remember(status);
    for (const placement of placements.values()) this.#place(placement);
  }

  /** Live: to be read before the next change. */
  whole(): SchedulerState {
    return {
      connectors: this.#connectors,
      placements: this.#placements,
      statuses: this.#statuses,
      runners: this.#runners,
    };
  }

  /** What is known of these connectors, and all runners. */
  of(names: Iterable<string>): SchedulerState {
    const connectors = new Map<string, ConnectorState>();
    const placements = new Map<WorkKey, Placement>();
    const statuses = new Map<WorkKey, Status>();
    for (const name of names) {
      const connector = this.#connectors.get(name);
      if (connector) connectors.set(name, connector);
      for (const key of this.#keys.get(name) ?? []) {
        const placement = this.#placements.get(key);
        const status = this.#statuses.get(key);
        if (placement) placements.set(key, placement);
        if (status) statuses.set(key, status);
      }
    }
    return { connectors, placements, statuses, runners: this.#runners };
  }

  /** What runners have beside these placements. */
  loadsBeside(placements: Iterable<Placement>): ReadonlyMap<string, Load> {
    const loads = new Map(this.#loads);
    for (const placement of placements) count(loads, placement, -1);
    return loads;
  }

  apply(changes: Changes): void {
    for (const state of changes.connectors) this.#connectors.set(state.connector, state);
    for (const item of changes.placementsGone) {
      this.#unplace(workKey(item));
      this.#forget(item);
    }
    for (const placement of changes.placements) this.#place(placement);
    for (const item of changes.statusesGone) {
      this.#statuses.delete(workKey(item));
      this.#forget(item);
    }
    for (const status of changes.statuses) {
      this.#statuses.set(workKey(status), status);
      this.#remember(status);
    }
    for (const runner of changes.runnersGone) this.#runners.delete(runner);
    for (const row of changes.runners) this.#runners.set(row.runner, row);
  }

  #place(placement: Placement): void {
    const key = workKey(placement);
    this.#unplace(key);
    this.#placements.set(key, placement);
    count(this.#loads, placement, 1);
    this.#remember(placement);
  }

  #unplace(key: WorkKey): void {
    const placement = this.#placements.get(key);
    if (placement) count(this.#loads, placement, -1);
    this.#placements.delete(key);
  }

  #remember(item: WorkItem): void {
    const keys = this.#keys.get(item.connector) ?? new Set();
    this.#keys.set(item.connector, keys.add(workKey(item)));
  }

  #forget(item: WorkItem): void {
    const key = workKey(item);
    if (this.#placements.has(key) || this.#statuses.has(key)) return;
    const keys = this.#keys.get(item.connector);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(item.connector);
  }
}

function count(loads: Map<string, Load>, { runner, task, phase }: Placement, by: 1 | -1): void {
  if (phase !== "assigned") return;
  const { connectors, tasks } = loads.get(runner) ?? { connectors: 0, tasks: 0 };
  const next = task === null ? { connectors: connectors + by, tasks } : { connectors, tasks: tasks + by };
  if (next.connectors + next.tasks === 0) loads.delete(runner);
  else loads.set(runner, next);
}
