import type { ConfigDef } from "./config-def.ts";
import type { Converter, HeaderConverter, Predicate, Transformation } from "./converter.ts";
import type { OffsetMap } from "./record.ts";
import type { SinkConnector } from "./sink.ts";
import type { PluginContext, SourceConnector, TaskConfig } from "./source.ts";

interface PluginBase {
  /** The class as Connect users know it, e.g. `org.apache.kafka.connect.file.FileStreamSourceConnector`. */
  readonly class: string;
  /** Other full class names that mean this plugin. Short names (`FileStreamSource`) follow from `class` by themselves. */
  readonly aliases?: readonly string[];
  /** Shown in the plugin list and the status; what `connector.plugin.version` and the like ask for. */
  readonly version: string;
  /** One or two sentences for catalogues and docs. */
  readonly overview: string;
  /** What users may set: checked before anything starts, and shown as documentation. */
  readonly config: ConfigDef;
}

/** One entry of a validation answer beyond what the ConfigDef itself says. */
export interface ConfigProblem {
  /** Of the key it is shown at. */
  readonly name: string;
  readonly message: string;
}

/** What is known where a deleted connector is cleaned up after. */
export interface DeletionContext extends PluginContext {
  /** The name it had. */
  readonly connector: string;
  /** Aborted after half a minute. */
  readonly signal: AbortSignal;
}

/** Removes what a connector has left outside, a replication slot say. */
export interface CleansUp {
  /**
   * The connector was deleted, and its tasks have stopped. `config` is the last one it had. May be called again, also after
   * it has done its work, and while a new connector of this name runs. What it throws is logged and it is called again, a
   * bounded number of times; nothing else waits for it.
   */
  onDelete?(config: TaskConfig, context: DeletionContext): void | Promise<void>;
}

/** Brings records into Kafka. */
export interface SourcePlugin extends PluginBase, CleansUp {
  readonly type: "source";
  /** A new one each time; so for all plugins. */
  create(): SourceConnector;
  /** Checks across fields or against the outside; the ConfigDef has been applied before. */
  validate?(config: TaskConfig): readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>;
  /** Absent or null: the connector makes no statement, so `exactly.once.support=required` is refused. */
  exactlyOnceSupport?(config: TaskConfig): "SUPPORTED" | "UNSUPPORTED" | null;
  /** false: polling leaves traces outside, a replication slot say, so that nobody may try the connector out without creating it. */
  readonly previews?: false;
  /** Whether its tasks may end transactions by themselves. Absent or null: `transaction.boundary=connector` is refused. */
  canDefineTransactionBoundaries?(config: TaskConfig): "SUPPORTED" | "UNSUPPORTED" | null;
  /** Checks (or applies, returning true) offsets given by a user; null offset = removed. Throws ConnectError to refuse. */
  alterOffsets?(
    config: TaskConfig,
    offsets: readonly { readonly partition: OffsetMap; readonly offset: OffsetMap | null }[],
  ): boolean | Promise<boolean>;
}

/** Takes records out of Kafka. */
export interface SinkPlugin extends PluginBase, CleansUp {
  readonly type: "sink";
  create(): SinkConnector;
  validate?(config: TaskConfig): readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>;
  /**
   * Told before offsets given by a user are written to the consumer group; null offset = removed. True: nothing is left to
   * do, also where the connector keeps offsets of its own. Throws ConnectError to refuse.
   */
  alterOffsets?(
    config: TaskConfig,
    offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number | null }[],
  ): boolean | Promise<boolean>;
}

/** Keys and values to bytes and back. */
export interface ConverterPlugin extends PluginBase {
  readonly type: "converter";
  create(): Converter;
}

/** Values of headers to bytes and back. */
export interface HeaderConverterPlugin extends PluginBase {
  readonly type: "header_converter";
  create(): HeaderConverter;
}

/** Changes records, one by one. */
export interface TransformationPlugin extends PluginBase {
  readonly type: "transformation";
  create(): Transformation;
}

/** Says which records a transform is for. */
export interface PredicatePlugin extends PluginBase {
  readonly type: "predicate";
  create(): Predicate;
}

/** What a plugin file may export. */
export type Plugin =
  | SourcePlugin
  | SinkPlugin
  | ConverterPlugin
  | HeaderConverterPlugin
  | TransformationPlugin
  | PredicatePlugin;

/** As `GET /connector-plugins` shows it. */
export type PluginType = Plugin["type"];

/**
 * Types a plugin; a package's plugin file exports a list of them as `default`. A package is found by its package.json:
 * `"millrace": "./plugin.ts"` is the only registration.
 */
export function definePlugin<P extends Plugin>(plugin: P): P {
  return plugin;
}
