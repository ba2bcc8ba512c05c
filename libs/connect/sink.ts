import type { PluginMetrics } from "./plugin-metrics.ts";
import type { SinkRecord } from "./record.ts";
import type { ConnectorContext, PluginContext, TaskConfig } from "./source.ts";

/** A partition of a topic that a sink reads. */
export interface SinkTopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** How far a partition has been read. */
export interface SinkOffset extends SinkTopicPartition {
  /** Of the next record: one more than that of the last one meant. */
  readonly offset: number;
}

/** Hands a record that cannot be written to the dead letter queue; resolves when that is durable. */
export interface ErrantRecordReporter {
  report(record: SinkRecord, error: unknown): Promise<void>;
}

/** What a sink task may know and ask for. */
export interface SinkTaskContext extends PluginContext {
  readonly connector: string;
  /** From 0. */
  readonly task: number;
  /** One of those `taskConfigs` gave, with `task.class` and the topics. */
  readonly config: TaskConfig;
  /** Aborted when the task is asked to stop: end whatever waits by it. */
  readonly signal: AbortSignal;
  readonly metrics: PluginMetrics;
  /** Rewinds before the next `put`. */
  offset(offset: SinkOffset): void;
  /** The next `put` after a RetriableError comes after about this many milliseconds. */
  timeout(delayMs: number): void;
  /** The partitions this task has, as last told by `open` and `close`. */
  assignment(): readonly SinkTopicPartition[];
  pause(...partitions: SinkTopicPartition[]): void;
  resume(...partitions: SinkTopicPartition[]): void;
  /** Asks for an offset commit soon. */
  requestCommit(): void;
  /** Null unless a dead letter queue or error logging is configured. */
  readonly errantRecordReporter: ErrantRecordReporter | null;
}

/** Lives on one runner at a time; decides how many tasks share the topics' partitions. As SourceConnector otherwise. */
export interface SinkConnector {
  start(context: ConnectorContext, config: TaskConfig): void | Promise<void>;
  taskConfigs(tasksMax: number): readonly TaskConfig[] | Promise<readonly TaskConfig[]>;
  stop(): void | Promise<void>;
  task(): SinkTask;
}

/**
 * Writes records to the outside. Calls never overlap. Records come again after a crash or a rebalance, from the committed
 * offsets on: writing one twice must do no harm.
 */
export interface SinkTask {
  /** Once, before all else. What it throws fails the task, which then is stopped. */
  start(context: SinkTaskContext): void | Promise<void>;
  /** Before the first records of these partitions, which come to those the task has. */
  open?(partitions: readonly SinkTopicPartition[]): void | Promise<void>;
  /** May be empty. RetriableError: the same batch comes again, partitions paused meanwhile. Any other fails the task. */
  put(records: readonly SinkRecord[]): void | Promise<void>;
  /** Makes everything put so far durable. `offsets`: by partition, where its records put so far end. */
  flush?(offsets: readonly SinkOffset[]): void | Promise<void>;
  /**
   * Offsets that may be committed (I6): of `offsets`, which are as in `flush`, those whose records are safe, or smaller
   * ones. Default: `flush`, then all of them. What it throws is logged, and records come again from the committed ones.
   */
  preCommit?(offsets: readonly SinkOffset[]): readonly SinkOffset[] | Promise<readonly SinkOffset[]>;
  /** These partitions are another task's from now on; a last commit came before, if it could be made. */
  close?(partitions: readonly SinkTopicPartition[]): void | Promise<void>;
  /** Once, at the end; also of a task whose `start` or `put` failed. What it throws is logged. */
  stop(): void | Promise<void>;
}
