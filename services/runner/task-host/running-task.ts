import type { Logger } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import {
  ProtocolError,
  type Restarts,
  type TargetState,
  type TaskMetrics,
  type TaskStats as TaskStatsEntry,
  type TaskWork,
  type WorkReport,
  type WorkState,
} from "@millrace/protocol";
import type { Secrets } from "@millrace/service";
import { backoffMs } from "@millrace/time";
import { workKey } from "../work-key.ts";
import { Activity, inActivity } from "./activity.ts";
import { AutoRestarts } from "./auto-restarts.ts";
import type { HostEnvironment } from "./environment.ts";
import { TaskPluginMetrics } from "./plugin-metrics.ts";
import { ReloadWatch } from "./reload-watch.ts";
import { hidingLogger } from "./secrets.ts";
import { startSinkTask } from "./sink/start-sink-task.ts";
import { startSourceTask } from "./source/start-source-task.ts";
import { TaskControl } from "./task-control.ts";
import { taskMetricGroups } from "./task-metrics.ts";
import { connectorPlugin } from "./task-plugins.ts";
import { TaskStats } from "./task-stats.ts";
import { checkTasksMax } from "./tasks-max.ts";
import { TopicTracker } from "./topic-tracker.ts";
import { traceOf } from "./trace.ts";

/** What running work needs of the runner's control process. */
export interface ControlLink {
  report(report: WorkReport): void;
  tasksPut(put: {
    name: string;
    configVersion: number;
    configs: Record<string, string>[];
    timeoutMs: number;
  }): Promise<{ changed: boolean; tasksVersion: number }>;
  topicsAdd(used: { connector: string; topics: string[] }): Promise<unknown>;
  /** This work is to be stopped and started: what config providers gave to it is out of date. */
  reload(key: string): void;
  assignmentVerify(task: {
    connector: string;
    task: number;
    generation: number;
    timeoutMs: number;
  }): Promise<{ verdict: "valid" | "new-generation" | "revoked" }>;
}

const VERIFY_BACKOFF = { initialMs: 100, maxMs: 1_000 };
/** A leader that dies over the question answers never; one that is slow gets more time with each. */
const VERIFY_TIMEOUT = { initialMs: 1_000, maxMs: 10_000, jitter: 0 };

/**
 * One task of one generation, from start to end.
 *
 *            ┌──────────── trouble that may pass: new producer, offsets re-read ──────────┐
 *            ▼                                                                            │
 *   UNASSIGNED ──started──▶ RUNNING ⇄ PAUSED ──────────▶ RESTARTING ──backoff─────────────┘
 *            │                 └──anything else──▶ FAILED (stays until restarted or taken away)
 *            └──not ours any more──▶ UNASSIGNED, released          any ──stop──▶ UNASSIGNED, released
 *
 * `restart-policy.ts` says which failure is which.
 */
export class RunningTask {
  readonly stats: TaskStats;
  readonly #tracker: TopicTracker;
  #env: HostEnvironment;
  #work: TaskWork;
  #link: ControlLink;
  #logger: Logger;
  #control: TaskControl;
  #restarts: AutoRestarts;
  #reload: ReloadWatch;
  #activity: Activity;
  /** Ends the attempt that runs. */
  #throw: (error: unknown) => void = () => {};
  #ended: Promise<void>;
  #version: string | null = null;
  #trace: string | null = null;
  #released = false;
  #secrets: readonly Secrets[] = [];
  /** Of the attempt that runs. */
  #pluginMetrics: TaskPluginMetrics | null = null;

  /** @param restarts of the same work in a host that has ended. */
  constructor(env: HostEnvironment, work: TaskWork, link: ControlLink, restarts: Restarts | null = null) {
    this.#env = env;
    this.#work = work;
    this.#link = link;
    const { metricsSampleWindowMs: sampleMs, metricsNumSamples: samples } = env.worker;
    this.stats = new TaskStats({ clock: env.clock, window: { sampleMs, samples } });
    this.#logger = env.logger.child({ connector: work.connector, task: work.task, generation: work.generation });
    this.#tracker = new TopicTracker({
      enabled: env.worker.topicTrackingEnable,
      add: (topics) => link.topicsAdd({ connector: work.connector, topics }),
    });
    this.#restarts = new AutoRestarts(env, restarts);
    const reload = () => link.reload(workKey(work));
    this.#reload = new ReloadWatch({ clock: env.clock, logger: this.#logger, reload });
    this.#activity = new Activity(workKey(work));
    this.#control = this.#newControl(work.targetState);
    this.#report("UNASSIGNED", true);
    this.#ended = this.#run();
  }

  setTarget(target: TargetState): void {
    this.#control.setTarget(target);
  }

  /** The scheduler has forgotten which topics this connector uses. */
  topicsForgotten(connector: string): void {
    if (connector === this.#work.connector) this.#tracker.forget();
  }

  /** Resolves when the task holds nothing any more, or has been cancelled after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.#reload.close();
    this.#control.stop();
    const late = new AbortController();
    const deadline = this.#env.clock.sleep(timeoutMs, late.signal).then(
      () => this.#cancel(),
      () => {},
    );
    await Promise.race([this.#ended, deadline]);
    late.abort();
  }

  /** Code that the task had started threw where nobody could catch it: in a timer, say. */
  threw(error: unknown): void {
    this.#throw(error);
  }

  /** Without what config providers gave (I9). */
  hide(text: string): string {
    return this.#secrets.reduce((hidden, secrets) => secrets.hide(hidden), text);
  }

  entry(): TaskStatsEntry {
    const { connector, task } = this.#work;
    const { recordsCommitted, recordsPolled, recordFailures, recordsSkipped, transactions, lastCommitMs } = this.stats;
    const records = { recordsPolled, recordsCommitted, recordFailures, recordsSkipped };
    return { connector, task, ...records, transactions, lastCommitMs };
  }

  metrics(): TaskMetrics {
    const { connector, task, generation } = this.#work;
    const { clock } = this.#env;
    const { parts } = this.stats;
    const type = parts?.type ?? "source";
    const plugin = this.#pluginMetrics?.read() ?? [];
    const { restarts } = this.#restarts.shown(false);
    const times = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    const measured = { type, stats: this.stats, restarts: restarts?.count ?? 0, plugin, ...times };
    return {
      ...{ connector, task, generation, type, plugin, state: this.stats.state },
      groups: parts === null ? {} : taskMetricGroups(measured),
      transforms: [...(parts?.transforms ?? [])],
      predicates: [...(parts?.predicates ?? [])],
    };
  }

  #cancel(): void {
    this.#logger.warn("the task did not stop in time and was cancelled: what it has not committed is given up");
    this.#control.cancel();
    this.#report("UNASSIGNED", false);
  }

  async #run(): Promise<void> {
    for (;;) {
      try {
        await this.#attemptUntilThrown();
        return this.#report("UNASSIGNED", false);
      } catch (error) {
        if (this.#control.stopping) {
          this.#logger.warn("the task failed while it was being stopped", { error: this.hide(String(error)) });
          return this.#report("UNASSIGNED", false);
        }
        if (error instanceof NotOursError) {
          this.#logger.info(error.message);
          return this.#report("UNASSIGNED", false);
        }
        this.#trace = this.hide(traceOf(error));
        const delayMs = this.#restarts.failed(error, (text) => this.hide(text));
        if (delayMs === null) {
          this.#logger.error("the task failed", { trace: this.#trace });
          return this.#report("FAILED", false);
        }
        const warning = { delayMs, error: this.hide(String(error)) };
        this.#logger.warn("the task starts again from its committed offsets", warning);
        this.#report("RESTARTING", true);
        await this.#control.whileBackingOff(delayMs, this.#env.clock);
        await this.#control.whilePaused();
      }
    }
  }

  /** After `threw`, what is left of the attempt is cancelled: it commits nothing more and is heard no more. */
  async #attemptUntilThrown(): Promise<void> {
    const control = this.#control;
    const attempt = inActivity(this.#activity, () => this.#attempt());
    const thrown = new Promise<never>((_, reject) => {
      this.#throw = (error) => {
        attempt.catch(() => {});
        if (!control.stopping) this.#control = this.#newControl(control.target);
        control.cancel();
        reject(error);
      };
    });
    try {
      await Promise.race([attempt, thrown]);
    } finally {
      this.#throw = () => {};
    }
  }

  #newControl(target: TargetState): TaskControl {
    const control = new TaskControl(target, (state) => {
      if (this.#control === control) this.#report(state, true);
    });
    return control;
  }

  async #attempt(): Promise<void> {
    if (this.#control.stopping) return;
    failPoint("source.attempt.before");
    const { providers } = this.#env;
    const { config, taskConfig: ownConfig } = this.#work;
    const { config: connectorConfig, secrets, reload } = await providers.reveal(config);
    const { config: taskConfig, secrets: ownSecrets, reload: ownReload } = await providers.reveal(ownConfig);
    this.#secrets = [secrets, ownSecrets];
    if (!this.#control.stopping) this.#reload.watch(connectorConfig, [reload, ownReload]);
    const plugin = connectorPlugin(this.#env, connectorConfig);
    this.#version = plugin.version;
    const { connector, task, generation, tasks } = this.#work;
    const excess = checkTasksMax(connector, tasks, connectorConfig);
    if (excess !== null) this.#logger.warn(excess);
    const logger = this.#secrets.reduce<Logger>(
      hidingLogger,
      this.#env.logger.child({ connector, task, generation }, plugin.class),
    );
    this.stats.began();
    const metrics = new TaskPluginMetrics(logger);
    this.#pluginMetrics = metrics;
    const tracer = this.#env.tracing?.forTask({ connector, task, generation }) ?? null;
    const tools = { stats: this.stats, metrics, tracer, tracker: this.#tracker, activity: this.#activity, logger };
    const hide = (text: string) => this.hide(text);
    const shared = { work: this.#work, connectorConfig, taskConfig, ...tools, hide };
    try {
      if (plugin.type === "sink") return await startSinkTask(this.#env, { ...shared, plugin }, this.#control);
      const verifyAssignment = () => this.#verifyAssignment();
      return await startSourceTask(this.#env, { ...shared, plugin, verifyAssignment }, this.#control);
    } finally {
      await tracer?.flush();
    }
  }

  /**
   * After initTransactions. A host that was paused while its task moved on would fence the new owner here; it learns that
   * the task isn't its own before it sends anything, and the new owner starts again (I3).
   */
  async #verifyAssignment(): Promise<void> {
    const { connector, task, generation } = this.#work;
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = backoffMs(attempt, VERIFY_TIMEOUT, 0);
      try {
        const { verdict } = await this.#link.assignmentVerify({ connector, task, generation, timeoutMs });
        if (verdict === "valid") return;
        throw new NotOursError(
          verdict === "revoked"
            ? `Cannot start source task ${connector}-${task} as it has already been revoked from this worker`
            : `Cannot start source task ${connector}-${task} with exactly-once support as the connector has already generated a new set of task configs`,
        );
      } catch (error) {
        if (!(error instanceof ProtocolError) || !error.retriable) throw error;
        await this.#env.clock.sleep(backoffMs(attempt, VERIFY_BACKOFF, this.#env.random()), this.#control.signal);
      }
    }
  }

  #report(state: WorkState, active: boolean): void {
    // What a cancelled task still does is nobody's business: its key may run anew, and the reports be taken for that one's.
    if (this.#released) return;
    this.#released = !active;
    this.stats.entered(state);
    if (!active && state !== "FAILED") this.#reload.close();
    if (state === "RUNNING") {
      this.#trace = null;
      this.#restarts.running();
    }
    const { connector, task, generation, restart } = this.#work;
    const trace = state === "FAILED" || state === "RESTARTING" ? this.#trace : null;
    const shown = this.#restarts.shown(state === "RESTARTING");
    this.#link.report({ connector, task, generation, restart, state, active, trace, version: this.#version, ...shown });
  }
}

/** The leader says that this generation of the task runs elsewhere, or not at all. */
class NotOursError extends Error {}
