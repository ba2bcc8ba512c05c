import type { Logger } from "@millrace/connect";
import {
  type BrokenPluginInfo,
  type HostMetrics,
  ProtocolError,
  type Restarts,
  type TargetState,
  type TaskMetrics,
  type Work,
} from "@millrace/protocol";
import type { WorkerConfig } from "@millrace/service";
import type { Clock } from "@millrace/time";
import { BrokenPlugins } from "./broken-plugins.ts";
import { Host, type HostDeps, type HostProcess } from "./host.ts";
import { type HostEnd, retired, silentEnd } from "./host-end.ts";
import type { HostMethods } from "./ipc.ts";
import { hostsMaxOf } from "./isolation.ts";
import { type HostLoad, isShared, placeWork, useless } from "./place.ts";
import type { PluginSources } from "./task-host/plugins.ts";
import { workKey } from "./work-key.ts";

export interface HostsDeps {
  readonly spawn: () => HostProcess;
  readonly worker: WorkerConfig;
  readonly plugins: PluginSources;
  readonly handlers: HostDeps["handlers"];
  /** A host is gone, and with it everything under these keys. */
  readonly lost: (host: Host, end: HostEnd) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Beside the time after which a host counts as blocked: its end says more than a call without an answer. */
const CALL_SLACK_MS = 30_000;
/** What a stop may take beyond the task's own deadline before the host itself counts as stuck and is ended. */
const STOP_SLACK_MS = 5_000;
/** After its last question a spare host stays for others: people and tools ask several. */
const SPARE_IDLE_MS = 30_000;
/** From the last start of work on: a host that begins beside others that begin would slow them. */
const STAND_BY_AFTER_MS = 5_000;
/** Of how many works is remembered where they ran. */
const LAST_MAX = 1_000;

/**
 * The task hosts of a runner: started when there is work for them, replaced when they end. Questions go to a spare host, which
 * has no work, so that a plugin that hangs or crashes over one takes no work down; it is there from the first question
 * until a while after the last, or until work comes to it. While connectors share a host one stands by, asked or not: should that host
 * end, their work goes on there.
 */
export class Hosts {
  #deps: HostsDeps;
  #broken: BrokenPlugins;
  #hosts: Host[] = [];
  #nextId = 1;
  #closed = false;
  #last = new Map<string, number>();
  #cancelIdle = () => {};
  #cancelStandBy = () => {};

  constructor(deps: HostsDeps) {
    this.#deps = deps;
    this.#broken = new BrokenPlugins(deps.logger);
  }

  /** What hosts could not load. */
  brokenPlugins(): BrokenPluginInfo[] {
    return this.#broken.list();
  }

  /** Has one host load its plugins now. */
  warm(): void {
    if (this.#hosts.length === 0) this.#spawn();
  }

  /** Runs `method` on a spare host, started if there is none. */
  async call<K extends keyof HostMethods & string>(
    method: K,
    params: HostMethods[K]["params"],
    timeoutMs: number,
  ): Promise<HostMethods[K]["result"]> {
    const spare = this.#spare() ?? this.#spawn();
    try {
      return await spare.ask(method, params, timeoutMs);
    } finally {
      this.#endSpareLater();
    }
  }

  /**
   * @param group the only work it may share a host with.
   * @param restarts of the same work in a host that has ended; null: none.
   */
  async start(work: Work, group: string, restarts: Restarts | null): Promise<void> {
    const key = workKey(work);
    const hostsMax = hostsMaxOf(group, work, this.#deps.worker.hosts);
    const last = this.#last.get(key) ?? null;
    const id = placeWork({ kind: work.kind, group, hostsMax, last }, this.#loads());
    const host = this.#hosts.find((candidate) => candidate.id === id) ?? this.#spawn();
    host.group = group;
    host.work.set(key, work);
    this.#remember(key, host.id);
    this.#standByLater();
    await host.call("start", restarts === null ? { work } : { work, restarts }, this.#callTimeoutMs);
  }

  /** As `stop`, behind a `start` that still waits for its host. */
  async target(key: string, targetState: TargetState): Promise<void> {
    await this.#hostOf(key)?.call("target", { key, targetState }, this.#callTimeoutMs);
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
      await host.call("stop", { key, timeoutMs }, timeoutMs + STOP_SLACK_MS);
    } catch (error) {
      this.#deps.logger.warn("a task host doesn't answer and is ended", { key, error: String(error) });
      host.end(silentEnd(key, host.doing()));
      await Promise.race([host.ended, this.#deps.clock.sleep(STOP_SLACK_MS)]);
    }
    host.work.delete(key);
    this.#endUseless();
    this.#endSpareLater();
  }

  /** Runs `method` on every host, without waiting and whatever comes of it. */
  tell<K extends keyof HostMethods & string>(method: K, params: HostMethods[K]["params"]): void {
    for (const host of this.#hosts) void host.call(method, params, this.#callTimeoutMs).catch(() => {});
  }

  /** Counters by host process. */
  async stats(timeoutMs: number) {
    return Promise.all(
      this.#hosts.map(async (host) => ({ pid: host.pid, ...(await host.call("stats", {}, timeoutMs)) })),
    );
  }

  /** What the tasks measure, and the hosts there are. One that does not answer in time says nothing of its tasks. */
  async metrics(timeoutMs: number): Promise<{ hosts: HostMetrics[]; tasks: TaskMetrics[] }> {
    const hosts = this.#hosts.map((host) => {
      const { tasks, connectors } = host.load();
      return { pid: host.pid, busy: Math.round(host.busy * 1_000) / 1_000, connectors, tasks };
    });
    const busy = this.#hosts.filter(({ work }) => work.size > 0);
    // One that still loads its plugins answers nothing, for as long as that takes.
    const over = new AbortController();
    const late = this.#deps.clock.sleep(timeoutMs, over.signal).catch(() => {});
    const nothing = { tasks: [] };
    const answers = await Promise.all(
      busy.map(async (host) => {
        const answer = host.call("metrics", {}, timeoutMs).catch(() => nothing);
        return (await Promise.race([answer, late])) ?? nothing;
      }),
    );
    over.abort();
    return { hosts, tasks: answers.flatMap(({ tasks }) => tasks) };
  }

  /** Hosts started so far. */
  get starts(): number {
    return this.#nextId - 1;
  }

  /** Share of the processors that are there for hosts, 0 to 1. */
  busy(): number {
    const used = this.#hosts.reduce((sum, host) => sum + host.busy, 0);
    return Math.min(1, Math.round((used / this.#deps.worker.hosts) * 100) / 100);
  }

  close(): void {
    this.#closed = true;
    this.#cancelIdle();
    this.#cancelStandBy();
    for (const host of this.#hosts.splice(0)) host.end(retired("the runner has ended"));
  }

  get #callTimeoutMs(): number {
    return this.#deps.worker.taskHostBlockedMs + CALL_SLACK_MS;
  }

  #hostOf(key: string): Host | undefined {
    return this.#hosts.find((host) => host.work.has(key));
  }

  #remember(key: string, id: number): void {
    this.#last.delete(key);
    this.#last.set(key, id);
    const [oldest] = this.#last.keys();
    if (this.#last.size > LAST_MAX && oldest !== undefined) this.#last.delete(oldest);
  }

  #endUseless(): void {
    for (const id of useless(this.#loads())) {
      const host = this.#hosts.find((each) => each.id === id)!;
      this.#hosts = this.#hosts.filter((other) => other !== host);
      host.end(retired("it has no work any more"));
    }
  }

  /** One without work, whether it has had any or not. */
  #spare(): Host | undefined {
    return this.#hosts.find(({ work }) => work.size === 0);
  }

  #loads(): HostLoad[] {
    return this.#hosts.map((host) => host.load());
  }

  #standByLater(): void {
    this.#cancelStandBy();
    if (!isShared(this.#loads())) return;
    this.#cancelStandBy = this.#deps.clock.after(STAND_BY_AFTER_MS, () => {
      if (isShared(this.#loads()) && this.#spare() === undefined) this.#spawn();
    });
  }

  #endSpareLater(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#deps.clock.after(SPARE_IDLE_MS, () => this.#endIdleSpare());
  }

  /** Of a runner without work the one host stays: what comes next, question or work, finds it ready. */
  #endIdleSpare(): void {
    const spare = this.#spare();
    if (spare === undefined || spare.load().questions > 0 || this.#hosts.length === 1) return;
    if (isShared(this.#loads())) return;
    this.#hosts = this.#hosts.filter((other) => other !== spare);
    spare.end(retired("nobody asks it anything any more"));
  }

  #spawn(): Host {
    if (this.#closed) throw new ProtocolError("UNAVAILABLE", "This runner is shutting down");
    const { clock, handlers, worker, plugins, spawn } = this.#deps;
    const ended = (host: Host, end: HostEnd) => this.#ended(host, end);
    const broken = this.#broken;
    const host = new Host({ id: this.#nextId++, process: spawn(), worker, plugins, broken, handlers, clock, ended });
    this.#hosts.push(host);
    return host;
  }

  #ended(host: Host, end: HostEnd): void {
    const expected = !this.#hosts.includes(host);
    this.#hosts = this.#hosts.filter((other) => other !== host);
    if (this.#closed || expected) return;
    const { logger, lost } = this.#deps;
    const { reason, frames } = end;
    logger.error("a task host ended", { pid: host.pid, reason, frames, work: [...host.work.keys()] });
    lost(host, end);
  }
}
