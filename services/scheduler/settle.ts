import type { Bus } from "@millrace/bus";
import { type ConnectorRecord, definedConfig, fence, ProtocolError } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import type { Leader } from "./leader.ts";
import type { SchedulerOptions, SchedulerState } from "./model.ts";

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
export async function settleConnector({ leader, bus, clock, options }: SettleDeps, name: string): Promise<void> {
  const deadlineMs = clock.monotonicMs() + options.releaseTimeoutMs + SLACK_MS;
  for (;;) {
    const { state, record } = await look(leader, name);
    if (record?.targetState === "STOPPED" && !hasTasks(state, name)) {
      const tasks = state.connectors.get(name)?.taskCountRecord ?? 0;
      if (!options.exactlyOnce || tasks === 0) return;
      await bus.request(
        fence(leader.fencer()),
        { connector: name, config: definedConfig(record.config), tasks },
        { timeoutMs: options.fenceTimeoutMs },
      );
      return;
    }
    if (clock.monotonicMs() >= deadlineMs) throw unsettled(name, record);
    await clock.sleep(RETRY_MS);
  }
}

/**
 * Waits until neither a deleted connector nor a task of it runs anywhere.
 * @throws ProtocolError CONFLICT when it is there again, or isn't gone in time.
 */
export async function settleDeleted({ leader, clock, options }: SettleDeps, name: string): Promise<void> {
  const deadlineMs = clock.monotonicMs() + options.releaseTimeoutMs + SLACK_MS;
  for (;;) {
    const { state, record } = await look(leader, name);
    const runs = hasWork(state, name);
    if (record === undefined && !runs) return;
    if (clock.monotonicMs() >= deadlineMs) {
      const what =
        record === undefined ? "it has not stopped completely yet" : "there is a connector of this name again";
      throw new ProtocolError("CONFLICT", `Connector ${name} cannot be cleaned up after: ${what}`, { retriable: true });
    }
    await clock.sleep(RETRY_MS);
  }
}

async function look(
  leader: Leader,
  name: string,
): Promise<{ readonly state: SchedulerState; readonly record: ConnectorRecord | undefined }> {
  let record: ConnectorRecord | undefined;
  const state = await leader.change(name, (before, desired) => {
    record = desired.get(name);
    return before;
  });
  return { state, record };
}

function hasTasks(state: SchedulerState, name: string): boolean {
  for (const { connector, task } of state.placements.values()) if (connector === name && task !== null) return true;
  return false;
}

function hasWork(state: SchedulerState, name: string): boolean {
  for (const { connector } of state.placements.values()) if (connector === name) return true;
  return false;
}

function unsettled(name: string, record: ConnectorRecord | undefined): ProtocolError {
  const what = record?.targetState === "STOPPED" ? "its tasks have not stopped completely yet" : "it is not stopped";
  return new ProtocolError("CONFLICT", `Connector ${name} cannot be changed now: ${what}. Ask again in a moment`, {
    retriable: true,
  });
}
