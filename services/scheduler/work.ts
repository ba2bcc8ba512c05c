// Pure: placements as the work that runners are sent.
import { type ConnectorRecord, definedConfig, type Work } from "@millrace/protocol";
import type { Desired, Placement, SchedulerState, WorkKey } from "./model.ts";

/** One runner's work, by key. */
export type WorkSet = ReadonlyMap<WorkKey, Work>;

/**
 * Everyone's work. A work item that is as it was in `before` keeps its object, so an unchanged set is found by identity. A task
 * keeps the connector config it was started with until it gets a new generation or another config version's task configs.
 */
export function workSets(
  state: SchedulerState,
  desired: Desired,
  before: ReadonlyMap<string, WorkSet>,
): ReadonlyMap<string, WorkSet> {
  const sets = new Map<string, Map<WorkKey, Work>>([...state.runners.keys()].map((runner) => [runner, new Map()]));
  for (const [key, placement] of state.placements) {
    const record = desired.get(placement.connector);
    const set = sets.get(placement.runner);
    if (placement.phase !== "assigned" || !record || !set) continue;
    const old = before.get(placement.runner)?.get(key);
    set.set(key, old && isStill(old, placement, record) ? old : toWork(placement, record));
  }
  return sets;
}

export function sameWorkSet(a: WorkSet, b: WorkSet): boolean {
  if (a.size !== b.size) return false;
  for (const [key, work] of b) if (a.get(key) !== work) return false;
  return true;
}

function toWork(placement: Placement, record: ConnectorRecord): Work {
  const { connector, task, generation, restart } = placement;
  const { targetState, version, tasks } = record;
  const config = definedConfig(record.config);
  if (task === null) return { kind: "connector", connector, configVersion: version, config, targetState, restart };
  return {
    kind: "task",
    connector,
    task,
    generation,
    configVersion: tasks.configVersion,
    config,
    taskConfig: tasks.configs[task]!,
    tasks: tasks.configs.length,
    targetState,
    restart,
  };
}

function isStill(work: Work, { task, generation, restart }: Placement, record: ConnectorRecord): boolean {
  const configVersion = task === null ? record.version : record.tasks.configVersion;
  const sameStart = work.configVersion === configVersion && work.restart === restart;
  const sameGeneration = work.kind !== "task" || work.generation === generation;
  return sameStart && sameGeneration && work.targetState === record.targetState;
}
