import type {
  ConfigInfos,
  ConfigKeyInfo,
  deadLetterGroups,
  deadLetterList,
  deadLetterReplay,
  PluginInfo,
  preview,
  Restarts,
  TargetState,
  TaskMetrics,
  TaskStats,
  Work,
  WorkReport,
} from "@millrace/protocol";
import { type ErrorMessage, ProtocolError, toErrorMessage } from "@millrace/protocol";
import type { LoggerLevel, WorkerConfig } from "@millrace/service";
import type { Clock } from "@millrace/time";
import type * as z from "zod";
import type { BrokenPlugin } from "./broken-plugins.ts";
import type { LoggedLine } from "./task-host/log-forwarder.ts";
import type { PluginSources } from "./task-host/plugins.ts";

/** Environment variable in which a runner tells its hosts how to log, as JSON. */
export const LOG_SETTINGS = "MILLRACE_HOST_LOG";

/** The pipe on which a host's witness writes, a line of JSON (`Doing`) each time. */
export const WITNESS_FD = 4;

export type HostLogSettings = Pick<WorkerConfig, "logLevel" | "logFormat" | "logFile"> & {
  readonly levels: readonly LoggerLevel[];
};

type Json = Record<string, unknown>;

interface Method<P, R> {
  readonly params: P;
  readonly result: R;
}

/** A question that a host answers as it came over the bus. */
type Asked<R extends { readonly request: z.ZodType; readonly reply: z.ZodType }> = Method<
  z.infer<R["request"]>,
  z.infer<R["reply"]>
>;

/** An interface of methods by name. */
type Methods<M> = { readonly [K in keyof M]: Method<unknown, unknown> };

export type OffsetEntry = { partition: Json; offset: Json | null };

/** As a user sent it. */
export type OffsetRequest = { partition: Json | null; offset: Json | null };

/** What the runner's control process asks of a task host. */
export interface HostMethods {
  /** `quarantined`: plugins that it must not load. */
  configure: Method<{ worker: WorkerConfig; plugins: PluginSources; quarantined: readonly BrokenPlugin[] }, Json>;
  /** `restarts`: of the same work, in a host that has ended. */
  start: Method<{ work: Work; restarts?: Restarts }, Json>;
  target: Method<{ key: string; targetState: TargetState }, Json>;
  /** Answers when the work holds nothing any more; after `timeoutMs` it is cancelled and answers then. */
  stop: Method<{ key: string; timeoutMs: number }, Json>;
  /** Answered as soon as the event loop runs. `cpuMs`: processor time used since the start. */
  ping: Method<Json, { cpuMs: number }>;
  stats: Method<Json, { tasks: TaskStats[] }>;
  metrics: Method<Json, { tasks: TaskMetrics[] }>;
  pluginList: Method<Json, { plugins: PluginInfo[] }>;
  pluginValidate: Method<
    { config: Record<string, string | null> },
    { infos: ConfigInfos; type: "source" | "sink"; passwords: string[] }
  >;
  pluginConfig: Method<{ plugin: string; version: string | null }, { definitions: ConfigKeyInfo[] }>;
  offsetsGet: Method<{ connector: string; config: Record<string, string> }, { offsets: OffsetEntry[] }>;
  cleanUp: Method<{ connector: string; config: Record<string, string> }, { cleansUp: boolean }>;
  /** Null offsets: all are removed. */
  offsetsAlter: Method<
    { connector: string; config: Record<string, string>; offsets: OffsetRequest[] | null },
    { altered: boolean }
  >;
  deadLetterGroups: Asked<typeof deadLetterGroups>;
  deadLetterList: Asked<typeof deadLetterList>;
  deadLetterReplay: Asked<typeof deadLetterReplay>;
  preview: Asked<typeof preview>;
  fence: Method<{ connector: string; config: Record<string, string>; tasks: number }, Json>;
  logLevels: Method<{ levels: readonly LoggerLevel[] }, Json>;
  topicsForgotten: Method<{ connector: string }, Json>;
  kafkaClusterId: Method<Json, { clusterId: string }>;
}

/** What a task host asks of, or tells, the control process. */
export interface ControlMethods {
  report: Method<{ report: WorkReport }, Json>;
  tasksPut: Method<
    { name: string; configVersion: number; configs: Record<string, string>[]; timeoutMs: number },
    { changed: boolean; tasksVersion: number }
  >;
  topicsAdd: Method<{ connector: string; topics: string[] }, Json>;
  /** Which plugin module it loads next; null: it has loaded all. Only told: nobody waits for the answer. */
  pluginLoading: Method<{ file: string | null }, Json>;
  /** A plugin that it leaves out. `isLate`: over waiting for it. */
  pluginBroken: Method<BrokenPlugin & { trace: string | null; isLate: boolean }, Json>;
  /** What it has logged for its connectors. */
  logged: Method<{ lines: readonly LoggedLine[] }, Json>;
  /** Its last word: it ends itself. */
  dying: Method<{ reason: string }, Json>;
  /** What config providers gave to this work is out of date: it is to begin anew. */
  reload: Method<{ key: string }, Json>;
  assignmentVerify: Method<
    { connector: string; task: number; generation: number; timeoutMs: number },
    { verdict: "valid" | "new-generation" | "revoked" }
  >;
}

export type IpcMessage =
  | { readonly type: "call"; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: "answer"; readonly id: number; readonly value?: unknown; readonly error?: ErrorMessage };

export type Handlers<M extends Methods<M>> = {
  readonly [K in keyof M]: (params: M[K]["params"]) => Promise<M[K]["result"]> | M[K]["result"];
};

export interface PeerDeps<Local extends Methods<Local>> {
  readonly send: (message: IpcMessage) => void;
  readonly handlers: Handlers<Local>;
  readonly clock: Clock;
}

/** One end of the channel between a runner's control process and a task host: calls both ways, answered in any order. */
export class Peer<Local extends Methods<Local>, Remote extends Methods<Remote>> {
  #deps: PeerDeps<Local>;
  #nextId = 1;
  #waiting = new Map<number, (answer: IpcMessage & { type: "answer" }) => void>();
  #gone: ErrorMessage | null = null;

  constructor(deps: PeerDeps<Local>) {
    this.#deps = deps;
  }

  /** Rejects with the other side's ProtocolError, TIMEOUT, or UNAVAILABLE when the other side is gone. */
  call<K extends keyof Remote & string>(
    method: K,
    params: Remote[K]["params"],
    timeoutMs: number,
  ): Promise<Remote[K]["result"]> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== null) return reject(new ProtocolError(this.#gone.code, this.#gone.message, this.#gone));
      const id = this.#nextId++;
      const cancel = this.#deps.clock.after(timeoutMs, () => {
        this.#waiting.delete(id);
        reject(new ProtocolError("TIMEOUT", `No answer to '${method}' within ${timeoutMs} ms`));
      });
      this.#waiting.set(id, (answer) => {
        cancel();
        if (answer.error) reject(new ProtocolError(answer.error.code, answer.error.message, answer.error));
        else resolve(answer.value as Remote[K]["result"]);
      });
      this.#deps.send({ type: "call", id, method, params });
    });
  }

  deliver(message: IpcMessage): void {
    if (message.type === "call") void this.#answer(message);
    else {
      const settle = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      settle?.(message);
    }
  }

  /** The other side is gone: every call that waits is rejected, and every one to come. */
  disconnect(reason: string): void {
    const error: ErrorMessage = { code: "UNAVAILABLE", message: reason, retriable: true };
    this.#gone = error;
    const waiting = [...this.#waiting.entries()];
    this.#waiting.clear();
    for (const [id, settle] of waiting) settle({ type: "answer", id, error });
  }

  async #answer({ id, method, params }: IpcMessage & { type: "call" }): Promise<void> {
    try {
      const handlers = this.#deps.handlers as Record<string, (params: unknown) => unknown>;
      const handler = handlers[method];
      if (!handler) throw new ProtocolError("INTERNAL", `There is no '${method}' to call`);
      this.#deps.send({ type: "answer", id, value: await handler(params) });
    } catch (error) {
      this.#deps.send({ type: "answer", id, error: toErrorMessage(error) });
    }
  }
}
