import type { Changes } from "./changes.ts";
import type { SchedulerState, Status } from "./model.ts";

/** The right to write. A higher epoch ends every lower one. */
export interface Lease {
  /** Unique per process start. */
  readonly holder: string;
  readonly epoch: number;
}

/**
 * Where leases, placements, statuses and generations are kept. Every method may reject when the store is out of reach; a
 * `commit` that rejects may or may not have happened.
 */
export interface SchedulerStore {
  /** Takes a lease that nobody holds or that is over by the store's own clock, and raises the epoch. null: it is held. */
  acquire(holder: string, leaseMs: number): Promise<Lease | null>;
  /** false: it is lost. One that is over but was taken by nobody can still be renewed. */
  renew(lease: Lease, leaseMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /** Whether nobody has taken it over. */
  holds(lease: Lease): Promise<boolean>;
  load(): Promise<SchedulerState>;
  /** All or nothing. false: the lease is lost, and nothing was written (I7). */
  commit(lease: Lease, changes: Changes): Promise<boolean>;
  statusesOf(connector: string): Promise<readonly Status[]>;
  /** Statuses of the next `connectorsMax` connectors after `after`, in the store's order of names, tasks in order. */
  statusesAfter(after: string | null, connectorsMax: number): Promise<readonly Status[]>;
  /** Topics that a connector's tasks have used; gone with the connector's own status. Needs no lease: adding twice is adding once. */
  addTopics(connector: string, topics: readonly string[]): Promise<void>;
  topicsOf(connector: string): Promise<readonly string[]>;
  removeTopics(connector: string): Promise<void>;
  close(): Promise<void>;
}
