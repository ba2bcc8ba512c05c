import { Windowed, type WindowSettings } from "@millrace/metrics";
import type { WorkState } from "@millrace/protocol";
import type { Clock } from "@millrace/time";

/** What only a sink's loop knows at the moment it is asked. */
export interface SinkPosition {
  readonly partitions: number;
  /** Given to the task and not committed. */
  readonly active: number;
  /** Still to be read, as far as the brokers have told: of all partitions, and of the one furthest behind. */
  readonly lag: number | null;
  readonly lagMax: number | null;
}

interface Step {
  readonly alias: string;
  readonly class: string;
  readonly version: string;
}

/** What a task is made of, as its metrics show it. */
export interface TaskParts {
  readonly type: "source" | "sink";
  /** Classes and versions by attribute. */
  readonly texts: Readonly<Record<string, string>>;
  readonly transforms: readonly Step[];
  readonly predicates: readonly Step[];
}

/**
 * What one task has done, whatever became of its attempts; read when somebody asks for metrics. Nothing here is called for
 * a single record, except where one fails.
 */
export class TaskStats {
  parts: TaskParts | null = null;
  recordsPolled = 0;
  /** Durable in Kafka, or taken by the sink. */
  recordsCommitted = 0;
  /** Dropped by transforms. */
  recordsFiltered = 0;
  /** Of keys and values. */
  bytes = 0;
  /** Polled and not durable. */
  active = 0;
  transactions = 0;
  /** All that these took together. */
  commitsMs = 0;
  commitFailures = 0;
  commitBatches = 0;
  /** Of a sink: answers that came too late. */
  commitSkips = 0;
  /** Failed attempts, retries included. */
  recordFailures = 0;
  /** Operations that failed for good. */
  recordErrors = 0;
  recordsSkipped = 0;
  retries = 0;
  errorsLogged = 0;
  deadLetterRequests = 0;
  deadLetterFailures = 0;
  /** Since the epoch; 0: none yet. */
  lastErrorMs = 0;
  /** How long the latest took. */
  lastCommitMs = 0;
  /** Since the epoch; 0: none yet. */
  lastCommitAtMs = 0;
  /** Since the epoch. */
  startedAtMs: number;
  /** Of the latest record that was given to the sink, since the epoch; null: none has one. */
  lastRecordMs: number | null = null;
  sinkPosition: (() => SinkPosition) | null = null;
  /** Of the last minute: records polled, records durable, bytes; times in milliseconds; sizes of batches and commits. */
  readonly recent;
  #clock: Clock;
  #state: WorkState = "UNASSIGNED";
  #stateSinceMs: number;
  #stateMs: Partial<Record<WorkState, number>> = {};

  constructor({ clock, window }: { readonly clock: Clock; readonly window: WindowSettings }) {
    const windowed = () => new Windowed(window);
    this.#clock = clock;
    this.#stateSinceMs = clock.monotonicMs();
    this.startedAtMs = clock.nowMs();
    this.recent = {
      polled: windowed(),
      committed: windowed(),
      bytes: windowed(),
      /** Of polls that gave records, or of puts. */
      callMs: windowed(),
      batchSizes: windowed(),
      active: windowed(),
      commitMs: windowed(),
      /** 1: it succeeded. */
      commits: windowed(),
      commitSkips: windowed(),
      commitSizes: windowed(),
      commitBatches: windowed(),
    };
  }

  /** An attempt begins: what the last one had not made durable is polled again. */
  began(): void {
    this.active = 0;
    this.startedAtMs = this.#clock.nowMs();
    this.sinkPosition = null;
  }

  entered(state: WorkState): void {
    const nowMs = this.#clock.monotonicMs();
    this.#stateMs[this.#state] = (this.#stateMs[this.#state] ?? 0) + nowMs - this.#stateSinceMs;
    this.#state = state;
    this.#stateSinceMs = nowMs;
  }

  get state(): WorkState {
    return this.#state;
  }

  /** Share of the time since the task came here, 0 to 1. */
  shareOf(state: WorkState): number {
    const inStateMs = this.#clock.monotonicMs() - this.#stateSinceMs;
    const spent = { ...this.#stateMs, [this.#state]: (this.#stateMs[this.#state] ?? 0) + inStateMs };
    const totalMs = Object.values(spent).reduce((total, ms) => total + ms, 0);
    return totalMs === 0 ? 0 : (spent[state] ?? 0) / totalMs;
  }

  /** A source's poll, and all that came of it is on its way; those `dropped` are done with. */
  polled(records: number, pollMs: number, bytes: number, dropped: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.recordsFiltered += dropped;
    this.active += records - dropped;
    this.recent.callMs.record(pollMs, nowMs);
    this.recent.active.record(this.active, nowMs);
    this.read(records, bytes);
  }

  /** A sink's poll, or a source's. */
  read(records: number, bytes: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.recordsPolled += records;
    this.bytes += bytes;
    this.recent.polled.record(records, nowMs);
    this.recent.bytes.record(bytes, nowMs);
    this.recent.batchSizes.record(records, nowMs);
  }

  /** A source's records are durable, all in one commit. */
  committed(records: number, commitMs: number, batches: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.recordsCommitted += records;
    this.active = Math.max(0, this.active - records);
    this.commitBatches += batches;
    this.recent.committed.record(records, nowMs);
    this.recent.active.record(this.active, nowMs);
    this.recent.commitSizes.record(records, nowMs);
    this.recent.commitBatches.record(batches, nowMs);
    this.commitSucceeded(commitMs);
  }

  /** A sink has taken these. */
  put(records: number, putMs: number, active: number, lastRecordMs: number | null): void {
    const nowMs = this.#clock.monotonicMs();
    this.recordsCommitted += records;
    this.lastRecordMs = lastRecordMs ?? this.lastRecordMs;
    this.recent.committed.record(records, nowMs);
    this.recent.callMs.record(putMs, nowMs);
    this.recent.active.record(active, nowMs);
  }

  commitSucceeded(commitMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.transactions++;
    this.commitsMs += commitMs;
    this.lastCommitMs = commitMs;
    this.lastCommitAtMs = this.#clock.nowMs();
    this.recent.commitMs.record(commitMs, nowMs);
    this.recent.commits.record(1, nowMs);
  }

  commitFailed(): void {
    this.commitFailures++;
    this.recent.commits.record(0, this.#clock.monotonicMs());
  }

  commitSkipped(): void {
    this.commitSkips++;
    this.recent.commitSkips.record(1, this.#clock.monotonicMs());
  }

  recordFailed(): void {
    this.recordFailures++;
  }

  recordSkipped(): void {
    this.recordsSkipped++;
  }

  recordErrored(): void {
    this.recordErrors++;
  }

  recordRetried(): void {
    this.retries++;
  }

  /** No attempt is left for a record. @param nowMs since the epoch. */
  gaveUp(nowMs: number): void {
    this.lastErrorMs = nowMs;
  }

  errorLogged(): void {
    this.errorsLogged++;
  }

  deadLetterRequested(): void {
    this.deadLetterRequests++;
  }

  deadLetterFailed(): void {
    this.deadLetterFailures++;
  }
}
