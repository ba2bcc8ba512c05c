import type { Logger } from "@millrace/connect";
import { ProtocolError, type Restarts, type TargetState, type Work } from "@millrace/protocol";
import type { WorkerConfig } from "@millrace/service";
import type { Clock } from "@millrace/time";
import { type ControlMethods, type HostMethods, type IpcMessage, Peer, type PeerDeps } from "./ipc.ts";
import { placeWork } from "./place.ts";
import type { PluginSources } from "./task-host/plugins.ts";
import { workKey } from "./work-key.ts";

/** One task host process, or a simulated one. */
export interface HostProcess {
  readonly pid: number;
  send(message: IpcMessage): void;
  onMessage(fn: (message: IpcMessage) => void): void;
  /** Called once, however it ended. */
  onExit(fn: (reason: string) => void): void;
  kill(): void;
}

export interface HostsDeps {
  readonly spawn: () => HostProcess;
  readonly worker: WorkerConfig;
  readonly plugins: PluginSources;
  readonly hostsMax: number;
  readonly handlers: PeerDeps<ControlMethods>["handlers"];
  /** A host is gone, and with it everything under these keys. */
  readonly lost: (keys: readonly string[], reason: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Host {
  readonly id: number;
  readonly process: HostProcess;
  readonly peer: Peer<ControlMethods, HostMethods>;
  readonly configured: Promise<unknown>;
  readonly ended: Promise<void>;
  readonly work: Map<string, Work["kind"]>;
}

const CONFIGURE_TIMEOUT_MS = 30_000;
const START_TIMEOUT_MS = 30_000;
/** What a stop may take beyond the task's own deadline before the host itself counts as stuck and is ended. */
const STOP_SLACK_MS = 5_000;

/** The task hosts of a runner: started when there is work for them, replaced when they end. */
export class Hosts {
  #deps: HostsDeps;
  #hosts: Host[] = [];
  #nextId = 1;
  #closed = false;

  constructor(deps: HostsDeps) {
    this.#deps = deps;
  }

  /** Runs `method` on any host: the first one, started if there is none. */
  async call<K extends keyof HostMethods & string>(
    method: K,
    params: HostMethods[K]["params"],
    timeoutMs: number,
  ): Promise<HostMethods[K]["result"]> {
    const host = this.#hosts[0] ?? this.#spawn();
    await host.configured;
    return host.peer.call(method, params, timeoutMs);
  }

  /** @param restarts of the same work in a host that has ended; null: none. */
  async start(work: Work, restarts: Restarts | null): Promise<void> {
    const loads = this.#hosts.map(({ id, work: held }) => {
      const kinds = [...held.values()];
      const tasks = kinds.filter((kind) => kind === "task").length;
      return { id, tasks, connectors: kinds.length - tasks };
    });
    const id = placeWork(work.kind, loads, this.#deps.hostsMax);
    const host = this.#hosts.find((candidate) => candidate.id === id) ?? this.#spawn();
    host.work.set(workKey(work), work.kind);
    await host.configured;
    await host.peer.call("start", restarts === null ? { work } : { work, restarts }, START_TIMEOUT_MS);
  }

  /** As `stop`, behind a `start` that still waits for its host. */
  async target(key: string, targetState: TargetState): Promise<void> {
    const host = this.#hostOf(key);
    await host?.configured;
    await host?.peer.call("target", { key, targetState }, START_TIMEOUT_MS);
  }

  /**
   * Resolves when nothing under this key runs any more: stopped, cancelled at the deadline, or its host ended.
   * @param deadlineMs monotonic; the same for all that stop together.
   */
  async stop(key: string, deadlineMs: number): Promise<void> {
    const host = this.#hostOf(key);
    if (host === undefined) return;
    try {
      // Calls arrive in the order they are made, and `start` waits for this too: the stop must not overtake it.
      await host.configured;
      const timeoutMs = Math.max(0, deadlineMs - this.#deps.clock.monotonicMs());
      await host.peer.call("stop", { key, timeoutMs }, timeoutMs + STOP_SLACK_MS);
    } catch (error) {
      this.#deps.logger.warn("a task host doesn't answer and is ended", { key, error: String(error) });
      host.process.kill();
      await Promise.race([host.ended, this.#deps.clock.sleep(STOP_SLACK_MS)]);
    }
    host.work.delete(key);
  }

  /** Runs `method` on every host, without waiting and whatever comes of it. */
  tell<K extends keyof HostMethods & string>(method: K, params: HostMethods[K]["params"]): void {
    for (const { configured, peer } of this.#hosts) {
      void configured.then(() => peer.call(method, params, START_TIMEOUT_MS)).catch(() => {});
    }
  }

  /** Counters by host process. */
  async stats(timeoutMs: number) {
    return Promise.all(
      this.#hosts.map(async ({ process, peer }) => ({
        pid: process.pid,
        ...(await peer.call("stats", {}, timeoutMs)),
      })),
    );
  }

  close(): void {
    this.#closed = true;
    for (const host of this.#hosts.splice(0)) host.process.kill();
  }

  #hostOf(key: string): Host | undefined {
    return this.#hosts.find((host) => host.work.has(key));
  }

  #spawn(): Host {
    if (this.#closed) throw new ProtocolError("UNAVAILABLE", "This runner is shutting down");
    const { clock, handlers, worker, plugins } = this.#deps;
    const process = this.#deps.spawn();
    const peer = new Peer<ControlMethods, HostMethods>({ send: (message) => process.send(message), handlers, clock });
    process.onMessage((message) => peer.deliver(message));
    // What only the control process uses, and may hold a password.
    const given = { ...worker, databaseUrl: null, natsUrl: null };
    const configured = peer.call("configure", { worker: given, plugins }, CONFIGURE_TIMEOUT_MS);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const host: Host = { id: this.#nextId++, process, peer, configured, ended, work: new Map() };
    configured.catch(() => process.kill());
    process.onExit((reason) => {
      end();
      this.#hosts = this.#hosts.filter((other) => other !== host);
      peer.disconnect(`The task host ended (${reason})`);
      if (this.#closed) return;
      this.#deps.logger.error("a task host ended", { pid: process.pid, reason, work: [...host.work.keys()] });
      this.#deps.lost([...host.work.keys()], reason);
    });
    this.#hosts.push(host);
    return host;
  }
}
