import { type ConfigKeys, type ConfigOf, configDefOf, type PluginDescription, parseConfigOf } from "./define-config.ts";
import { offsetFrom } from "./define-source-offset.ts";
import type { SourceItem } from "./define-source-reader.ts";
import { GeneratorTask } from "./define-source-task.ts";
import { ConnectError } from "./errors.ts";
import type { ConfigProblem, SourcePlugin } from "./plugin.ts";
import type { PluginMetrics } from "./plugin-metrics.ts";
import type { OffsetMap } from "./record.ts";
import type { ConnectorContext, PluginContext, SourceTask, TaskConfig } from "./source.ts";

/** What tells one stream of records of a source from its others, e.g. `{ url }`. Keep it the same between releases. */
export type SourcePartition = Readonly<Record<string, string | number | boolean | null>>;

/** What `read` gets. `sleep` and `nowMs` follow the runtime's clock: give `signal` to whatever `read` waits for. */
export interface SourceRun<K extends ConfigKeys, P, O> extends PluginContext {
  readonly config: ConfigOf<K>;
  readonly partition: P;
  /** Of the last record that was committed, or yielded by the reading before; `start` when there is none. */
  readonly offset: O;
  readonly connector: string;
  readonly task: number;
  readonly metrics: PluginMetrics;
  /** Aborted when the task is asked to stop. */
  readonly signal: AbortSignal;
}

/** What `defineSource` takes. */
export interface SourceDefinition<K extends ConfigKeys, P extends SourcePartition, O extends OffsetMap>
  extends PluginDescription<K> {
  /** Where to begin when nothing is committed, e.g. `{ id: 0 }`. Every offset has its keys, and its types of value. */
  readonly start: O;
  /**
   * Says that from the same offset `read` gives the same records again, in the same order. Then the source delivers
   * exactly once. Absent: it makes no statement.
   */
  readonly exactlyOnce?: boolean;
  /** After `read` has returned, it is called again after this many milliseconds; Infinity: never. Default 1000. */
  readonly pollIntervalMs?: number | ((config: ConfigOf<K>) => number);
  /** Checks across keys or against the outside; each key has been checked before. */
  validate?(config: ConfigOf<K>): readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>;
  /**
   * Shared out among at most `tasks.max` tasks; each is read by itself, with its own offset. Default: one, `{}`. Asked
   * once when the connector starts. Write it above `read`, so that the type of `partition` is inferred.
   */
  partitions?(config: ConfigOf<K>, context: ConnectorContext): readonly P[] | Promise<readonly P[]>;
  /**
   * Yields what there is after `offset`, in order, one record or an array at a time: an array is faster (3 µs a yield,
   * 0.1 µs a record), and its records stay in one transaction. Returns when there is nothing more for now, and is called
   * again after `pollIntervalMs`. It runs at most about a thousand records ahead of Kafka, then stands still at its
   * `yield`.
   * @throws RetriableError to be called again from the last offset yielded; anything else fails the task.
   */
  read(run: SourceRun<K, P, NoInfer<O>>): AsyncIterable<SourceItem<NoInfer<O>> | readonly SourceItem<NoInfer<O>>[]>;
}

/** Of a task's config: its share of the partitions, as JSON. */
const PARTITIONS_KEY = "task.partitions";
const POLL_INTERVAL_MS = 1000;

/**
 * Makes a source connector of an async generator function. Offsets given by a user, or stored by another connector, are
 * refused unless they have the keys and types of `start`.
 */
export function defineSource<
  const K extends ConfigKeys,
  P extends SourcePartition = Readonly<Record<string, never>>,
  O extends OffsetMap = OffsetMap,
>(definition: SourceDefinition<K, P, O>): SourcePlugin {
  const { start, exactlyOnce, pollIntervalMs, validate, partitions, read, config: keys, ...description } = definition;
  const configDef = configDefOf(keys);
  const parse = (config: TaskConfig) => parseConfigOf<K>(configDef, config);

  const task = (): SourceTask => {
    let config: ConfigOf<K>;
    return new GeneratorTask<O>({
      start,
      prepare(context) {
        config = parse(context.config);
        const intervalMs = typeof pollIntervalMs === "function" ? pollIntervalMs(config) : pollIntervalMs;
        return { partitions: partitionsOf(context.config), pollIntervalMs: intervalMs ?? POLL_INTERVAL_MS };
      },
      read: (context, { partition, offset, signal }) =>
        read({
          config,
          partition: partition as P,
          offset,
          signal,
          connector: context.connector,
          task: context.task,
          metrics: context.metrics,
          logger: context.logger,
          nowMs: () => context.nowMs(),
          sleep: (delayMs, until) => context.sleep(delayMs, until),
        }),
    });
  };

  return {
    ...description,
    type: "source",
    config: configDef,
    create() {
      let config: TaskConfig = {};
      let all: readonly SourcePartition[] = [{}];
      return {
        async start(context, given) {
          config = given;
          if (partitions !== undefined) all = await partitions(parse(given), context);
        },
        taskConfigs: (tasksMax) =>
          shareOut(all, tasksMax).map((share) => ({ ...config, [PARTITIONS_KEY]: JSON.stringify(share) })),
        stop() {},
        task,
      };
    },
    ...(validate && { validate: (config: TaskConfig) => validate(parse(config)) }),
    ...(exactlyOnce !== undefined && {
      exactlyOnceSupport: () => (exactlyOnce ? ("SUPPORTED" as const) : ("UNSUPPORTED" as const)),
    }),
    alterOffsets(_config, altered) {
      for (const { offset } of altered) offsetFrom(start, offset);
      return true;
    },
  };
}

/** In turns, so that shares differ by one at most. No task without a partition. */
function shareOut<P>(partitions: readonly P[], tasksMax: number): P[][] {
  const shares: P[][] = Array.from({ length: Math.min(tasksMax, partitions.length) }, () => []);
  partitions.forEach((partition, i) => {
    shares[i % shares.length]!.push(partition);
  });
  return shares;
}

function partitionsOf(config: TaskConfig): SourcePartition[] {
  const share = config[PARTITIONS_KEY];
  if (share === undefined)
    throw new ConnectError(`The task's config has no ${PARTITIONS_KEY}: it is not the connector's own.`);
  return JSON.parse(share) as SourcePartition[];
}
