// Pure: the JSON that REST clients see. Key order is Connect's.
import type {
  ConfigMap,
  ConnectorRecord,
  ConnectorStatus,
  PluginInfo,
  Restarts,
  SubmittedConfig,
  TaskStatus,
  WorkState,
} from "@millrace/protocol";
import { hashMapOrder } from "@millrace/protocol";

export type ConnectorType = "source" | "sink" | "unknown";

export interface ServerInfo {
  readonly version: string;
  readonly commit: string;
  readonly kafka_cluster_id: string | null;
}

export interface HealthInfo {
  readonly status: "healthy" | "starting" | "unhealthy";
  readonly message: string;
}

export interface TaskId {
  readonly connector: string;
  readonly task: number;
}

export interface ConnectorInfo {
  readonly name: string;
  readonly config: SubmittedConfig;
  readonly tasks: readonly TaskId[];
  readonly type: ConnectorType;
}

export interface TaskInfo {
  readonly id: TaskId;
  readonly config: ConfigMap;
}

interface StateInfo {
  readonly state: WorkState;
  readonly worker_id: string;
  readonly version: string | null;
  readonly trace?: string;
  readonly restarts?: RestartsInfo;
}

/** Not in Connect, which restarts nothing by itself: there only after Millrace has. */
export interface RestartsInfo {
  readonly count: number;
  readonly reason: string;
  /** Milliseconds UTC; only while RESTARTING. */
  readonly next_restart_ms?: number;
}

export interface TaskStateInfo extends StateInfo {
  readonly id: number;
}

export interface ConnectorStateInfo {
  readonly name: string;
  readonly connector: StateInfo;
  readonly tasks: readonly TaskStateInfo[];
  readonly type: ConnectorType;
}

export interface PluginEntry {
  readonly class: string;
  readonly type: PluginInfo["type"];
  readonly version?: string;
}

/** What a config write answers: the config in the order it was sent. */
export function writtenConnectorInfo(record: ConnectorRecord, type: ConnectorType): ConnectorInfo {
  return {
    name: record.name,
    config: record.config,
    tasks: record.tasks.configs.map((_, task) => ({ connector: record.name, task })),
    type,
  };
}

export function connectorInfo(record: ConnectorRecord, type: ConnectorType): ConnectorInfo {
  return { ...writtenConnectorInfo(record, type), config: hashMapOrder(record.config) };
}

export function taskInfos(record: ConnectorRecord): TaskInfo[] {
  return record.tasks.configs.map((config, task) => ({
    id: { connector: record.name, task },
    config: hashMapOrder(config),
  }));
}

export function taskStateInfo(status: TaskStatus): TaskStateInfo {
  return { id: status.id, ...stateInfo(status) };
}

export function connectorStateInfo(status: ConnectorStatus, type: ConnectorType): ConnectorStateInfo {
  const tasks = status.tasks.map(taskStateInfo).sort((a, b) => a.id - b.id);
  return { name: status.name, connector: stateInfo(status.connector), tasks, type };
}

/** `version` is shown even when null; `trace` only when there is one. */
function stateInfo(status: Omit<TaskStatus, "id">): StateInfo {
  const { state, workerId, version, trace, restarts } = status;
  return {
    ...{ state, worker_id: workerId, version },
    ...(trace === null || trace === "" ? {} : { trace }),
    ...(restarts === undefined || restarts.count === 0 ? {} : { restarts: restartsInfo(restarts) }),
  };
}

function restartsInfo({ count, reason, nextMs }: Restarts): RestartsInfo {
  return nextMs === null ? { count, reason } : { count, reason, next_restart_ms: nextMs };
}

export function pluginEntry(plugin: PluginInfo): PluginEntry {
  const entry = { class: plugin.class, type: plugin.type };
  return plugin.version === null ? entry : { ...entry, version: plugin.version };
}
