import type { Changes } from "../../../services/scheduler/changes.ts";
import {
  type ConnectorState,
  type Placement,
  type SchedulerState,
  workKey,
} from "../../../services/scheduler/model.ts";
import type { Lease, SchedulerStore } from "../../../services/scheduler/store.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "lease-holder (I7)";

export interface LeaseHolderDeps {
  readonly verdict: Verdict;
  readonly store: SchedulerStore;
  readonly nowMs: () => number;
  /** Told of each change of a connector's generations. */
  readonly changed: (before: ConnectorState | undefined, state: ConnectorState) => void;
}

/**
 * Only who took the lease last writes, a lease is taken only when the one before is over, and what is written follows:
 * each new set of task configs has a generation of its own, one above the last, and tasks are placed for the newest
 * generation only (I7), once it is fenced (I3).
 */
export class LeaseHolder {
  readonly #deps: LeaseHolderDeps;
  readonly #connectors = new Map<string, ConnectorState>();
  readonly #placements = new Map<string, Placement>();
  #lease: Lease | null = null;
  #expiresMs = 0;

  constructor(deps: LeaseHolderDeps) {
    this.#deps = deps;
  }

  /** The store, watched. @param written told of each write, after it. */
  watched(written: (isWritten: boolean, lease: Lease, changes: Changes) => void): SchedulerStore {
    const { store } = this.#deps;
    return {
      acquire: async (holder, leaseMs) => this.#acquired(await store.acquire(holder, leaseMs), leaseMs),
      renew: async (lease, leaseMs) => {
        const isRenewed = await store.renew(lease, leaseMs);
        if (isRenewed) this.#renewed(lease, leaseMs);
        return isRenewed;
      },
      release: async (lease) => {
        await store.release(lease);
        if (this.#isHeldBy(lease)) this.#expiresMs = 0;
      },
      holds: (lease) => store.holds(lease),
      load: () => store.load(),
      commit: async (lease, changes) => {
        const isWritten = await store.commit(lease, changes);
        if (isWritten) this.#check(lease, changes);
        written(isWritten, lease, changes);
        return isWritten;
      },
      statusesOf: (connector) => store.statusesOf(connector),
      statusesAfter: (after, connectorsMax) => store.statusesAfter(after, connectorsMax),
      addTopics: (connector, topics) => store.addTopics(connector, topics),
      topicsOf: (connector) => store.topicsOf(connector),
      removeTopics: (connector) => store.removeTopics(connector),
      close: () => store.close(),
    };
  }

  /** What is in the store. */
  load(): Promise<SchedulerState> {
    return this.#deps.store.load();
  }

  #acquired(lease: Lease | null, leaseMs: number): Lease | null {
    if (lease === null) return null;
    const { nowMs } = this.#deps;
    if (nowMs() < this.#expiresMs) this.#fail(`epoch ${lease.epoch} was taken while the one before was not over`);
    if (this.#lease && lease.epoch <= this.#lease.epoch) {
      this.#fail(`epoch ${lease.epoch} was taken after ${this.#lease.epoch}`);
    }
    this.#lease = lease;
    this.#expiresMs = nowMs() + leaseMs;
    return lease;
  }

  #renewed(lease: Lease, leaseMs: number): void {
    if (!this.#isHeldBy(lease)) this.#fail(`epoch ${lease.epoch} was renewed, ${this.#lease?.epoch} holds the lease`);
    this.#expiresMs = this.#deps.nowMs() + leaseMs;
  }

  #check(lease: Lease, changes: Changes): void {
    if (!this.#isHeldBy(lease)) this.#fail(`epoch ${lease.epoch} wrote, ${this.#lease?.epoch} holds the lease`);
    for (const { runner, heartbeatMs } of changes.runners) {
      if (!Number.isInteger(heartbeatMs))
        this.#fail(`${runner} was heard at ${heartbeatMs}, which no bigint column takes`);
    }
    for (const state of changes.connectors) {
      this.#checkConnector(this.#connectors.get(state.connector), state);
      this.#deps.changed(this.#connectors.get(state.connector), state);
      this.#connectors.set(state.connector, state);
    }
    for (const item of changes.placementsGone) this.#placements.delete(workKey(item));
    for (const placement of changes.placements) {
      this.#checkPlacement(this.#placements.get(workKey(placement)), placement);
      this.#placements.set(workKey(placement), placement);
    }
  }

  #checkConnector(before: ConnectorState | undefined, state: ConnectorState): void {
    const { connector, generation, tasksVersion } = state;
    const raised = generation - (before?.generation ?? 0);
    const isNewSet = tasksVersion !== (before?.tasksVersion ?? 0);
    if (raised < 0 || raised > 1 || (raised === 1) !== isNewSet) {
      this.#fail(
        `${connector} went from generation ${before?.generation ?? 0} (task configs ${before?.tasksVersion ?? 0}) to ${generation} (${tasksVersion})`,
      );
    }
  }

  #checkPlacement(before: Placement | undefined, placement: Placement): void {
    const { connector, task, generation, phase, runner } = placement;
    if (task === null || phase !== "assigned") return;
    if (before?.runner === runner && before.generation === generation && before.phase === phase) return;
    const state = this.#connectors.get(connector);
    if (generation !== state?.generation) {
      this.#fail(`${connector}-${task} was placed in generation ${generation}, it is at ${state?.generation}`);
    } else if (state.fencedGeneration !== generation) {
      this.#fail(`${connector}-${task} was placed in generation ${generation} before that was fenced`);
    }
  }

  #isHeldBy(lease: Lease): boolean {
    return this.#lease?.epoch === lease.epoch && this.#lease.holder === lease.holder;
  }

  #fail(message: string): void {
    this.#deps.verdict.fail(CHECKER, message);
  }
}
