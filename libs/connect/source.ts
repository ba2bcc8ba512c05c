import type { PluginMetrics } from "./plugin-metrics.ts";
import type { OffsetMap, RecordMetadata, SourceRecord } from "./record.ts";
import type { OpenTopic } from "./topic-reader.ts";

/** Settings by name, all as text. What refers to a config provider is resolved: values may be secrets. */
export type TaskConfig = Readonly<Record<string, string>>;

/** One line each, with connector and task. `fields` is what programs should find; keep the message the same each time. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a plugin may know of the world. `nowMs` and `sleep` follow the runtime's clock, virtual in simulation. */
export interface PluginContext {
  readonly logger: Logger;
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number;
  /** Resolves after `delayMs` milliseconds. Rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** What a connector may know and ask for. */
export interface ConnectorContext extends PluginContext {
  /** The name its user gave it. */
  readonly connector: string;
  /** Asks the runtime to call `taskConfigs` again, soon. Never blocks; bursts are merged. */
  requestTaskReconfiguration(): void;
  /** Fails the connector: status FAILED with this error as its trace. */
  raiseError(error: unknown): void;
  /** Of this connector's tasks. A sink has none. */
  readonly offsets: OffsetReader;
}

/**
 * Reads committed source offsets. A partition without one gives null. Each call reads the offsets topic up to its end
 * at that moment: ask for all partitions at once.
 */
export interface OffsetReader {
  offset(partition: OffsetMap): Promise<OffsetMap | null>;
  /** Answers in the order asked. */
  offsets(partitions: readonly OffsetMap[]): Promise<readonly (OffsetMap | null)[]>;
}

/** Only with `transaction.boundary=connector`: the task says where transactions end. */
export interface TransactionContext {
  /** Without a record: at the end of the current batch. With one: after that record. */
  commitTransaction(record?: SourceRecord): void;
  abortTransaction(record?: SourceRecord): void;
}

/** What a source task may know. */
export interface SourceTaskContext extends PluginContext {
  readonly connector: string;
  /** From 0. */
  readonly task: number;
  /** One of those `taskConfigs` gave, and `task.class`. */
  readonly config: TaskConfig;
  readonly offsets: OffsetReader;
  readonly metrics: PluginMetrics;
  /** Null unless the connector's config says `transaction.boundary=connector`. */
  readonly transaction: TransactionContext | null;
  /** Reads a topic beside making records. Absent where there is no Kafka. */
  readonly openTopic?: OpenTopic;
  /** Aborted when the task is asked to stop: end a waiting `poll` by it. */
  readonly signal: AbortSignal;
}

/** Lives on one runner at a time; decides which tasks there are. Its `config` has passed the plugin's ConfigDef. */
export interface SourceConnector {
  /** What it throws fails the connector, which then is not stopped. */
  start(context: ConnectorContext, config: TaskConfig): void | Promise<void>;
  /**
   * One config per task, at most `tasksMax`, values as text. Called after `start`, and again after
   * `requestTaskReconfiguration`; a different answer restarts the tasks. What it throws is logged, and it is called again.
   */
  taskConfigs(tasksMax: number): readonly TaskConfig[] | Promise<readonly TaskConfig[]>;
  stop(): void | Promise<void>;
  /** A task of its own for each call. Called in other processes, where this connector was not started. */
  task(): SourceTask;
}

/**
 * Reads from the outside and hands records over. Calls never overlap, but `poll` may be called again before the
 * records of the last call are committed (group commit).
 */
export interface SourceTask {
  /** Once, before all else. What it throws fails the task, which then is stopped. */
  start(context: SourceTaskContext): void | Promise<void>;
  /**
   * The next records, in order; null or [] for none yet. Should wait a while (about a second at most, or until
   * `context.signal` aborts) rather than spin. RetriableError: tried again. Anything else fails the task.
   */
  poll(): readonly SourceRecord[] | null | Promise<readonly SourceRecord[] | null>;
  /**
   * Everything polled up to and with `last` is durable in Kafka with its offsets (I2): time to confirm upstream. Null when
   * nothing was polled since the last call. A record that was dropped counts as one that was delivered.
   */
  commit?(last: SourceRecord | null): void | Promise<void>;
  /**
   * After the record's transaction committed, in order. `metadata` is null for a dropped record, and today for delivered ones
   * too: asking librdkafka for each record's offset would cost more than sending it. Costs speed: leave it out when unused.
   */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void | Promise<void>;
  /** Once, when the last call has returned; also of a task whose `start` or `poll` failed. What it throws is logged. */
  stop(): void | Promise<void>;
}
