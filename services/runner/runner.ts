import type { Bus, Subscription } from "@millrace/bus";
import type { Logger } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import {
  type Assignment,
  assignmentEvent,
  assignmentVerify,
  isProtocolError,
  type Restarts,
  type RunnerMetrics,
  runnerAlive,
  runnerLogs,
  runnerMetrics,
  tasksPut,
  topicsAdd,
  topicsForgotten,
  type Work,
  type WorkReport,
} from "@millrace/protocol";
import type { LogLevels, WorkerConfig } from "@millrace/service";
import type { Clock, Random } from "@millrace/time";
import { type AssignedWork, takeAssignment } from "./assigned-work.ts";
import { afterCrash, type CrashHistory, NO_CRASHES } from "./crash-policy.ts";
import { respondForHosts } from "./handlers.ts";
import { Heartbeats } from "./heartbeats.ts";
import type { Host, HostProcess } from "./host.ts";
import { type HostEnd, traceOfEnd } from "./host-end.ts";
import { Hosts } from "./hosts.ts";
import type { ControlMethods } from "./ipc.ts";
import { groupOf } from "./isolation.ts";
import { LogRings } from "./log-rings.ts";
import type { Measured } from "./metric-pages.ts";
import { MetricSnapshots } from "./metric-snapshots.ts";
import { RunnerStats } from "./runner-stats.ts";
import type { PluginSources } from "./task-host/plugins.ts";
import { diffWork } from "./work-diff.ts";
import { workKey, workVersion } from "./work-key.ts";

export interface RunnerDeps {
  readonly bus: Bus;
  readonly worker: WorkerConfig;
  readonly plugins: PluginSources;
  readonly spawnHost: () => HostProcess;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Followed by the hosts. */
  readonly levels: LogLevels;
  readonly version: string;
}

export interface Runner {
  start(): Promise<void>;
  /** What it and its tasks have measured, in pages. */
  metrics(): Promise<readonly RunnerMetrics[]>;
  /** Drains: stops all work with its last commits, tells the scheduler, ends the hosts. */
  stop(): Promise<void>;
}

type Verify = ControlMethods["assignmentVerify"];

interface Entry {
  work: Work;
  /** Resolves when nothing of it runs any more; null while it is to run. */
  stopped: Promise<void> | null;
  report: WorkReport;
  readonly startedAtMs: number;
  /** It has been RUNNING or FAILED. */
  came: boolean;
  /** A leader said that it is not wanted here: it ends by itself. */
  revoked: boolean;
  crashes: CrashHistory;
}

const HEARTBEAT_TIMEOUT_MAX_MS = 3_000;
/** So many answers in a row may be lost before the session is over. */
const HEARTBEATS_PER_SESSION = 3;
const TOPICS_ADD_TIMEOUT_MS = 10_000;
/** A host that stands still for longer says nothing of its tasks this time. */
const METRICS_TIMEOUT_MS = 2_000;
/** What statuses hold of a reason: many tasks may be lost at once, and share a host. */
const REASON_CHARS_MAX = 200;
/** Connect's own; tasks have `task.shutdown.graceful.timeout.ms`. */
const CONNECTOR_STOP_TIMEOUT_MS = 5_000;

export function createRunner(deps: RunnerDeps): Runner {
  return new RunnerLoop(deps);
}

/**
 * The control process: assignment in, work started and stopped in task hosts, heartbeat out. Holds no plugin and no
 * Kafka client.
 *
 * `#assigned` is what should run, `#entries` what runs; the difference is acted on, stops before starts of the same key. While
 * nobody leads, what runs goes on (I11); an assignment with an older (epoch, sequence) is ignored.
 */
class RunnerLoop implements Runner {
  #deps: RunnerDeps;
  #id: string;
  #hosts: Hosts;
  #entries = new Map<string, Entry>();
  #assigned: AssignedWork | null = null;
  #subscriptions: Subscription[] = [];
  #draining = false;
  readonly #heartbeats: Heartbeats;
  #stats: RunnerStats;
  #metrics: MetricSnapshots;
  #logs = new LogRings();
  #stopTimer = () => {};
  #unfollowLevels = () => {};

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    const { metricsSampleWindowMs: sampleMs, metricsNumSamples: samples } = deps.worker;
    this.#stats = new RunnerStats({ clock: deps.clock, window: { sampleMs, samples } });
    this.#metrics = new MetricSnapshots({ clock: deps.clock, measure: () => this.#measure() });
    this.#id = `r-${Math.floor(deps.random() * 2 ** 48).toString(36)}`;
    this.#heartbeats = new Heartbeats({
      bus: deps.bus,
      timeoutMs: Math.min(HEARTBEAT_TIMEOUT_MAX_MS, deps.worker.sessionTimeoutMs / HEARTBEATS_PER_SESSION),
      state: () => this.#state(),
      reports: () => new Map([...this.#entries].map(([key, { report }]) => [key, report])),
      assigned: (assignment) => this.#apply(assignment),
      unanswered: (error) => deps.logger.debug("no scheduler took the heartbeat", { error: String(error) }),
    });
    this.#hosts = new Hosts({
      spawn: deps.spawnHost,
      worker: deps.worker,
      plugins: deps.plugins,
      clock: deps.clock,
      logger: deps.logger,
      lost: (host, end) => this.#hostLost(host, end),
      handlers: {
        report: ({ report }) => this.#reported(report),
        tasksPut: ({ timeoutMs, ...put }) => deps.bus.request(tasksPut, put, { timeoutMs }),
        topicsAdd: (used) => deps.bus.request(topicsAdd, used, { timeoutMs: TOPICS_ADD_TIMEOUT_MS }),
        reload: ({ key }) => this.#reload(key),
        logged: ({ lines }) => this.#logs.add(lines),
        assignmentVerify: (question) => this.#verify(question),
      },
    });
  }

  async start(): Promise<void> {
    const { bus, clock, worker, levels } = this.#deps;
    this.#subscriptions = [
      await bus.subscribe(assignmentEvent(this.#id), (assignment) => this.#apply(assignment)),
      await bus.respond(runnerAlive(this.#id), () => ({})),
      await bus.subscribe(topicsForgotten, (message) => this.#hosts.tell("topicsForgotten", message)),
      ...(await respondForHosts({ runner: this.#id, bus, hosts: this.#hosts })),
      await bus.respond(runnerLogs(this.#id), (question) => this.#logs.tail(question)),
      await bus.respond(runnerMetrics(this.#id), ({ page }) => this.#metrics.page(page)),
    ];
    this.#unfollowLevels = levels.onChange(() => this.#hosts.tell("logLevels", { levels: levels.list() }));
    this.#stopTimer = clock.every(worker.heartbeatIntervalMs, () => this.#beat());
    this.#beat();
    // Warm: the first validation or task finds a host that has loaded its plugins.
    this.#hosts.warm();
  }

  metrics(): Promise<readonly RunnerMetrics[]> {
    return this.#metrics.all();
  }

  async stop(): Promise<void> {
    this.#draining = true;
    this.#beat();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    await Promise.all(this.#stopTogether([...this.#entries.keys()]));
    this.#stopTimer();
    this.#unfollowLevels();
    await this.#heartbeats.leave();
    this.#hosts.close();
  }

  #apply(assignment: Assignment): void {
    const taken = takeAssignment(this.#assigned, assignment);
    if (taken.is === "unfit") this.#beat();
    if (taken.is !== "newer") return;
    failPoint("runner.assignment.received");
    this.#assigned = taken.assigned;
    const sinceMs = this.#deps.clock.monotonicMs();
    this.#startAgain(assignment.work.map(workKey).filter((key) => this.#entries.get(key)?.revoked));
    this.#reconcile();
    // What stopped has been followed by what starts in its place.
    const stopping = [...this.#entries.values()].flatMap(({ stopped }) => stopped ?? []);
    void Promise.all(stopping).then(() => this.#stats.rebalanced(sinceMs));
    failPoint("runner.assignment.applied");
  }

  #reconcile(): void {
    if (this.#draining || this.#assigned === null) return;
    const entries = [...this.#entries].map(([key, { work }]) => ({
      key,
      version: workVersion(work),
      targetState: work.targetState,
    }));
    const { stop, start, target } = diffWork(entries, this.#assigned.work);
    // What stops already reconciles when it has: asking again here would never end.
    const running = stop.filter((key) => this.#entries.get(key)?.stopped === null);
    this.#stopTogether(running).forEach((stopped) => void stopped.then(() => this.#reconcile()));
    for (const { key, targetState } of target) {
      const entry = this.#entries.get(key)!;
      entry.work = { ...entry.work, targetState };
      void this.#hosts.target(key, targetState).catch(() => {});
    }
    for (const work of start) if (!this.#entries.has(workKey(work))) void this.#startWork(work);
    this.#beat();
  }

  /** @param restarts those that a lost host had counted, and this one. */
  async #startWork(work: Work, restarts: Restarts | null = null, crashes = NO_CRASHES): Promise<void> {
    const key = workKey(work);
    const generation = work.kind === "task" ? work.generation : work.configVersion;
    const task = work.kind === "task" ? work.task : null;
    const { connector, restart } = work;
    const report: WorkReport = {
      ...{ connector, task, generation, restart },
      ...{ state: "UNASSIGNED", active: true, trace: null, version: null },
      ...(restarts === null ? {} : { restarts: { ...restarts, nextMs: null } }),
    };
    const entry: Entry = {
      work,
      stopped: null,
      report,
      startedAtMs: this.#deps.clock.monotonicMs(),
      came: false,
      revoked: false,
      crashes,
    };
    this.#entries.set(key, entry);
    this.#stats.started(work.kind);
    failPoint("runner.work.before");
    try {
      await this.#hosts.start(work, crashes.group ?? groupOf(work), restarts);
    } catch (error) {
      // The host ended while it got the work: `lost` starts it again.
      if (isProtocolError(error) && error.code === "UNAVAILABLE") return;
      if (this.#entries.get(key) !== entry) return;
      this.#deps.logger.error("work could not be started", { key, error: String(error) });
      this.#reported({ ...report, state: "FAILED", active: false, trace: String(error) });
    }
  }

  /** What stops together has one deadline; what stops already keeps its own. */
  #stopTogether(keys: readonly string[]): Promise<void>[] {
    const nowMs = this.#deps.clock.monotonicMs();
    const deadlines = {
      task: nowMs + this.#deps.worker.taskShutdownGracefulTimeoutMs,
      connector: nowMs + CONNECTOR_STOP_TIMEOUT_MS,
    };
    return keys.map((key) => {
      const entry = this.#entries.get(key)!;
      entry.stopped ??= this.#hosts.stop(key, deadlines[entry.work.kind]).then(() => {
        this.#entries.delete(key);
        failPoint("runner.work.stopped");
        this.#beat();
      });
      return entry.stopped;
    });
  }

  /** What ran there starts again, when and beside whom `afterCrash` says. What had failed runs nowhere, and stays failed. */
  #hostLost(host: Host, end: HostEnd): void {
    failPoint("runner.host.lost");
    this.#stats.hostEnded(end);
    const { clock, random, worker } = this.#deps;
    const entries = [...host.work.keys()].flatMap((key) => this.#entries.get(key) ?? []);
    const ran = entries.filter(({ report }) => report.state !== "FAILED" || report.active);
    const lost = new Map(ran.filter(({ stopped }) => stopped === null).map((entry) => [workKey(entry.work), entry]));
    const { culprit, kind } = end;
    const nowMs = clock.monotonicMs();
    const others = ran.length - lost.size;
    const crash = { host: host.id, culprit, kind, others, nowMs, random: random() };
    for (const { work } of lost.values()) this.#logs.hostEnded(work, end, clock.nowMs());
    const works = [...lost].map(([key, { crashes, startedAtMs }]) => {
      return { key, history: crashes, ranMs: nowMs - startedAtMs };
    });
    const settings = {
      autoRestart: worker.autoRestart,
      fatalMax: worker.autoRestartFatalMax,
      initialMs: worker.autoRestartBackoffInitialMs,
      maxMs: worker.autoRestartBackoffMaxMs,
    };
    for (const { key, history, delayMs } of afterCrash(crash, works, settings)) {
      const entry = lost.get(key)!;
      entry.crashes = history;
      if (delayMs === null) this.#fail(entry, end);
      else this.#startLater(entry, end, delayMs);
    }
    this.#beat();
  }

  #fail(entry: Entry, end: HostEnd): void {
    const { restarts, ...report } = entry.report;
    const shown = restarts === undefined ? {} : { restarts: { ...restarts, nextMs: null } };
    entry.report = { ...report, state: "FAILED", active: false, trace: traceOfEnd(end), ...shown };
  }

  #startLater(entry: Entry, end: HostEnd, delayMs: number): void {
    const { clock } = this.#deps;
    const count = (entry.report.restarts?.count ?? 0) + 1;
    const reason = `host: The task host ended: ${end.reason}`.slice(0, REASON_CHARS_MAX);
    const restarts = { count, reason, nextMs: clock.nowMs() + delayMs };
    entry.report = { ...entry.report, state: "RESTARTING", active: false, trace: traceOfEnd(end), restarts };
    clock.after(delayMs, () => {
      if (this.#entries.get(workKey(entry.work)) !== entry || entry.stopped !== null || this.#draining) return;
      this.#stats.workRestarted();
      void this.#startWork(entry.work, restarts, entry.crashes);
    });
  }

  #reported(report: WorkReport): Record<string, never> {
    const entry = this.#entries.get(workKey(report));
    if (
      entry !== undefined &&
      entry.report.generation === report.generation &&
      entry.report.restart === report.restart
    ) {
      if (["RUNNING", "FAILED"].includes(report.state) && !entry.came) {
        entry.came = true;
        this.#stats.came(entry.work.kind, report.state === "RUNNING");
      }
      entry.report = report;
      failPoint("runner.work.reported");
      this.#beat();
    }
    return {};
  }

  /**
   * Work may be taken from here and come back while this runner hears of neither. A task that asks in between is told that it
   * is revoked, and ends; once an assignment names it that is newer than the question, it has to start again.
   */
  async #verify({ timeoutMs, ...task }: Verify["params"]): Promise<Verify["result"]> {
    const key = workKey(task);
    const [entry, assigned] = [this.#entries.get(key), this.#assigned];
    const answer = await this.#deps.bus.request(assignmentVerify, { runner: this.#id, ...task }, { timeoutMs });
    if (answer.verdict !== "revoked" || entry === undefined || this.#entries.get(key) !== entry) return answer;
    entry.revoked = true;
    if (this.#assigned !== assigned) this.#startAgain([key]);
    return answer;
  }

  #reload(key: string): Record<string, never> {
    this.#startAgain([key]);
    return {};
  }

  /** As after a change: it stops, and what is assigned starts. */
  #startAgain(keys: readonly string[]): void {
    if (this.#draining) return;
    const running = keys.filter((key) => this.#entries.get(key)?.stopped === null);
    this.#stopTogether(running).forEach((stopped) => void stopped.then(() => this.#reconcile()));
  }

  async #measure(): Promise<Measured> {
    const { worker, version } = this.#deps;
    const { hosts, tasks } = await this.#hosts.metrics(METRICS_TIMEOUT_MS);
    const entries = [...this.#entries.values()];
    const connectors = entries.filter(({ work }) => work.kind === "connector").length;
    const groups = this.#stats.groups({
      connectors,
      tasks: entries.length - connectors,
      epoch: this.#assigned?.epoch ?? 0,
      rebalancing: entries.some(({ stopped }) => stopped !== null),
      hosts: hosts.length,
      hostStarts: this.#hosts.starts,
      busy: this.#hosts.busy(),
    });
    return { about: { runner: this.#id, workerId: worker.workerId, version, groups, hosts }, entries, tasks };
  }

  #beat(): void {
    this.#heartbeats.beat();
  }

  #state() {
    const { worker, version } = this.#deps;
    return {
      runner: this.#id,
      workerId: worker.workerId,
      version,
      hosts: worker.hosts,
      busy: this.#hosts.busy(),
      draining: this.#draining,
      applied: this.#assigned && { epoch: this.#assigned.epoch, sequence: this.#assigned.sequence },
    };
  }
}
