import {
  ConnectError,
  type Logger,
  type PluginMetrics,
  type SinkOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTopicPartition,
  type TaskConfig,
} from "@millrace/connect";
import type { ConsumedRecord, Consumer } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import { OneAtATime } from "../one-at-a-time.ts";
import type { SinkDecoder } from "../stages/decode.ts";
import type { TaskControl } from "../task-control.ts";
import type { SinkPosition, TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import type { TaskTracer } from "../tracing/task-tracer.ts";
import { decodeBatch } from "./decode-batch.ts";
import type { SinkErrors } from "./open-sink-errors.ts";
import { partitionKey, samePartition } from "./partition-key.ts";
import { type PutDeps, putBatch } from "./put-batch.ts";
import { EMPTY_BATCH, joined, withoutPartitions } from "./sink-batch.ts";
import { SinkCommits } from "./sink-commits.ts";
import { SinkOffsets } from "./sink-offsets.ts";
import { SinkRequests } from "./sink-requests.ts";
import { type SinkTopics, TopicSubscription } from "./topic-subscription.ts";

export interface SinkTaskDeps {
  readonly connector: string;
  readonly taskId: number;
  readonly config: TaskConfig;
  readonly task: SinkTask;
  readonly decoder: SinkDecoder;
  /** Told before each batch that is decoded: from then on it is a converter or transform that runs. */
  readonly decoding: () => void;
  readonly openErrors: () => Promise<SinkErrors>;
  readonly openConsumer: () => Promise<Consumer>;
  readonly topics: SinkTopics;
  readonly listTopics: () => Promise<readonly string[]>;
  readonly recordsMax: number;
  readonly flushIntervalMs: number;
  readonly flushTimeoutMs: number;
  /** The task gets a reporter: its reports would reach somebody. */
  readonly errantRecords: boolean;
  /** `millrace.put.isolate`. */
  readonly isolate: boolean;
  readonly stats: TaskStats;
  readonly metrics: PluginMetrics;
  readonly tracer: TaskTracer | null;
  readonly tracker: TopicTracker;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The longest wait in one `consumer.poll`: how soon a stop or a pause is noticed. */
const POLL_MAX_MS = 250;
/** Between a `put` that failed retriably and the next, unless the task asks for another. */
const PUT_RETRY_MS = 250;

/**
 * THE SINK LOOP: consume → converters → transforms → put → preCommit → commit.
 *
 *   READING ──put asks for a retry──▶ HOLDING (partitions paused, `#batch` is put again) ──put succeeds──▶ READING
 *
 * PAUSED is beside it: nothing is read; commits and empty puts go on. Rebalances are told at any time: what they and the
 * loop do to the task takes turns in `#calls`. A commit is on its way while the loop goes on (`SinkCommits`).
 */
export class WorkerSinkTask {
  #deps: SinkTaskDeps;
  #control: TaskControl;
  #errors!: SinkErrors;
  #consumer!: Consumer;
  #subscription!: TopicSubscription;
  #requests!: SinkRequests;
  #commits!: SinkCommits;
  #calls: OneAtATime;
  /** Ours, as far as the task was told. */
  #assigned = new Map<string, SinkTopicPartition>();
  #offsets = new SinkOffsets();
  /** Of ours, those of which it is not known yet where reading begins. */
  #unread = new Map<string, SinkTopicPartition>();
  #batch = EMPTY_BATCH;
  #holding = false;
  #putAfterMs = 0;
  #paused = false;
  /** Raised when partitions are given up: records polled before may not be ours any more. */
  #releases = 0;
  /** What the task threw in a rebalance: the end of it, once the poll is over. */
  #rebalanceFailure: { readonly error: unknown } | null = null;

  constructor(deps: SinkTaskDeps, control: TaskControl) {
    this.#deps = deps;
    this.#control = control;
    this.#calls = new OneAtATime(control.cancelled);
  }

  /** Ends when asked to, with a final commit; throws when the task has failed. */
  async run(): Promise<void> {
    const { openErrors, openConsumer } = this.#deps;
    await this.#control.whilePaused();
    if (this.#control.stopping) return;
    this.#errors = await openErrors();
    try {
      this.#consumer = await openConsumer();
      // A task that hangs must not keep its partitions.
      const leave = () => void this.#consumer.close();
      this.#control.cancelled.addEventListener("abort", leave, { once: true });
      try {
        this.#open();
        await this.#deps.task.start(this.#requests.context);
        await this.#subscription.open();
        this.#deps.stats.sinkPosition = () => this.#position();
        this.#control.report("RUNNING");
        while (!this.#control.stopping) await this.#iterate();
      } finally {
        await this.#end();
        this.#control.cancelled.removeEventListener("abort", leave);
      }
    } finally {
      await this.#errors.close();
    }
  }

  /** Connect's order: last commit, `close`, `stop`; the group is left after that. */
  async #end(): Promise<void> {
    const { task, logger } = this.#deps;
    const failed = (error: unknown) => logger.error("stopping the task failed", { error });
    await this.#calls.run(() => this.#release(this.#partitions(), false)).catch(failed);
    await this.#calls.close();
    await (async () => task.stop())().catch(failed);
    await this.#consumer.close();
  }

  async #iterate(): Promise<void> {
    await this.#calls.run(async () => {
      const followed = this.#followTarget();
      if (this.#commits.due(this.#requests.commitRequested)) await this.#commit();
      if (followed) this.#control.report(this.#paused ? "PAUSED" : "RUNNING");
      await this.#rewind(this.#requests.takeRewinds());
    });
    await this.#subscription.follow();
    await this.#read(this.#waitMs());
    await this.#calls.run(() => this.#put());
    await this.#errors.room();
  }

  /** @returns whether the target state has changed. */
  #followTarget(): boolean {
    if (this.#control.paused === this.#paused) return false;
    this.#paused = this.#control.paused;
    if (this.#paused) {
      this.#consumer.pause(this.#partitions());
      this.#requests.requestCommit();
    } else if (!this.#holding) this.#resume();
    return true;
  }

  async #commit(): Promise<void> {
    this.#requests.commitBegun();
    const back = await this.#commits.begin();
    this.#batch = withoutPartitions(this.#batch, back);
    for (const offset of back) await this.#consumer.seek(offset);
  }

  async #rewind(rewinds: readonly SinkOffset[]): Promise<void> {
    for (const rewind of rewinds) {
      if (!this.#assigned.has(partitionKey(rewind))) {
        this.#deps.logger.warn(`${this} Cannot rewind a partition that is not assigned`, { ...rewind });
        continue;
      }
      this.#offsets.rewind(rewind);
      this.#batch = withoutPartitions(this.#batch, [rewind]);
      await this.#consumer.seek(rewind);
    }
  }

  #waitMs(): number {
    const nowMs = this.#deps.clock.monotonicMs();
    const putInMs = this.#holding ? this.#putAfterMs - nowMs : this.#requests.takeTimeoutMs() || POLL_MAX_MS;
    return Math.max(0, Math.min(POLL_MAX_MS, this.#commits.dueAtMs - nowMs, putInMs));
  }

  /** What is polled is never put aside: it joins a batch that is held (I5). */
  async #read(waitMs: number): Promise<void> {
    const { decoder, tracker, tracer, stats, recordsMax } = this.#deps;
    const releases = this.#releases;
    const polled = await this.#consumer.poll(recordsMax, waitMs);
    if (this.#rebalanceFailure !== null) throw this.#rebalanceFailure.error;
    await this.#calls.run(async () => {
      const ours = (message: ConsumedRecord) => this.#assigned.has(partitionKey(message));
      const messages = releases === this.#releases ? polled : polled.filter(ours);
      let bytes = 0;
      for (let i = 0; i < messages.length; i++) {
        const message = messages[i]!;
        bytes += (message.value?.length ?? 0) + (message.key?.length ?? 0);
        if (tracer !== null) tracer.read(message.headers);
        if (samePartition(message, messages[i - 1])) continue;
        tracker.used(message.topic);
        this.#begin(message);
      }
      // Without a record: at the end, say.
      for (const partition of this.#unread.values()) {
        const offset = this.#consumer.position(partition);
        if (offset !== null) this.#begin({ ...partition, offset });
      }
      if (messages.length > 0) this.#deps.decoding();
      this.#batch = joined(this.#batch, await decodeBatch(messages, decoder, this.#errors.handler));
      if (messages.length > 0) stats.read(messages.length, bytes);
      tracker.publish();
    });
  }

  #begin(offset: SinkOffset): void {
    this.#offsets.begin(offset);
    if (this.#unread.size > 0) this.#unread.delete(partitionKey(offset));
  }

  async #put(): Promise<void> {
    const { clock, stats, logger } = this.#deps;
    if (this.#holding && clock.monotonicMs() < this.#putAfterMs) return;
    const batch = this.#batch;
    const putMs = clock.monotonicMs();
    const refused = await putBatch(batch.records, this.#putDeps()).catch((cause) => {
      throw new ConnectError("Exiting WorkerSinkTask due to unrecoverable exception.", { cause });
    });
    if (refused !== null) {
      logger.error(`${this} RetriableException from SinkTask:`, { error: refused.error });
      this.#batch = { records: refused.left, ends: batch.ends };
      return this.#hold();
    }
    for (const end of batch.ends.values()) this.#offsets.deliver(end);
    if (batch.records.length > 0) {
      const { timestamp } = batch.records.at(-1)!;
      stats.put(batch.records.length, clock.monotonicMs() - putMs, this.#offsets.active(), timestamp ?? null);
    }
    this.#batch = EMPTY_BATCH;
    if (this.#holding) this.#letGo();
  }

  #putDeps(): PutDeps {
    const { task, isolate, stats, tracer } = this.#deps;
    const { errant, handler } = this.#errors;
    const report = (record: SinkRecord, error: unknown) => {
      stats.recordErrored();
      stats.recordSkipped();
      void errant.report(record, error);
    };
    return {
      put: async (records) => {
        if (tracer === null || records.length === 0) await task.put(records);
        else await tracer.putting(records[0]!.topic, records.length, async () => task.put(records));
        errant.assertTolerated();
      },
      atFault: isolate && handler.toleratesAll ? report : null,
    };
  }

  #hold(): void {
    this.#holding = true;
    this.#consumer.pause(this.#partitions());
    this.#putAfterMs = this.#deps.clock.monotonicMs() + (this.#requests.takeTimeoutMs() || PUT_RETRY_MS);
  }

  #letGo(): void {
    this.#holding = false;
    if (!this.#paused) this.#resume();
  }

  /** Everything but what the task itself has paused. */
  #resume(): void {
    this.#consumer.resume(this.#partitions().filter((partition) => !this.#requests.isPaused(partition)));
  }

  /** A rebalance behind the end of the task, or of one that was cancelled, is nobody's concern any more. */
  async #rebalance(handle: () => Promise<void>): Promise<void> {
    if (this.#calls.closed) return;
    try {
      await this.#calls.run(handle);
    } catch (error) {
      if (!this.#control.cancelled.aborted) this.#rebalanceFailure ??= { error };
    }
  }

  async #take(partitions: readonly SinkTopicPartition[]): Promise<void> {
    for (const partition of partitions) {
      this.#assigned.set(partitionKey(partition), partition);
      this.#unread.set(partitionKey(partition), partition);
    }
    for (const offset of await this.#consumer.committed(partitions)) this.#begin(offset);
    // What was held may have been given up in the same rebalance.
    if (this.#holding && this.#batch.records.length === 0) this.#letGo();
    this.#requests.keepPaused(this.#assigned);
    this.#consumer.pause(this.#holding || this.#paused ? this.#partitions() : this.#requests.paused());
    if (this.#rebalanceFailure !== null) return;
    await this.#deps.task.open?.(partitions);
    await this.#rewind(this.#requests.takeRewinds(partitions));
  }

  async #release(partitions: readonly SinkTopicPartition[], lost: boolean): Promise<void> {
    if (partitions.length === 0) return;
    this.#releases++;
    try {
      if (lost) await this.#deps.task.close?.(partitions);
      else await this.#commits.close(partitions);
    } finally {
      this.#errors.errant.forget(partitions);
      this.#offsets.forget(partitions);
      this.#batch = withoutPartitions(this.#batch, partitions);
      for (const partition of partitions) {
        this.#assigned.delete(partitionKey(partition));
        this.#unread.delete(partitionKey(partition));
      }
      // All at once is an eager rebalance, which gives most of them back: the task's pauses outlast it, as in Connect.
      if (this.#assigned.size > 0) this.#requests.keepPaused(this.#assigned);
    }
  }

  #position(): SinkPosition {
    const partitions = this.#partitions();
    const lags = partitions.flatMap((partition) => {
      const [end, next] = [this.#consumer.endOffset(partition), this.#consumer.position(partition)];
      return end === null || next === null ? [] : Math.max(0, end - next);
    });
    const known = lags.length > 0 || partitions.length === 0;
    return {
      partitions: partitions.length,
      active: this.#offsets.active(),
      lag: known ? lags.reduce((sum, lag) => sum + lag, 0) : null,
      lagMax: known ? Math.max(0, ...lags) : null,
    };
  }

  #partitions(): SinkTopicPartition[] {
    return [...this.#assigned.values()];
  }

  #open(): void {
    const { connector, taskId, config, task, topics, clock, logger, ...deps } = this.#deps;
    const consumer = this.#consumer;
    const { errant } = this.#errors;
    const assigned = () => this.#partitions();
    this.#requests = new SinkRequests({
      context: {
        connector,
        task: taskId,
        config,
        metrics: deps.metrics,
        logger,
        signal: this.#control.signal,
        nowMs: () => clock.nowMs(),
        sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
        assignment: assigned,
        errantRecordReporter: deps.errantRecords ? errant : null,
      },
      pause: (partitions) => consumer.pause(partitions),
      // Partitions held for a pause or a redelivery are resumed when that ends.
      resume: (partitions) => {
        if (!this.#control.paused && !this.#holding) consumer.resume(partitions);
      },
    });
    const { flushIntervalMs, flushTimeoutMs, listTopics } = deps;
    const commits = { task, consumer, offsets: this.#offsets, errant, assigned, flushIntervalMs, flushTimeoutMs };
    const { stats } = deps;
    const { cancelled } = this.#control;
    this.#commits = new SinkCommits({ ...commits, stats, clock, logger, name: String(this), cancelled });
    const listener = {
      assigned: (partitions: readonly SinkTopicPartition[]) => this.#rebalance(() => this.#take(partitions)),
      revoked: (partitions: readonly SinkTopicPartition[]) => this.#rebalance(() => this.#release(partitions, false)),
      lost: (partitions: readonly SinkTopicPartition[]) => this.#rebalance(() => this.#release(partitions, true)),
    };
    this.#subscription = new TopicSubscription({ topics, consumer, listener, listTopics, clock, logger });
  }

  toString(): string {
    const { connector, taskId } = this.#deps;
    return `WorkerSinkTask{id=${connector}-${taskId}}`;
  }
}
