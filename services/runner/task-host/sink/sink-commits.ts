import type { Logger, SinkOffset, SinkTask, SinkTopicPartition } from "@millrace/connect";
import type { Consumer } from "@millrace/kafka";
import type { Clock } from "@millrace/time";
import type { TaskStats } from "../task-stats.ts";
import { CommitTurns } from "./commit-turns.ts";
import type { ErrantRecords } from "./errant-records.ts";
import type { SinkOffsets } from "./sink-offsets.ts";

export interface SinkCommitsDeps {
  readonly task: SinkTask;
  readonly consumer: Consumer;
  readonly offsets: SinkOffsets;
  readonly errant: ErrantRecords;
  readonly stats: TaskStats;
  readonly assigned: () => readonly SinkTopicPartition[];
  readonly flushIntervalMs: number;
  /** A commit that takes longer is not waited for. */
  readonly flushTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What logs call the task. */
  readonly name: string;
  /** Aborts when the task is cancelled: nothing is committed any more. */
  readonly cancelled: AbortSignal;
}

/** The commits of one sink task: `preCommit` decides what may be committed (I6), Kafka's answer comes when it comes. */
export class SinkCommits {
  #deps: SinkCommitsDeps;
  #turns = new CommitTurns();
  #nextMs: number;

  constructor(deps: SinkCommitsDeps) {
    this.#deps = deps;
    this.#nextMs = deps.clock.monotonicMs() + deps.flushIntervalMs;
  }

  /** When `due` may say something else than now. */
  get dueAtMs(): number {
    return this.#turns.running ? this.#turns.startedMs + this.#deps.flushTimeoutMs : this.#nextMs;
  }

  /** Is it time for a commit? Never while one is on its way, unless that takes too long. */
  due(requested: boolean): boolean {
    const { clock, flushTimeoutMs, logger, name } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.#turns.running && nowMs >= this.#turns.startedMs + flushTimeoutMs) {
      logger.warn(`${name} Commit of offsets timed out`);
      this.#turns.giveUp();
    }
    return !this.#turns.running && (requested || nowMs >= this.#nextMs);
  }

  /**
   * Resolves when the commit is on its way.
   * @returns where to read again from, when the task could not flush.
   */
  async begin(): Promise<readonly SinkOffset[]> {
    const { offsets, clock, flushIntervalMs, logger, name } = this.#deps;
    const partitions = this.#deps.assigned();
    this.#nextMs = clock.monotonicMs() + flushIntervalMs;
    if (!(await this.#reported(partitions))) return [];
    const delivered = offsets.delivered(partitions);
    if (delivered.length === 0) return [];
    const number = this.#turns.begin(clock.monotonicMs());
    try {
      const committable = this.#committable(await this.#preCommit(delivered), delivered);
      void this.#send(committable, number);
      return [];
    } catch (error) {
      this.#turns.end(number);
      this.#deps.stats.commitFailed();
      logger.error(`${name} Offset commit failed, rewinding to last committed offsets`, { error });
      return offsets.backToCommitted(delivered);
    }
  }

  /** These partitions are given up: the last commit, with the task's `close` before Kafka is asked. */
  async close(partitions: readonly SinkTopicPartition[]): Promise<void> {
    const { task, offsets, clock, logger, name } = this.#deps;
    const delivered = (await this.#reported(partitions)) ? offsets.delivered(partitions) : [];
    const number = this.#turns.begin(clock.monotonicMs());
    let returned: readonly SinkOffset[] = [];
    try {
      if (delivered.length > 0) returned = await this.#preCommit(delivered);
    } catch (error) {
      logger.warn(`${name} Offset commit failed during close`, { error });
    }
    await task.close?.(partitions);
    await this.#send(this.#committable(returned, delivered), number);
  }

  /**
   * Are the task's own reports of these partitions durable? If not soon, nothing is committed this time.
   * @throws ConnectError when one got lost.
   */
  async #reported(partitions: readonly SinkTopicPartition[]): Promise<boolean> {
    const { errant, clock, flushTimeoutMs, logger, name } = this.#deps;
    const late = new AbortController();
    const settled = errant.settled(partitions).then(() => true);
    const timeout = clock.sleep(flushTimeoutMs, late.signal).then(
      () => false,
      () => false,
    );
    try {
      const reported = await Promise.race([settled, timeout]);
      if (!reported) logger.warn(`${name} Reports of errant records are not written yet; offsets wait for them`);
      return reported;
    } finally {
      late.abort();
    }
  }

  async #preCommit(delivered: readonly SinkOffset[]): Promise<readonly SinkOffset[]> {
    const { task } = this.#deps;
    if (task.preCommit) return task.preCommit(delivered);
    await task.flush?.(delivered);
    return delivered;
  }

  #committable(returned: readonly SinkOffset[], delivered: readonly SinkOffset[]): readonly SinkOffset[] {
    const { offsets, assigned, logger, name } = this.#deps;
    const { offsets: committable, warnings } = offsets.committable(returned, delivered, assigned());
    for (const warning of warnings) logger.warn(`${name} ${warning}`);
    return committable;
  }

  async #send(committable: readonly SinkOffset[], number: number): Promise<void> {
    const { consumer, offsets, stats, clock, logger, name, cancelled } = this.#deps;
    const { startedMs } = this.#turns;
    try {
      if (committable.length > 0 && !cancelled.aborted) await consumer.commit(committable);
    } catch (error) {
      if (!this.#turns.end(number) || cancelled.aborted) return;
      stats.commitFailed();
      const sequence = `for sequence number ${number}`;
      logger.error(`${name} Commit of offsets threw an unexpected exception ${sequence}`, { error });
      return;
    }
    if (!this.#turns.end(number)) return stats.commitSkipped();
    offsets.committed(committable);
    if (committable.length > 0) stats.commitSucceeded(clock.monotonicMs() - startedMs);
  }
}
