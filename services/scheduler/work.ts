// Pure: a placement as the work that its runner is sent.
import { type ConnectorRecord, definedConfig, type Work } from "@millrace/protocol";
import type { Placement } from "./model.ts";

/**
 * What `told` was, the same object, when nothing has changed. A task keeps the connector config it was started with until it gets a
 * new generation or another config version's task configs.
 */
export function workOf(placement: Placement, record: ConnectorRecord, told: Work | undefined): Work {
  return told && isStill(told, placement, record) ? told : toWork(placement, record);
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
