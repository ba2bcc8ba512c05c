import type { Clock } from "@millrace/time";
import type { Changes } from "./changes.ts";
import {
  type ConnectorState,
  compareItems,
  type Placement,
  type RunnerRow,
  type SchedulerState,
  type Status,
  workKey,
} from "./model.ts";
import type { Lease, SchedulerStore } from "./store.ts";

interface Held {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresMs: number;
}

export interface MemoryStoreStart {
  readonly epoch: number;
  readonly connectors: readonly ConnectorState[];
}

/** The whole store in one process. `clock` stands for the database's. */
export class MemoryStore implements SchedulerStore {
  readonly #clock: Clock;
  #lease: Held;
  readonly #connectors: Map<string, ConnectorState>;
  readonly #placements = new Map<string, Placement>();
  readonly #statuses = new Map<string, Status>();
  readonly #runners = new Map<string, RunnerRow>();
  readonly #topics = new Map<string, Set<string>>();

  constructor(clock: Clock, start: MemoryStoreStart = { epoch: 0, connectors: [] }) {
    this.#clock = clock;
    this.#lease = { holder: "", epoch: start.epoch, expiresMs: Number.NEGATIVE_INFINITY };
    this.#connectors = new Map(start.connectors.map((state) => [state.connector, state]));
  }

  async acquire(holder: string, leaseMs: number): Promise<Lease | null> {
    const nowMs = this.#clock.nowMs();
    if (this.#lease.expiresMs > nowMs) return null;
    const epoch = this.#lease.epoch + 1;
    this.#lease = { holder, epoch, expiresMs: nowMs + leaseMs };
    return { holder, epoch };
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    if (!this.#isHeldBy(lease)) return false;
    this.#lease = { ...lease, expiresMs: this.#clock.nowMs() + leaseMs };
    return true;
  }

  async release(lease: Lease): Promise<void> {
    if (this.#isHeldBy(lease)) this.#lease = { ...lease, expiresMs: Number.NEGATIVE_INFINITY };
  }

  async holds(lease: Lease): Promise<boolean> {
    return this.#isHeldBy(lease);
  }

  async load(): Promise<SchedulerState> {
    return {
      connectors: new Map(this.#connectors),
      placements: new Map(this.#placements),
      statuses: new Map(this.#statuses),
      runners: new Map(this.#runners),
    };
  }

  async commit(lease: Lease, changes: Changes): Promise<boolean> {
    if (!this.#isHeldBy(lease)) return false;
    for (const state of changes.connectors) this.#connectors.set(state.connector, state);
    for (const item of changes.placementsGone) this.#placements.delete(workKey(item));
    for (const placement of changes.placements) this.#placements.set(workKey(placement), placement);
    for (const item of changes.statusesGone) {
      this.#statuses.delete(workKey(item));
      if (item.task === null) this.#topics.delete(item.connector);
    }
    for (const status of changes.statuses) this.#statuses.set(workKey(status), status);
    for (const runner of changes.runnersGone) this.#runners.delete(runner);
    for (const row of changes.runners) this.#runners.set(row.runner, row);
    return true;
  }

  async statusesOf(connector: string): Promise<readonly Status[]> {
    return [...this.#statuses.values()].filter((status) => status.connector === connector);
  }

  async statusesAfter(after: string | null, connectorsMax: number): Promise<readonly Status[]> {
    const later = [...this.#statuses.values()].filter(({ connector }) => after === null || connector > after);
    const names = [...new Set(later.map(({ connector }) => connector))].sort().slice(0, connectorsMax);
    const chosen = new Set(names);
    return later.filter(({ connector }) => chosen.has(connector)).sort(compareItems);
  }

  async addTopics(connector: string, topics: readonly string[]): Promise<void> {
    this.#topics.set(connector, new Set([...(this.#topics.get(connector) ?? []), ...topics]));
  }

  async topicsOf(connector: string): Promise<readonly string[]> {
    return [...(this.#topics.get(connector) ?? [])];
  }

  async removeTopics(connector: string): Promise<void> {
    this.#topics.delete(connector);
  }

  async close(): Promise<void> {}

  #isHeldBy(lease: Lease): boolean {
    return this.#lease.holder === lease.holder && this.#lease.epoch === lease.epoch;
  }
}
