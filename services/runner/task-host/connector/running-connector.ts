import type { Logger, SinkPlugin, SourcePlugin } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import {
  type ConnectorWork,
  isProtocolError,
  type Restarts,
  type TargetState,
  type WorkState,
} from "@millrace/protocol";
import { Secrets } from "@millrace/service";
import { backoffMs } from "@millrace/time";
import { workKey } from "../../work-key.ts";
import { Activity, inActivity, noted } from "../activity.ts";
import { AutoRestarts } from "../auto-restarts.ts";
import { allowedLayers } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { ReloadWatch } from "../reload-watch.ts";
import type { ControlLink } from "../running-task.ts";
import { hidingLogger } from "../secrets.ts";
import { openSourceOffsets } from "../source/start-source-task.ts";
import { connectorPlugin } from "../task-plugins.ts";
import { checkTasksMax, TooManyTasksError } from "../tasks-max.ts";
import { traceOf } from "../trace.ts";
import { completeTaskConfigs } from "./task-configs.ts";

type Connector = ReturnType<SourcePlugin["create"]> | ReturnType<SinkPlugin["create"]>;

const METHODS = ["start", "taskConfigs", "stop"] as const;
/** Stored twice is stored once: who was asked may have died over it, or be slow. */
const PUT_TIMEOUT = { initialMs: 4_000, maxMs: 25_000, jitter: 0 };
const RECONFIGURE_BACKOFF = { initialMs: 250, maxMs: 60_000 };

/**
 * One connector: decides which tasks there are.
 *
 *   UNASSIGNED ──start──▶ RUNNING ⇄ PAUSED, STOPPED
 *        │                 │ raiseError, or pausing fails
 *        │ start fails     ▼
 *        ├─ trouble that passes ──▶ RESTARTING ──backoff──▶ a new instance: RUNNING
 *        └─ anything else ────────▶ FAILED (takes no pause and no resume; stopping makes it STOPPED)
 *
 * Changes of state run one after the other in `#queue`.
 */
export class RunningConnector {
  #env: HostEnvironment;
  #work: ConnectorWork;
  #link: ControlLink;
  #logger: Logger;
  #stop = new AbortController();
  #queue: Promise<void>;
  /** Started, and not stopped since. */
  #connector: Connector | null = null;
  /** Started, or on its way: only its calls are heard. */
  #current: Connector | null = null;
  #plugin: SourcePlugin | SinkPlugin | null = null;
  #failure: "none" | "passing" | "final" = "none";
  #restarts: AutoRestarts;
  #cancelRestart = () => {};
  #released = false;
  #secrets = Secrets.none;
  #reload: ReloadWatch;
  #activity: Activity;
  #reconfiguring = false;
  #reconfigureAgain = false;

  /** @param restarts of the same work in a host that has ended. */
  constructor(env: HostEnvironment, work: ConnectorWork, link: ControlLink, restarts: Restarts | null = null) {
    this.#env = env;
    this.#work = work;
    this.#link = link;
    this.#logger = env.logger.child({ connector: work.connector });
    const reload = () => link.reload(workKey(work));
    this.#reload = new ReloadWatch({ clock: env.clock, logger: this.#logger, reload });
    // A connector starts seldom and does little: what fails there without a reason that passes needs a person at once.
    this.#restarts = new AutoRestarts(env, restarts, { fatalMax: 0 });
    this.#activity = new Activity(workKey(work));
    this.#report("UNASSIGNED", true, null);
    this.#queue = Promise.resolve();
    this.#next(() => this.#reach(work.targetState));
  }

  setTarget(target: TargetState): void {
    this.#next(() => this.#reach(target));
  }

  /** Code that the connector had started threw where nobody could catch it: in a timer, say. */
  threw(error: unknown): void {
    this.#fail(error);
  }

  /** Without what config providers gave (I9). */
  hide(text: string): string {
    return this.#secrets.hide(text);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stop.abort(new Error("the connector was asked to stop"));
    this.#cancelRestart();
    this.#reload.close();
    const late = new AbortController();
    this.#next(() => this.#discard());
    await Promise.race([this.#queue, this.#env.clock.sleep(timeoutMs, late.signal).catch(() => {})]);
    late.abort();
    this.#report("UNASSIGNED", false, null);
  }

  async #reach(target: TargetState): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (this.#failure === "final" && target !== "STOPPED") {
      this.#logger.error(`Cannot transition connector to ${target} since it has failed`);
      return;
    }
    this.#cancelRestart();
    try {
      if (target === "STARTED") await this.#start();
      else await this.#suspend(target);
      if (this.#failure !== "none") return;
      this.#report(target === "STARTED" ? "RUNNING" : target, true, null);
      if (target === "STARTED") void this.#reconfigure();
    } catch (error) {
      if (target === "STARTED") this.#fail(error);
      else this.#failForGood(error);
    }
  }

  async #start(): Promise<void> {
    if (this.#failure === "passing") await this.#discard();
    if (this.#connector !== null) return;
    this.#failure = "none";
    const { config, secrets, reload } = await this.#env.providers.reveal(this.#work.config);
    this.#secrets = secrets;
    if (!this.#stop.signal.aborted) this.#reload.watch(config, [reload]);
    this.#plugin = connectorPlugin(this.#env, config);
    const connector = noted(this.#activity, this.#plugin.create(), METHODS);
    this.#current = connector;
    const { clock } = this.#env;
    failPoint("connector.start.before");
    await connector.start(
      {
        connector: this.#work.connector,
        logger: hidingLogger(this.#logger, secrets),
        nowMs: () => clock.nowMs(),
        sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
        requestTaskReconfiguration: () => {
          if (this.#hears(connector, "request for task reconfiguration")) void this.#reconfigure();
        },
        raiseError: (error) => {
          if (this.#hears(connector, "request to fail the connector")) this.#fail(error);
        },
        offsets: {
          offset: (partition) => this.#offsets(config).offset(partition),
          offsets: (partitions) => this.#offsets(config).offsets(partitions),
        },
      },
      config,
    );
    failPoint("connector.start.after");
    this.#connector = connector;
    // Asked to stop while it started: `stop` waits in the queue, and nothing else is to be done with it.
    this.#stop.signal.throwIfAborted();
  }

  /** In Connect such a call throws. Here it would end the host, with all that runs in it, where nobody catches it. */
  #hears(connector: Connector, request: string): boolean {
    if (this.#current === connector && !this.#stop.signal.aborted) return true;
    const { connector: name } = this.#work;
    this.#logger.warn(
      `The ${request} has been rejected because this instance of the connector '${name}' has already been shut down.`,
    );
    return false;
  }

  /** Stopping counts as done however it ends; what cannot be paused has failed. */
  async #suspend(target: "PAUSED" | "STOPPED"): Promise<void> {
    this.#reload.close();
    if (target === "STOPPED" || this.#failure !== "none") await this.#discard();
    else {
      const connector = this.#connector;
      this.#connector = null;
      this.#current = null;
      await connector?.stop();
    }
    this.#failure = "none";
  }

  /** Also one that did not get as far as running: it may hold connections. */
  async #discard(): Promise<void> {
    const connector = this.#current;
    this.#connector = null;
    this.#current = null;
    failPoint("connector.stop.before");
    try {
      await connector?.stop();
    } catch (error) {
      this.#logger.error("stopping the connector failed", { error: this.#secrets.hide(String(error)) });
    }
  }

  /** Asks the connector for its task configs and stores them; a burst of requests is one more round. */
  async #reconfigure(): Promise<void> {
    if (this.#reconfiguring) {
      this.#reconfigureAgain = true;
      return;
    }
    this.#reconfiguring = true;
    try {
      do {
        this.#reconfigureAgain = false;
        await this.#putTasks();
      } while (this.#reconfigureAgain);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reconfiguring = false;
    }
  }

  /** Tried again without end while the connector runs: nobody else can make these configs. */
  async #putTasks(): Promise<void> {
    for (let attempt = 1; this.#connector !== null && !this.#stop.signal.aborted; attempt++) {
      try {
        const { connector: name, configVersion } = this.#work;
        const { config: resolved, secrets } = await this.#env.providers.reveal(this.#work.config);
        this.#secrets = secrets;
        const connector = this.#connector;
        if (connector === null) return;
        const made = await connector.taskConfigs(Number(resolved["tasks.max"] ?? 1));
        // Stopped, or replaced, meanwhile: its task configs are of no use.
        if (this.#connector !== connector || this.#stop.signal.aborted) continue;
        const excess = checkTasksMax(name, made.length, resolved);
        if (excess !== null) this.#logger.warn(excess);
        const configs = completeTaskConfigs(made, { raw: this.#work.config, resolved, secrets }, this.#plugin!);
        failPoint("connector.tasks.made");
        await this.#link.tasksPut({ name, configVersion, configs, timeoutMs: backoffMs(attempt, PUT_TIMEOUT, 0) });
        failPoint("connector.tasks.stored");
        return;
      } catch (error) {
        if (error instanceof TooManyTasksError) throw error;
        // Superseded: the scheduler is about to give this host the newer config, or the connector was stopped.
        if (isProtocolError(error) && (error.code === "CONFLICT" || error.code === "NOT_FOUND")) return;
        this.#logger.warn("making task configs failed and will be tried again", {
          error: this.#secrets.hide(String(error)),
        });
        const delayMs = backoffMs(attempt, RECONFIGURE_BACKOFF, this.#env.random());
        await this.#env.clock.sleep(delayMs, this.#stop.signal).catch(() => {});
      }
    }
  }

  #offsets(config: Record<string, string>) {
    const { worker } = this.#env;
    const layers = allowedLayers(worker, "source", config);
    const identity = { groupId: worker.groupId, connector: this.#work.connector, task: 0 };
    return openSourceOffsets(this.#env, this.#work.connector, layers, identity, this.#stop.signal);
  }

  #fail(error: unknown): void {
    if (this.#failure !== "none" || this.#stop.signal.aborted) return;
    const delayMs = this.#restarts.failed(error, (text) => this.#secrets.hide(text));
    if (delayMs === null) {
      this.#failForGood(error);
      return;
    }
    this.#failure = "passing";
    const trace = this.#secrets.hide(traceOf(error));
    this.#logger.warn("the connector starts again", { delayMs, trace });
    this.#report("RESTARTING", true, trace);
    this.#whilePassing(() => this.#discard());
    this.#cancelRestart = this.#env.clock.after(delayMs, () => this.#whilePassing(() => this.#reach("STARTED")));
  }

  /** Unless what is in the queue before it ends the waiting: a pause, a stop. */
  #whilePassing(act: () => Promise<void>): void {
    this.#next(async () => {
      if (this.#failure === "passing") await act();
    });
  }

  #next(act: () => Promise<void>): void {
    this.#queue = this.#queue.then(() => inActivity(this.#activity, act));
  }

  #failForGood(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#failure = "final";
    const trace = this.#secrets.hide(traceOf(error));
    this.#logger.error("the connector failed", { trace });
    this.#report("FAILED", true, trace);
  }

  #report(state: WorkState, active: boolean, trace: string | null): void {
    if (this.#released) return;
    this.#released = !active;
    if (state === "RUNNING") this.#restarts.running();
    const { connector, configVersion: generation, restart } = this.#work;
    const version = this.#plugin?.version ?? null;
    const shown = this.#restarts.shown(state === "RESTARTING");
    this.#link.report({ connector, task: null, generation, restart, state, active, trace, version, ...shown });
  }
}
