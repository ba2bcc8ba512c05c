import { isProtocolError, ProtocolError, type Work } from "@millrace/protocol";
import type { WorkerConfig } from "@millrace/service";
import type { Clock } from "@millrace/time";
import type { BrokenPlugins } from "./broken-plugins.ts";
import { blockedEnd, type Doing, endedByItself, type HostEnd, killedEnd } from "./host-end.ts";
import { type ControlMethods, type Handlers, type HostMethods, type IpcMessage, Peer } from "./ipc.ts";
import type { HostLoad } from "./place.ts";
import type { PluginSources } from "./task-host/plugins.ts";
import { Watchdog } from "./watchdog.ts";

/** One task host process, or a simulated one. */
export interface HostProcess {
  readonly pid: number;
  send(message: IpcMessage): void;
  onMessage(fn: (message: IpcMessage) => void): void;
  /** Called once, however it ended. */
  onExit(fn: (reason: string, signal?: string | null) => void): void;
  kill(): void;
  /** What it was last seen doing while its event loop stood still; absent or null: nobody could see. */
  doing?(): Doing | null;
}

export interface HostDeps {
  readonly id: number;
  readonly process: HostProcess;
  readonly worker: WorkerConfig;
  readonly plugins: PluginSources;
  readonly broken: BrokenPlugins;
  readonly handlers: Omit<Handlers<ControlMethods>, "dying" | "pluginLoading" | "pluginBroken">;
  readonly clock: Clock;
  /** It has ended. */
  readonly ended: (host: Host, end: HostEnd) => void;
}

/** For one plugin after the other. One that waits is left out by the host itself, before this is over. */
const PLUGIN_TIMEOUT_MS = 15_000;
/** For the rest. */
const CONFIGURE_TIMEOUT_MS = 30_000;
/** For all together. */
const CONFIGURE_TIMEOUT_MAX_MS = 600_000;

/**
 * A task host as its control process sees it.
 *
 *   STARTING ──configured──▶ READY (watched) ──exits, is blocked, or `end`──▶ ENDED
 */
export class Host {
  readonly id: number;
  readonly pid: number;
  /** Resolves when it has loaded its plugins. */
  readonly configured: Promise<unknown>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly work = new Map<string, Pick<Work, "kind" | "connector">>();
  /** Whose work it runs; null: nobody's yet. */
  group: string | null = null;
  #deps: HostDeps;
  #peer: Peer<ControlMethods, HostMethods>;
  /** The plugin module that it loads now. */
  #loading: string | null = null;
  #cancelSlow = () => {};
  #questions = 0;
  #end: HostEnd | null = null;
  #watchdog: Watchdog<HostMethods["ping"]["result"]> | null = null;
  #pulse = { cpuMs: 0, atMs: 0 };
  #busy = 0;

  constructor(deps: HostDeps) {
    const { id, process, worker, plugins, handlers, clock } = deps;
    this.#deps = deps;
    this.id = id;
    this.pid = process.pid;
    const dying = ({ reason }: { readonly reason: string }) => {
      this.#end ??= endedByItself(reason, null);
      return {};
    };
    const own: Handlers<ControlMethods> = { ...handlers, dying, ...this.#loadingHandlers() };
    this.#peer = new Peer({ send: (message) => process.send(message), handlers: own, clock });
    process.onMessage((message) => this.#peer.deliver(message));
    // What only the control process uses, and may hold a password.
    const given = { ...worker, databaseUrl: null, natsUrl: null };
    this.#armSlow(CONFIGURE_TIMEOUT_MS);
    const configuration = { worker: given, plugins, quarantined: deps.broken.quarantined };
    this.configured = this.#peer
      .call("configure", configuration, CONFIGURE_TIMEOUT_MAX_MS)
      .catch((cause) => {
        if (isProtocolError(cause) && cause.code === "UNAVAILABLE") throw cause;
        this.end(endedByItself("it could not make itself ready", null));
        throw new ProtocolError("UNAVAILABLE", "The task host did not load its plugins", { cause });
      })
      .finally(() => this.#cancelSlow());
    this.configured.then(
      () => this.#watch(),
      () => {},
    );
    this.ended = new Promise((resolve) => {
      process.onExit((reason, signal) => {
        resolve();
        this.#watchdog?.stop();
        this.#end ??= endedByItself(reason, signal ?? null);
        this.#blamePlugin(deps.broken);
        this.#peer.disconnect(`The task host ended: ${this.#end.reason}`);
        deps.ended(this, this.#end);
      });
    });
  }

  /** As soon as it is ready, in the order of the calls. */
  async call<K extends keyof HostMethods & string>(
    method: K,
    params: HostMethods[K]["params"],
    timeoutMs: number,
  ): Promise<HostMethods[K]["result"]> {
    await this.configured;
    return this.#peer.call(method, params, timeoutMs);
  }

  /** A call that has nothing to do with its work. */
  async ask<K extends keyof HostMethods & string>(
    ...call: [method: K, params: HostMethods[K]["params"], timeoutMs: number]
  ): Promise<HostMethods[K]["result"]> {
    this.#questions++;
    try {
      return await this.call(...call);
    } catch (error) {
      // Asked again, another host would end the same way.
      const fatal = this.#end !== null && ["crashed", "blocked"].includes(this.#end.kind);
      throw fatal
        ? new ProtocolError("INTERNAL", `The task host ended: ${this.#end!.reason}`, { cause: error })
        : error;
    } finally {
      this.#questions--;
    }
  }

  /** Kills it. */
  end(end: HostEnd): void {
    this.#end ??= end;
    this.#deps.process.kill();
  }

  doing(): Doing | null {
    return this.#deps.process.doing?.() ?? null;
  }

  load(): HostLoad {
    const tasks = [...this.work.values()].filter(({ kind }) => kind === "task");
    const { id, group, work } = this;
    const owners = new Set(tasks.map(({ connector }) => connector)).size;
    return { id, group, tasks: tasks.length, owners, connectors: work.size - tasks.length, questions: this.#questions };
  }

  /** Processors in use when it was heard last, as a number of them. */
  get busy(): number {
    return this.#busy;
  }

  #loadingHandlers(): Pick<Handlers<ControlMethods>, "pluginLoading" | "pluginBroken"> {
    const { broken } = this.#deps;
    return {
      pluginLoading: ({ file }) => {
        this.#loading = file;
        this.#armSlow(file === null ? CONFIGURE_TIMEOUT_MS : PLUGIN_TIMEOUT_MS);
        return {};
      },
      pluginBroken: ({ file, reason, trace, isLate }) => {
        if (isLate) broken.quarantine({ file, reason });
        else broken.leftOut({ file, reason }, trace);
        return {};
      },
    };
  }

  /** Ends it when it is not ready, or on to the next plugin, in time. */
  #armSlow(timeoutMs: number): void {
    this.#cancelSlow();
    this.#cancelSlow = this.#deps.clock.after(timeoutMs, () => {
      this.end(endedByItself(`it was not ready within ${timeoutMs} ms`, null));
    });
  }

  /** It ended while it loaded a plugin, and not for what ran there: that would be started again just as often. */
  #blamePlugin(broken: BrokenPlugins): void {
    if (this.#loading === null || this.#end === null || this.#end.kind === "retired") return;
    const reason = `the task host that loaded it ended: ${this.#end.reason}`;
    broken.quarantine({ file: this.#loading, reason });
    this.#end = killedEnd(`${this.#end.reason}, while it loaded the plugin ${this.#loading}`);
  }

  #watch(): void {
    const { clock, worker } = this.#deps;
    if (this.#end !== null) return;
    const blockedMs = worker.taskHostBlockedMs;
    this.#watchdog = new Watchdog({
      // Whether it comes in time is the watchdog's to say.
      ping: () => this.#peer.call("ping", {}, 2 * blockedMs),
      blockedMs,
      clock,
      heard: ({ cpuMs }) => this.#measure(cpuMs),
      blocked: () => this.end(blockedEnd(blockedMs, this.doing())),
    });
  }

  #measure(cpuMs: number): void {
    const atMs = this.#deps.clock.monotonicMs();
    const { cpuMs: beforeMs, atMs: sinceMs } = this.#pulse;
    if (atMs > sinceMs && sinceMs > 0) this.#busy = Math.max(0, (cpuMs - beforeMs) / (atMs - sinceMs));
    this.#pulse = { cpuMs, atMs };
  }
}
