import {
  ConnectError,
  isRetriable,
  type Logger,
  type SinkOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTopicPartition,
  type TaskConfig,
} from "@millrace/connect";
import type { ConsumedRecord, Consumer } from "@millrace/kafka";
import type { Clock, Random } from "@millrace/time";
import { OneAtATime } from "../one-at-a-time.ts";
import type { SinkDecoder } from "../stages/decode.ts";
import { afterFailure, type TolerancePolicy } from "../stages/tolerance.ts";
import type { TaskControl } from "../task-control.ts";
import type { TaskStats } from "../task-stats.ts";
import type { TopicTracker } from "../topic-tracker.ts";
import { SinkOffsets } from "./sink-offsets.ts";

export interface SinkTaskDeps {
  readonly connector: string;
  readonly taskId: number;
  readonly config: TaskConfig;
  readonly task: SinkTask;
  readonly decoder: SinkDecoder;
  readonly openConsumer: () => Promise<Consumer>;
  readonly topics: readonly string[] | { readonly pattern: string };
  readonly recordsMax: number;
  readonly flushIntervalMs: number;
  readonly tolerance: TolerancePolicy;
  readonly stats: TaskStats;
  readonly tracker: TopicTracker;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Batch {
  readonly records: readonly SinkRecord[];
  /** By partition, the offset behind its last record. */
  readonly ends: ReadonlyMap<string, SinkOffset>;
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
 * Rebalances are told at any time: what they and the loop do to the task takes turns in `#calls`.
 */
export class WorkerSinkTask {
  #deps: SinkTaskDeps;
  #control: TaskControl;
  #consumer!: Consumer;
  #calls: OneAtATime;
  #offsets = new SinkOffsets();
  #batch: Batch | null = null;
  #holding = false;
  /** Raised when partitions are given up: records polled before may not be ours any more. */
  #releases = 0;
  #taskPaused = new Map<string, SinkTopicPartition>();
  #rewinds: SinkOffset[] = [];
  #retryDelayMs = 0;
  #putAfterMs = 0;
  #commitRequested = false;
  #nextCommitMs: number;

  constructor(deps: SinkTaskDeps, control: TaskControl) {
    this.#deps = deps;
    this.#control = control;
    this.#calls = new OneAtATime(control.cancelled);
    this.#nextCommitMs = deps.clock.monotonicMs() + deps.flushIntervalMs;
  }

  /** Ends when asked to, with a final commit; throws when the task has failed. */
  async run(): Promise<void> {
    const { task, openConsumer, topics } = this.#deps;
    await this.#control.whilePaused();
    if (this.#control.stopping) return;
    this.#consumer = await openConsumer();
    // A task that hangs must not keep its partitions.
    const leave = () => void this.#consumer.close();
    this.#control.cancelled.addEventListener("abort", leave, { once: true });
    try {
      await task.start(this.#context());
      await this.#consumer.subscribe(topics, {
        assigned: (partitions) => this.#assigned(partitions),
        revoked: (partitions) => this.#released(partitions, true),
        lost: (partitions) => this.#released(partitions, false),
      });
      this.#control.report("RUNNING");
      while (!this.#control.stopping) await this.#iterate();
    } finally {
      await this.#end();
      this.#control.cancelled.removeEventListener("abort", leave);
    }
  }

  /** Connect's order: last commit, `close`, `stop`; the group is left after that. */
  async #end(): Promise<void> {
    const { task, logger } = this.#deps;
    const failed = (error: unknown) => logger.error("stopping the task failed", { error: String(error) });
    const partitions = this.#consumer.assignment();
    if (partitions.length > 0) await this.#released(partitions, true).catch(failed);
    await this.#calls.close();
    await (async () => task.stop())().catch(failed);
    await this.#consumer.close();
  }

  async #iterate(): Promise<void> {
    if (this.#control.paused) await this.#pause();
    if (this.#control.stopping) return;
    await this.#calls.run(() => this.#commitAndRewind());
    const nowMs = this.#deps.clock.monotonicMs();
    const waitMs = Math.min(
      POLL_MAX_MS,
      this.#nextCommitMs - nowMs,
      this.#holding ? this.#putAfterMs - nowMs : POLL_MAX_MS,
    );
    await this.#read(this.#deps.recordsMax, Math.max(0, waitMs));
    await this.#calls.run(() => this.#put());
  }

  async #commitAndRewind(): Promise<void> {
    const { clock, flushIntervalMs } = this.#deps;
    if (this.#commitRequested || clock.monotonicMs() >= this.#nextCommitMs) {
      this.#commitRequested = false;
      this.#nextCommitMs = clock.monotonicMs() + flushIntervalMs;
      await this.#commit(this.#offsets.delivered(), false);
    }
    for (const rewind of this.#rewinds.splice(0)) {
      this.#offsets.rewind(rewind);
      this.#dropFromBatch([rewind]);
      await this.#consumer.seek(rewind);
    }
  }

  /** What is polled is never put aside: it joins a batch that is held (I5). */
  async #read(recordsMax: number, waitMs: number): Promise<void> {
    const releases = this.#releases;
    const polled = await this.#consumer.poll(recordsMax, waitMs);
    await this.#calls.run(async () => {
      const messages = releases === this.#releases ? polled : this.#stillOurs(polled);
      const { records, ends } = await this.#decode(messages);
      const held = this.#batch ?? { records: [], ends: new Map() };
      this.#batch = { records: [...held.records, ...records], ends: new Map([...held.ends, ...ends]) };
    });
  }

  async #put(): Promise<void> {
    const batch = this.#batch;
    const { task, clock, logger, stats } = this.#deps;
    if (batch === null || (this.#holding && clock.monotonicMs() < this.#putAfterMs)) return;
    try {
      await task.put(batch.records);
    } catch (error) {
      if (!isRetriable(error)) {
        throw new ConnectError("Exiting WorkerSinkTask due to unrecoverable exception.", { cause: error });
      }
      logger.warn("put failed and gets the same records again", { error: String(error) });
      this.#holding = true;
      this.#consumer.pause(this.#consumer.assignment());
      this.#putAfterMs = clock.monotonicMs() + (this.#retryDelayMs || PUT_RETRY_MS);
      this.#retryDelayMs = 0;
      return;
    }
    for (const end of batch.ends.values()) this.#offsets.deliver(end);
    if (batch.records.length > 0) stats.committed(batch.records.length, 0);
    this.#batch = null;
    if (!this.#holding) return;
    this.#holding = false;
    this.#resume();
  }

  #stillOurs(messages: readonly ConsumedRecord[]): readonly ConsumedRecord[] {
    const ours = new Set(this.#consumer.assignment().map(partitionKey));
    return messages.filter((message) => ours.has(partitionKey(message)));
  }

  /** Records that fail are skipped or fail the task; either way their offsets go on with the batch. */
  async #decode(messages: readonly ConsumedRecord[]): Promise<Batch> {
    const records: SinkRecord[] = [];
    const ends = new Map<string, SinkOffset>();
    for (const message of messages) {
      const { topic, partition, offset } = message;
      const key = partitionKey(message);
      this.#deps.tracker.used(topic);
      if (!ends.has(key)) this.#offsets.begin({ topic, partition, offset });
      const record = await this.#decodeOne(message);
      if (record !== null) records.push(record);
      ends.set(key, { topic, partition, offset: offset + 1 });
    }
    this.#deps.stats.polled(messages.length);
    this.#deps.tracker.publish();
    return { records, ends };
  }

  async #decodeOne(message: ConsumedRecord): Promise<SinkRecord | null> {
    const { decoder, clock, tolerance, random, stats, logger } = this.#deps;
    const startMs = clock.monotonicMs();
    for (let attempt = 1; ; attempt++) {
      try {
        return await decoder.decode(message);
      } catch (error) {
        stats.recordFailed();
        const elapsedMs = clock.monotonicMs() - startMs;
        const decision = afterFailure(error, tolerance, { attempt, elapsedMs, random: random() });
        if (decision.action === "fail") {
          throw new ConnectError("Tolerance exceeded in error handler", { cause: error, code: "TOLERANCE_EXCEEDED" });
        }
        if (decision.action === "skip") {
          stats.recordSkipped();
          const { topic, partition, offset } = message;
          logger.warn("a record was skipped", { stage: decoder.stage, topic, partition, offset, error: String(error) });
          return null;
        }
        await clock.sleep(decision.delayMs, this.#control.signal);
      }
    }
  }

  /** `preCommit` decides what may be committed (I6); a failing one rewinds to what is committed, except while closing. */
  async #commit(delivered: readonly SinkOffset[], closing: boolean): Promise<void> {
    const { task, logger } = this.#deps;
    if (delivered.length === 0) return;
    try {
      let returned: readonly SinkOffset[] = delivered;
      if (task.preCommit) returned = await task.preCommit(delivered);
      else await task.flush?.(delivered);
      const offsets = this.#offsets.committable(returned);
      if (offsets.length === 0 || this.#control.cancelled.aborted) return;
      await this.#consumer.commit(offsets);
      for (const offset of offsets) this.#offsets.committed(offset);
    } catch (error) {
      logger.error("committing offsets failed", { error: String(error) });
      if (closing) return;
      this.#batch = null;
      for (const offset of this.#offsets.backToCommitted()) await this.#consumer.seek(offset);
    }
  }

  async #pause(): Promise<void> {
    await this.#calls.run(() => this.#commit(this.#offsets.delivered(), false));
    this.#consumer.pause(this.#consumer.assignment());
    this.#control.report("PAUSED");
    while (this.#control.paused && !this.#control.stopping) await this.#read(1, POLL_MAX_MS);
    if (this.#control.stopping) return;
    if (!this.#holding) this.#resume();
    this.#control.report("RUNNING");
  }

  /** Everything but what the task itself has paused. */
  #resume(): void {
    const assigned = this.#consumer.assignment();
    this.#consumer.resume(assigned.filter((partition) => !this.#taskPaused.has(partitionKey(partition))));
  }

  #assigned(partitions: readonly SinkTopicPartition[]): Promise<void> {
    return this.#unlessEnded(async () => {
      for (const offset of await this.#consumer.committed(partitions)) this.#offsets.committed(offset);
      if (this.#control.paused || this.#holding) this.#consumer.pause(partitions);
      await this.#deps.task.open?.(partitions);
    });
  }

  #released(partitions: readonly SinkTopicPartition[], mayCommit: boolean): Promise<void> {
    this.#releases++;
    return this.#unlessEnded(async () => {
      if (mayCommit) await this.#commit(this.#offsets.delivered(partitions), true);
      await this.#deps.task.close?.(partitions);
      this.#offsets.forget(partitions);
      this.#dropFromBatch(partitions);
      for (const partition of partitions) this.#taskPaused.delete(partitionKey(partition));
    });
  }

  /** A rebalance behind the end of the task, or of one that was cancelled, is nobody's concern any more. */
  async #unlessEnded(tell: () => Promise<void>): Promise<void> {
    if (this.#calls.closed) return;
    try {
      await this.#calls.run(tell);
    } catch (error) {
      if (!this.#control.cancelled.aborted) throw error;
    }
  }

  #dropFromBatch(partitions: readonly SinkTopicPartition[]): void {
    if (this.#batch === null) return;
    const gone = new Set(partitions.map(partitionKey));
    const { records, ends } = this.#batch;
    this.#batch = {
      records: records.filter((r) => !gone.has(`${r.originalTopic} ${r.originalPartition}`)),
      ends: new Map([...ends].filter(([key]) => !gone.has(key))),
    };
  }

  #context() {
    const { connector, taskId, config, clock, logger } = this.#deps;
    return {
      connector,
      task: taskId,
      config,
      logger,
      signal: this.#control.signal,
      nowMs: () => clock.nowMs(),
      sleep: (delayMs: number, signal?: AbortSignal) => clock.sleep(delayMs, signal),
      offset: (offset: SinkOffset) => void this.#rewinds.push(offset),
      timeout: (delayMs: number) => {
        this.#retryDelayMs = delayMs;
      },
      assignment: () => this.#consumer.assignment(),
      pause: (...partitions: SinkTopicPartition[]) => {
        for (const partition of partitions) this.#taskPaused.set(partitionKey(partition), partition);
        this.#consumer.pause(partitions);
      },
      resume: (...partitions: SinkTopicPartition[]) => {
        for (const partition of partitions) this.#taskPaused.delete(partitionKey(partition));
        // Partitions held for a pause or a redelivery are resumed when that ends.
        if (!this.#control.paused && !this.#holding) this.#consumer.resume(partitions);
      },
      requestCommit: () => {
        this.#commitRequested = true;
      },
      errantRecordReporter: null,
    };
  }
}

function partitionKey({ topic, partition }: SinkTopicPartition): string {
  return `${topic} ${partition}`;
}
