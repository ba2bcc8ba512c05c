// Pure: what a restart request restarts.
import { type ConnectorStatus, ProtocolError } from "@millrace/protocol";
import {
  type Desired,
  isDesired,
  type Placement,
  type SchedulerState,
  type Status,
  type WorkItem,
  type WorkKey,
  workKey,
} from "./model.ts";

export interface ConnectorRestartRequest {
  readonly name: string;
  readonly includeTasks: boolean;
  readonly onlyFailed: boolean;
}

/** Raises the restart count of what restarts and shows it as RESTARTING. What is placed nowhere starts anyway. */
export function restartConnector(
  state: SchedulerState,
  desired: Desired,
  { name, includeTasks, onlyFailed }: ConnectorRestartRequest,
): SchedulerState {
  if (!desired.has(name)) throw unknownConnector(name);
  const own = [...state.statuses.values()].filter((status) => status.connector === name);
  if (!own.some((status) => status.task === null)) {
    throw new ProtocolError("NOT_FOUND", `Status for connector ${name} not found`);
  }
  const chosen = own.filter((status) => (status.task === null || includeTasks) && (!onlyFailed || hasFailed(status)));
  return raise(state, chosen);
}

/** What waits to be started again by itself would be FAILED in Connect: whoever asks is not made to wait. */
function hasFailed({ state, restarts }: Status): boolean {
  return state === "FAILED" || (state === "RESTARTING" && restarts !== null && restarts.nextMs !== null);
}

export function restartTask(state: SchedulerState, desired: Desired, name: string, task: number): SchedulerState {
  if (!desired.has(name)) throw unknownConnector(name);
  const item = { connector: name, task };
  if (!isDesired(item, desired)) throw new ProtocolError("NOT_FOUND", `Unknown task: ${name}-${task}`);
  return raise(state, [item]);
}

function unknownConnector(name: string): ProtocolError {
  return new ProtocolError("NOT_FOUND", `Unknown connector: ${name}`);
}

function raise(state: SchedulerState, items: readonly WorkItem[]): SchedulerState {
  const placements = new Map<WorkKey, Placement>(state.placements);
  const statuses = new Map<WorkKey, Status>(state.statuses);
  for (const item of items) {
    const key = workKey(item);
    const placement = placements.get(key);
    const status = statuses.get(key);
    if (placement?.phase !== "assigned" || !status) continue;
    const restart = placement.restart + 1;
    placements.set(key, { ...placement, restart });
    statuses.set(key, { ...status, state: "RESTARTING", trace: null, restart, restarts: null });
  }
  return { ...state, placements, statuses };
}

/** The answer to a restart: states as they will be, with the traces that made someone ask for it, as in Connect. */
export function restartPlan(name: string, after: Iterable<Status>, before: readonly Status[]): ConnectorStatus | null {
  const traces = new Map(before.map((status) => [workKey(status), status.trace]));
  return connectorStatus(
    name,
    [...after].map((status) => ({ ...status, trace: status.trace ?? traces.get(workKey(status)) ?? null })),
  );
}

/** null when the connector itself has no status. Tasks in order. */
export function connectorStatus(name: string, statuses: Iterable<Status>): ConnectorStatus | null {
  const own = [...statuses].filter((status) => status.connector === name);
  const connector = own.find((status) => status.task === null);
  if (!connector) return null;
  const shown = ({ state, workerId, version, trace, restarts }: Status) => {
    const always = { state, workerId, version, trace };
    return restarts === null ? always : { ...always, restarts };
  };
  const tasks = own
    .filter((status) => status.task !== null)
    .map((status) => ({ id: status.task!, ...shown(status) }))
    .sort((a, b) => a.id - b.id);
  return { name, connector: shown(connector), tasks };
}
