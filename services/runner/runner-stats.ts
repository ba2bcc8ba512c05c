import { type MetricGroups, Windowed, type WindowSettings } from "@millrace/metrics";
import type { Clock } from "@millrace/time";
import type { HostEnd } from "./host-end.ts";

type Kind = "connector" | "task";

interface Starts {
  attempts: number;
  succeeded: number;
  failed: number;
  /** 1: it succeeded. */
  readonly recent: Windowed;
}

/** What a runner's control process counts itself. */
export class RunnerStats {
  #clock: Clock;
  #starts: Readonly<Record<Kind, Starts>>;
  #hostCrashes = 0;
  #watchdogKills = 0;
  #workRestarts = 0;
  #rebalances = 0;
  #rebalanceMs: Windowed;
  #lastRebalanceMs: number | null = null;
  #startedMs: number;

  constructor({ clock, window }: { readonly clock: Clock; readonly window: WindowSettings }) {
    const starts = () => ({ attempts: 0, succeeded: 0, failed: 0, recent: new Windowed(window) });
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#starts = { connector: starts(), task: starts() };
    this.#rebalanceMs = new Windowed(window);
  }

  started(kind: Kind): void {
    this.#starts[kind].attempts++;
  }

  /** How a start came out. */
  came(kind: Kind, well: boolean): void {
    const starts = this.#starts[kind];
    if (well) starts.succeeded++;
    else starts.failed++;
    starts.recent.record(well ? 1 : 0, this.#clock.monotonicMs());
  }

  hostEnded({ kind }: HostEnd): void {
    this.#hostCrashes++;
    if (kind === "blocked") this.#watchdogKills++;
  }

  workRestarted(): void {
    this.#workRestarts++;
  }

  /** An assignment was taken on. */
  rebalanced(sinceMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#rebalances++;
    this.#lastRebalanceMs = nowMs;
    this.#rebalanceMs.record(nowMs - sinceMs, nowMs);
  }

  groups(of: {
    readonly connectors: number;
    readonly tasks: number;
    readonly epoch: number;
    readonly rebalancing: boolean;
    readonly hosts: number;
    readonly hostStarts: number;
    readonly busy: number;
  }): MetricGroups {
    const nowMs = this.#clock.monotonicMs();
    const { connectors, tasks } = of;
    return {
      "connect-worker-metrics": {
        "connector-count": connectors,
        "task-count": tasks,
        ...startMetrics("connector", this.#starts.connector, nowMs),
        ...startMetrics("task", this.#starts.task, nowMs),
      },
      "connect-worker-rebalance-metrics": {
        "connect-protocol": "millrace",
        "leader-name": "scheduler",
        epoch: of.epoch,
        "completed-rebalances-total": this.#rebalances,
        rebalancing: of.rebalancing ? 1 : 0,
        "rebalance-max-time-ms": finite(this.#rebalanceMs.max(nowMs)),
        "rebalance-avg-time-ms": finite(this.#rebalanceMs.average(nowMs)),
        "time-since-last-rebalance-ms": this.#lastRebalanceMs === null ? null : finite(nowMs - this.#lastRebalanceMs),
      },
      "app-info": { "start-time-ms": this.#startedMs },
      "connect-coordinator-metrics": { "assigned-connectors": connectors, "assigned-tasks": tasks },
      "millrace-runner-metrics": {
        hosts: of.hosts,
        "busy-ratio": of.busy,
        "host-starts-total": of.hostStarts,
        "host-crashes-total": this.#hostCrashes,
        "watchdog-kills-total": this.#watchdogKills,
        "work-restarts-total": this.#workRestarts,
      },
    };
  }
}

function startMetrics(kind: Kind, { attempts, succeeded, failed, recent }: Starts, nowMs: number) {
  const share = recent.average(nowMs);
  const [well, badly] = Number.isNaN(share) ? [0, 0] : [share, 1 - share];
  return {
    [`${kind}-startup-attempts-total`]: attempts,
    [`${kind}-startup-success-total`]: succeeded,
    [`${kind}-startup-success-percentage`]: Math.round(well * 10_000) / 10_000,
    [`${kind}-startup-failure-total`]: failed,
    [`${kind}-startup-failure-percentage`]: Math.round(badly * 10_000) / 10_000,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
}
