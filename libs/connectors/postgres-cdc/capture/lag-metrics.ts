import type { PluginMetrics, SourceRecord } from "@millrace/connect";

export interface LagMetricsDeps {
  readonly metrics: PluginMetrics;
  /** `topic.prefix`: by it Debezium's dashboards know a connector. */
  readonly name: string;
  readonly queue: { readonly size: number };
  readonly queueMax: number;
  readonly nowMs: () => number;
}

/** How far what is handed over is behind the database; under the names that Debezium's dashboards ask for, too. */
export class LagMetrics {
  #deps: LagMetricsDeps;
  #events = 0;
  /** When the latest change handed over was committed; null: none was. */
  #changedMs: number | null = null;
  #behindMs: number | null = null;
  #takenMs: number | null = null;
  #snapshotEnded = false;

  constructor(deps: LagMetricsDeps) {
    this.#deps = deps;
    const { metrics, name, queue, queueMax, nowMs } = deps;
    const gauge = (
      own: string,
      debezium: string,
      context: "streaming" | "snapshot",
      help: string,
      read: () => number | null,
    ) =>
      metrics.gauge(own, {
        help,
        read,
        alias: { name: `debezium_metrics_${debezium}`, labels: { context, name, plugin: "postgres" } },
      });
    metrics.gauge("lag_seconds", {
      help: "Age of the latest change when it was handed over; 0 while nothing is waiting.",
      read: () => (this.#behind() ?? Number.NaN) / 1_000,
    });
    gauge("behind_source", "MilliSecondsBehindSource", "streaming", "Age of the latest change, in milliseconds.", () =>
      this.#behind(),
    );
    gauge("events_seen", "TotalNumberOfEventsSeen", "streaming", "Records handed over.", () => this.#events);
    gauge("queue_capacity", "QueueTotalCapacity", "streaming", "Records that may wait.", () => queueMax);
    gauge("queue_room", "QueueRemainingCapacity", "streaming", "Records that may still come to those waiting.", () =>
      Math.max(0, queueMax - queue.size),
    );
    gauge(
      "since_last_event",
      "MilliSecondsSinceLastEvent",
      "streaming",
      "Since a record was handed over, in milliseconds.",
      () => (this.#takenMs === null ? null : nowMs() - this.#takenMs),
    );
    gauge("snapshot_ended", "SnapshotCompleted", "snapshot", "1: the stream is read.", () =>
      this.#snapshotEnded ? 1 : 0,
    );
  }

  /** What a poll gives; null: nothing has come for a while. */
  taken(records: readonly SourceRecord[] | null): void {
    const nowMs = this.#deps.nowMs();
    const last = records?.at(-1);
    if (last === undefined) {
      this.#behindMs = this.#changedMs === null ? null : 0;
      return;
    }
    this.#events += records?.length ?? 0;
    this.#takenMs = nowMs;
    const { ts_usec: committedUs, snapshot } = last.sourceOffset ?? {};
    this.#snapshotEnded = snapshot === undefined;
    if (typeof committedUs !== "number") return;
    this.#changedMs = committedUs / 1_000;
    this.#behindMs = Math.max(0, nowMs - this.#changedMs);
  }

  /** While changes wait, they grow older. */
  #behind(): number | null {
    const { queue, nowMs } = this.#deps;
    if (queue.size === 0 || this.#changedMs === null) return this.#behindMs;
    return Math.max(0, nowMs() - this.#changedMs);
  }
}
