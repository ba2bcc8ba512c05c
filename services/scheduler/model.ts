// Pure: what the scheduler knows, as its store keeps it.
import type { ConnectorRecord, Restarts, WorkReport, WorkState } from "@millrace/protocol";

/** A work item is a connector (`task: null`) or one of its tasks. */
export interface WorkItem {
  readonly connector: string;
  readonly task: number | null;
}

/** Unambiguous for every connector name. */
export type WorkKey = string;

export function workKey(item: WorkItem): WorkKey {
  return `${item.task ?? "c"}:${item.connector}`;
}

export function itemOf(key: WorkKey): WorkItem {
  const at = key.indexOf(":");
  const task = key.slice(0, at);
  return { connector: key.slice(at + 1), task: task === "c" ? null : Number(task) };
}

/** Outlives its connector: a re-created one must not repeat a generation, and must fence the producers of the old. */
export interface ConnectorState {
  readonly connector: string;
  /** Raised by one with every new set of task configs (I7). 0: there has been none. */
  readonly generation: number;
  /** The config service's `tasks.version` that `generation` stands for. */
  readonly tasksVersion: number;
  /** How many producers a fencing round must fence. null: no exactly-once task has ever been let run. */
  readonly taskCountRecord: number | null;
  /**
   * The generation that `taskCountRecord` counts. Below `generation`: producers of older tasks may still write, so with
   * exactly-once no task of the new generation runs (I3). Not raised while exactly-once is off.
   */
  readonly fencedGeneration: number;
}

/**
 * Where one work item is. There is at most one placement per item, so none is ever on two runners.
 *
 *   (none) ──place──▶ assigned ──take away──▶ releasing ──reported gone | runner lost | bounded time over──▶ (none)
 */
export interface Placement extends WorkItem {
  readonly runner: string;
  /** Of a task, its generation; of a connector, its config version. */
  readonly generation: number;
  readonly restart: number;
  readonly phase: "assigned" | "releasing";
}

/** A placement of phase `releasing` as the present leader sees it. */
export interface Release {
  /** The leader's monotonic clock when its runner was told, or when the leader found it so. */
  readonly sinceMs: number;
  /** The first sequence of this epoch whose assignment lacks the item. */
  readonly sequence: number;
}

export interface Status extends WorkItem {
  readonly state: WorkState;
  readonly runner: string;
  readonly workerId: string;
  readonly version: string | null;
  readonly trace: string | null;
  readonly generation: number;
  /** Raised by users; `restarts` counts those that nobody asked for. */
  readonly restart: number;
  readonly restarts: Restarts | null;
}

export interface RunnerRow {
  readonly runner: string;
  readonly workerId: string;
  readonly hosts: number;
  /** Milliseconds UTC on the clock of the leader that heard it; for people to read, not to decide by: clocks are set. */
  readonly heartbeatMs: number;
}

/** What the leader holds in memory, equal to what its store holds. */
export interface SchedulerState {
  readonly connectors: ReadonlyMap<string, ConnectorState>;
  readonly placements: ReadonlyMap<WorkKey, Placement>;
  readonly statuses: ReadonlyMap<WorkKey, Status>;
  readonly runners: ReadonlyMap<string, RunnerRow>;
}

/** How much is assigned to a runner. */
export interface Load {
  readonly connectors: number;
  readonly tasks: number;
}

/** A runner as the present leader hears it. */
export interface Member {
  readonly runner: string;
  readonly workerId: string;
  readonly hosts: number;
  /** Share of its hosts' processor time in use when last heard, 0 to 1. */
  readonly busy: number;
  /** On the leader's monotonic clock. */
  readonly lastHeardMs: number;
  readonly draining: boolean;
  /** Said goodbye, or was replaced by a newer runner with its worker id. */
  readonly left: boolean;
  readonly applied: { readonly epoch: number; readonly sequence: number } | null;
  /** Of the heartbeat that `applied` and `reports` are known by; null: there was none, or it does not count them. */
  readonly number: number | null;
  /** null: not heard by this leader yet. */
  readonly reports: ReadonlyMap<WorkKey, WorkReport> | null;
}

export type Presence = "live" | "draining" | "lost";

export interface SchedulerOptions {
  /** Whether source tasks run exactly-once (worker config `exactly.once.source.support=enabled`). */
  readonly exactlyOnce: boolean;
  /** A runner not heard for longer is lost and its work given to others. */
  readonly sessionTimeoutMs: number;
  /** For how long work that was taken away may keep others from it: task.shutdown.graceful.timeout and some slack. */
  readonly releaseTimeoutMs: number;
  /** For how long the work of a lost runner waits for it to come back. */
  readonly rebalanceDelayMs: number;
  readonly leaseMs: number;
  readonly leaseRetryMs: number;
  /** How often configs are re-read and what waits is decided anew without any event; everything is, every tenth time. */
  readonly resyncIntervalMs: number;
  readonly fenceTimeoutMs: number;
  /** After a change of configs: how long others are waited for, so that a burst of them is decided on together. */
  readonly configBurstMs: number;
}

export const defaultOptions: SchedulerOptions = {
  exactlyOnce: false,
  sessionTimeoutMs: 10_000,
  releaseTimeoutMs: 10_000,
  rebalanceDelayMs: 0,
  leaseMs: 5_000,
  leaseRetryMs: 1_000,
  resyncIntervalMs: 1_000,
  fenceTimeoutMs: 90_000,
  configBurstMs: 0,
};

export type Desired = ReadonlyMap<string, ConnectorRecord>;

/** A STOPPED connector has no tasks, whatever its record still holds. */
export function taskCount(record: ConnectorRecord): number {
  return record.targetState === "STOPPED" ? 0 : record.tasks.configs.length;
}

export function isDesired(item: WorkItem, desired: Desired): boolean {
  const record = desired.get(item.connector);
  return record !== undefined && (item.task === null || (item.task >= 0 && item.task < taskCount(record)));
}

/** By name, then task, so that the same input always gives the same placements. */
export function compareItems(a: WorkItem, b: WorkItem): number {
  if (a.connector !== b.connector) return a.connector < b.connector ? -1 : 1;
  return (a.task ?? -1) - (b.task ?? -1);
}
