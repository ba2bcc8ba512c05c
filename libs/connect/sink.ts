import type { SinkRecord } from "./record.ts";
import type { ConnectorContext, PluginContext, TaskConfig } from "./source.ts";

export interface SinkTopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface SinkOffset extends SinkTopicPartition {
  readonly offset: number;
}

/** Hands a record that cannot be written to the dead letter queue; resolves when that is durable. */
export interface ErrantRecordReporter {
  report(record: SinkRecord, error: unknown): Promise<void>;
}

export interface SinkTaskContext extends PluginContext {
  readonly connector: string;
  readonly task: number;
  readonly config: TaskConfig;
  readonly signal: AbortSignal;
  /** Rewinds before the next `put`. */
  offset(offset: SinkOffset): void;
  /** The next `put` after a RetriableError comes after about this many milliseconds. */
  timeout(delayMs: number): void;
  assignment(): readonly SinkTopicPartition[];
  pause(...partitions: SinkTopicPartition[]): void;
  resume(...partitions: SinkTopicPartition[]): void;
  /** Asks for an offset commit soon. */
  requestCommit(): void;
  /** Null unless a dead letter queue or error logging is configured. */
  readonly errantRecordReporter: ErrantRecordReporter | null;
}

export interface SinkConnector {
  start(context: ConnectorContext, config: TaskConfig): void | Promise<void>;
  taskConfigs(tasksMax: number): readonly TaskConfig[] | Promise<readonly TaskConfig[]>;
  stop(): void | Promise<void>;
  task(): SinkTask;
}

export interface SinkTask {
  start(context: SinkTaskContext): void | Promise<void>;
  open?(partitions: readonly SinkTopicPartition[]): void | Promise<void>;
  /** May be empty. RetriableError: the same batch comes again, partitions paused meanwhile. */
  put(records: readonly SinkRecord[]): void | Promise<void>;
  /** Makes everything put so far durable. */
  flush?(offsets: readonly SinkOffset[]): void | Promise<void>;
  /** Offsets that may be committed (I6). Default: `flush`, then all of `offsets`. */
  preCommit?(offsets: readonly SinkOffset[]): readonly SinkOffset[] | Promise<readonly SinkOffset[]>;
  close?(partitions: readonly SinkTopicPartition[]): void | Promise<void>;
  stop(): void | Promise<void>;
}
