import type { Bus } from "@millrace/bus";
import { type ConnectorRecord, definedConfig, fence, ProtocolError } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type { Leader } from "./leader.ts";
import type { SchedulerOptions, SchedulerState, WorkItem } from "./model.ts";

export interface SettleDeps {
  readonly leader: Leader;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly options: SchedulerOptions;
}

const RETRY_MS = 50;
/** For the stop to be read here, beside the time that tasks have to go. */
const SLACK_MS = 5_000;

/**
 * Waits until a STOPPED connector's tasks are gone from every runner, and fences what their producers may have left (I3): from
 * then on nobody but the asker writes its offsets.
 * @throws ProtocolError CONFLICT when it isn't stopped, or isn't gone in time.
 */
export async function settleConnector(deps: SettleDeps, name: string): Promise<void> {
  const isSettled = ({ state, record }: Seen) => record?.targetState === "STOPPED" && !has(state, name, isTask);
  const { state, record } = await waitUntil(deps, name, isSettled, unsettled);
  const { leader, bus, options } = deps;
  const tasks = state.connectors.get(name)?.taskCountRecord ?? 0;
  if (record === undefined || !options.exactlyOnce || tasks === 0) return;
  await bus.request(
    fence(leader.fencer()),
    { connector: name, config: definedConfig(record.config), tasks },
    { timeoutMs: options.fenceTimeoutMs },
  );
}

/**
 * Waits until neither a deleted connector nor a task of it runs anywhere.
 * @throws ProtocolError CONFLICT when it is there again, or isn't gone in time.
 */
export async function settleDeleted(deps: SettleDeps, name: string): Promise<void> {
  const isGone = ({ state, record }: Seen) => record === undefined && !has(state, name, () => true);
  await waitUntil(deps, name, isGone, undeleted);
}

interface Seen {
  readonly state: SchedulerState;
  readonly record: ConnectorRecord | undefined;
}

async function waitUntil(
  { leader, clock, options }: SettleDeps,
  name: string,
  holds: (seen: Seen) => boolean,
  refusal: (name: string, record: ConnectorRecord | undefined) => ProtocolError,
): Promise<Seen> {
  const deadlineMs = clock.monotonicMs() + options.releaseTimeoutMs + SLACK_MS;
  for (;;) {
    const seen = await look(leader, name);
    if (holds(seen)) return seen;
    if (clock.monotonicMs() >= deadlineMs) throw refusal(name, seen.record);
    await clock.sleep(RETRY_MS);
  }
}

async function look(leader: Leader, name: string): Promise<Seen> {
  let record: ConnectorRecord | undefined;
  const state = await leader.change(name, (before, desired) => {
    record = desired.get(name);
    return before;
  });
  return { state, record };
}

const isTask = ({ task }: WorkItem): boolean => task !== null;

function has(state: SchedulerState, name: string, is: (item: WorkItem) => boolean): boolean {
  for (const placement of state.placements.values()) if (placement.connector === name && is(placement)) return true;
  return false;
}

function unsettled(name: string, record: ConnectorRecord | undefined): ProtocolError {
  const what = record?.targetState === "STOPPED" ? "its tasks have not stopped completely yet" : "it is not stopped";
  return new ProtocolError("CONFLICT", `Connector ${name} cannot be changed now: ${what}. Ask again in a moment`, {
    retriable: true,
  });
}

function undeleted(name: string, record: ConnectorRecord | undefined): ProtocolError {
  const what = record === undefined ? "it has not stopped completely yet" : "there is a connector of this name again";
  return new ProtocolError("CONFLICT", `Connector ${name} cannot be cleaned up after: ${what}`, { retriable: true });
}
