// Pure: when a connector's tasks get a new generation, and what must be fenced before it runs (I3, I7).
import type { ConnectorRecord } from "@millrace/protocol";
import type { ConnectorState, Desired } from "./model.ts";

export type ConnectorStates = ReadonlyMap<string, ConnectorState>;

/** Producers of tasks 0..tasks-1 are to be fenced before `generation` may run. */
export interface FencingRound {
  readonly connector: string;
  readonly generation: number;
  readonly tasks: number;
  readonly config: ConnectorRecord["config"];
}

/**
 * One generation more for each connector whose task configs are newer than the ones its generation stands for. Only newer:
 * a cache that lags behind what an earlier leader saw must not bring back old tasks under a new generation.
 */
export function raiseGenerations(desired: Desired, states: ConnectorStates): ConnectorStates {
  let next: Map<string, ConnectorState> | null = null;
  for (const { name, tasks } of desired.values()) {
    const state = states.get(name);
    if (tasks.version <= (state?.tasksVersion ?? 0)) continue;
    next ??= new Map(states);
    next.set(name, {
      connector: name,
      generation: (state?.generation ?? 0) + 1,
      tasksVersion: tasks.version,
      taskCountRecord: state?.taskCountRecord ?? null,
      fencedGeneration: state?.fencedGeneration ?? 0,
    });
  }
  return next ?? states;
}

export function mayRun(state: ConnectorState | undefined, exactlyOnce: boolean): state is ConnectorState {
  return state !== undefined && (!exactlyOnce || state.fencedGeneration === state.generation);
}

export interface FencingInput {
  readonly desired: Desired;
  readonly states: ConnectorStates;
  /** Connectors of which older tasks may still be running. */
  readonly held: ReadonlySet<string>;
  /** Connector → the generation for which its round has succeeded. */
  readonly fenced: ReadonlyMap<string, number>;
}

/**
 * Kafka Connect's table, for connectors whose generation is above the fenced one and whose old tasks are gone:
 *
 *   record absent or 0          nothing to fence; record the new count
 *   record 1, one new task      its own initTransactions fences the predecessor; record 1
 *   otherwise                   a round over 0..record-1; once it has succeeded, record the new count
 */
export function fence({ desired, states, held, fenced }: FencingInput): {
  readonly states: ConnectorStates;
  readonly rounds: readonly FencingRound[];
} {
  let next: Map<string, ConnectorState> | null = null;
  const rounds: FencingRound[] = [];
  for (const { name, config, tasks } of desired.values()) {
    const state = states.get(name);
    if (!state || state.fencedGeneration === state.generation || held.has(name)) continue;
    const { generation, taskCountRecord: record } = state;
    const count = tasks.configs.length;
    const fencedByItself = record === null || record === 0 || (record === 1 && count === 1);
    if (fencedByItself || fenced.get(name) === generation) {
      next ??= new Map(states);
      next.set(name, { ...state, taskCountRecord: count, fencedGeneration: generation });
    } else {
      rounds.push({ connector: name, generation, tasks: record, config });
    }
  }
  return { states: next ?? states, rounds };
}
