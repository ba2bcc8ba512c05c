// Pure: what a command does to a connector's desired state.
import {
  type ConfigMap,
  type ConnectorRecord,
  type ErrorCode,
  ProtocolError,
  type SubmittedConfig,
  type TargetState,
} from "@millrace/protocol";
import type { HistoryEntry, StoredConnector } from "./store.ts";

export interface PutCommand {
  readonly kind: "put";
  readonly name: string;
  readonly config: SubmittedConfig;
  /** Keys of `config` that are passwords. */
  readonly passwords: readonly string[];
  readonly createOnly: boolean;
  /** Of a new connector. Default STARTED. A connector that exists keeps its own. */
  readonly initialTargetState: TargetState | null;
  /** Refused unless the connector is at this config version; null: whatever it is at. */
  readonly expectedVersion: number | null;
  readonly author: string | null;
}

export interface TasksCommand {
  readonly kind: "tasks";
  readonly name: string;
  readonly configVersion: number;
  readonly configs: readonly ConfigMap[];
}

/** What a deleted connector left outside is removed, or will not be. */
export interface CleanedCommand {
  readonly kind: "cleaned";
  readonly name: string;
  /** Of the config that the connector was deleted with: one that is back has another. */
  readonly version: number;
}

export type Command =
  | PutCommand
  | TasksCommand
  | { readonly kind: "delete"; readonly name: string }
  | CleanedCommand
  | { readonly kind: "target-state"; readonly name: string; readonly targetState: TargetState };

export type Decision =
  | { readonly kind: "refuse"; readonly error: ProtocolError }
  /** It is already so. */
  | { readonly kind: "keep"; readonly connector: StoredConnector }
  | {
      readonly kind: "write";
      readonly connector: StoredConnector;
      readonly created: boolean;
      readonly history: HistoryEntry | null;
    };

export interface DecideContext {
  /** The revision that the change gets, should there be one. */
  readonly revision: number;
  readonly atMs: number;
}

/** A record travels in one message, and a message server takes 1 MiB by default. */
export const recordBytesMax = 900_000;

/**
 *                 put                       stop                     resume, pause
 *   (none) ──────────────▶ STARTED ◀────────────────▶ STOPPED ──▶ STARTED | PAUSED
 *      ▲                      ▲ pause, resume  ▲
 *      │ delete (tombstone)   └───────▶ PAUSED ┘
 *
 * A tombstone keeps its config until what the connector left outside is removed (`clean-ups.ts`); a name that comes back drops it.
 *
 * STOPPED empties the task configs, and delete does too; the tasks version rises only if there were any, since without task
 * configs nothing runs, and a set that is still on its way is refused because the connector is STOPPED. After resume the
 * connector makes its tasks again; its config version rises, so that one who reads only now, and learns neither of the stop
 * nor of the resume, starts it anew all the same.
 */
export function decide(current: StoredConnector | null, command: Command, context: DecideContext): Decision {
  const live = current?.deleted === false ? current : null;
  switch (command.kind) {
    case "put":
      return live ? replace(live, command, context) : create(current, command, context);
    case "delete":
      if (!live) return notFound(command.name);
      return write({ ...withoutTasks(live), deleted: true }, context);
    case "cleaned":
      if (current === null) return notFound(command.name);
      if (!current.deleted || current.version !== command.version) return { kind: "keep", connector: current };
      return write({ ...current, config: {}, passwords: [] }, context);
    case "target-state":
      if (!live) return refuse("NOT_FOUND", `Unknown connector ${command.name}`);
      return retarget(live, command.targetState, context);
    case "tasks":
      return live ? putTasks(live, command, context) : notFound(command.name);
  }
}

function create(tombstone: StoredConnector | null, command: PutCommand, context: DecideContext): Decision {
  if (command.expectedVersion !== null) return notFound(command.name);
  const next: StoredConnector = {
    name: command.name,
    config: command.config,
    passwords: [...command.passwords],
    version: (tombstone?.version ?? 0) + 1,
    targetState: command.initialTargetState ?? "STARTED",
    // No config version is 0: the first set of task configs is a change even if it is empty.
    tasks: { version: tombstone?.tasks.version ?? 0, configVersion: 0, configs: [] },
    revision: context.revision,
    deleted: false,
  };
  return write(next, context, { created: true, author: command.author });
}

function replace(live: StoredConnector, command: PutCommand, context: DecideContext): Decision {
  if (command.createOnly) return refuse("ALREADY_EXISTS", `Connector ${command.name} already exists`);
  if (command.expectedVersion !== null && command.expectedVersion !== live.version) {
    return refuse(
      "CONFLICT",
      `Connector ${command.name} is at config version ${live.version}, no longer at ${command.expectedVersion}; read it and try again`,
    );
  }
  return write(
    { ...live, config: command.config, passwords: [...command.passwords], version: live.version + 1 },
    context,
    {
      created: false,
      author: command.author,
    },
  );
}

function retarget(live: StoredConnector, targetState: TargetState, context: DecideContext): Decision {
  if (live.targetState === targetState) return { kind: "keep", connector: live };
  if (targetState === "STOPPED") return write({ ...withoutTasks(live), targetState }, context);
  const version = live.targetState === "STOPPED" ? live.version + 1 : live.version;
  return write({ ...live, targetState, version }, context);
}

function putTasks(live: StoredConnector, command: TasksCommand, context: DecideContext): Decision {
  const { name, configVersion, configs } = command;
  if (live.targetState === "STOPPED") {
    return refuse("CONFLICT", `Cannot submit non-empty set of task configs for stopped connector ${name}`);
  }
  if (configVersion !== live.version) {
    return refuse(
      "CONFLICT",
      `Connector ${name} is at config version ${live.version}; task configs made from version ${configVersion} are out of date`,
    );
  }
  if (live.tasks.configVersion === configVersion && sameConfigs(live.tasks.configs, configs)) {
    return { kind: "keep", connector: live };
  }
  return write({ ...live, tasks: { version: live.tasks.version + 1, configVersion, configs: [...configs] } }, context);
}

function withoutTasks(connector: StoredConnector): StoredConnector {
  if (connector.tasks.configs.length === 0) return connector;
  const tasks = { version: connector.tasks.version + 1, configVersion: connector.version, configs: [] };
  return { ...connector, tasks };
}

/** @param put present when the config itself was written, which makes history. */
function write(
  changed: StoredConnector,
  context: DecideContext,
  put: { created: boolean; author: string | null } | null = null,
): Decision {
  const connector = { ...changed, revision: context.revision };
  const bytes = jsonBytes(connector);
  if (bytes > recordBytesMax) {
    return refuse(
      "INVALID",
      `The configuration of connector ${connector.name} and of its ${connector.tasks.configs.length} tasks takes ${bytes} bytes, ` +
        `more than the ${recordBytesMax} that fit in a message; shorten it or lower tasks.max`,
    );
  }
  const unstorable = [connector.config, ...connector.tasks.configs].flatMap(unstorableKeys)[0];
  if (unstorable !== undefined) {
    return refuse(
      "INVALID",
      `Configuration ${JSON.stringify(unstorable)} of connector ${connector.name} holds a NUL character or half of a surrogate pair; remove it`,
    );
  }
  const { name, config, passwords, version } = connector;
  const history = put && { name, version, config, passwords, author: put.author, atMs: context.atMs };
  return { kind: "write", connector, created: put?.created ?? false, history };
}

/** What Postgres can hold neither as text nor in jsonb: NUL and lone surrogates. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

function unstorableKeys(config: SubmittedConfig): string[] {
  return Object.entries(config).flatMap(([key, value]) => (isStorable(key) && isStorable(value ?? "") ? [] : [key]));
}

function sameConfigs(a: readonly ConfigMap[], b: readonly ConfigMap[]): boolean {
  return a.length === b.length && a.every((config, index) => sameConfig(config, b[index]!));
}

/** Whatever the order of the keys: jsonb does not keep it. */
function sameConfig(a: ConfigMap, b: ConfigMap): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

/** Size as UTF-8 JSON. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

export function toRecord({ deleted: _, ...record }: StoredConnector): ConnectorRecord {
  return record;
}

function notFound(name: string): Decision {
  return refuse("NOT_FOUND", `Connector ${name} not found`);
}

function refuse(code: ErrorCode, message: string): Decision {
  return { kind: "refuse", error: new ProtocolError(code, message) };
}
