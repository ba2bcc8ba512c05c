import { type ConfigKeys, type ConfigOf, configDefOf, type PluginDescription, parseConfigOf } from "./define-config.ts";
import type { ConfigProblem, SinkPlugin } from "./plugin.ts";
import type { SinkRecord } from "./record.ts";
import type { ErrantRecordReporter, SinkTask, SinkTaskContext } from "./sink.ts";
import type { PluginContext, TaskConfig } from "./source.ts";

/** What `open` gets. */
export interface SinkStart<K extends ConfigKeys> extends PluginContext {
  readonly config: ConfigOf<K>;
  readonly connector: string;
  readonly task: number;
  /** Aborted when the task is asked to stop. */
  readonly signal: AbortSignal;
  /** Null unless the connector has a dead letter queue, or logs errors. */
  readonly errantRecordReporter: ErrantRecordReporter | null;
}

/** What a sink's other functions get: one object for the life of a task. */
export interface SinkRun<K extends ConfigKeys, S> extends SinkStart<K> {
  /** What `open` gave; undefined without it. */
  readonly opened: S;
}

/** What `defineSink` takes. */
export interface SinkDefinition<K extends ConfigKeys, S> extends PluginDescription<K> {
  /** Checks across keys or against the outside; each key has been checked before. */
  validate?(config: ConfigOf<K>): readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>;
  /** When a task starts, e.g. a connection. Write it above the others, so that the type of `opened` is inferred. */
  open?(start: SinkStart<K>): S | Promise<S>;
  /**
   * Writes a batch, never empty. Offsets may be committed when this resolves (and `flush`, if there is one): by then the
   * records must be safe. After a crash the last ones come again, so writing one twice must do no harm.
   * @throws RetriableError for the same batch again later; anything else fails the task.
   */
  put(records: readonly SinkRecord[], run: SinkRun<K, S>): void | Promise<void>;
  /** For a `put` that only collects: makes safe what was put. */
  flush?(run: SinkRun<K, S>): void | Promise<void>;
  /** When the task ends, once, if `open` went well. */
  close?(run: SinkRun<K, S>): void | Promise<void>;
}

/** Makes a sink connector of functions. Each of its `tasks.max` tasks gets a share of the topics' partitions. */
export function defineSink<const K extends ConfigKeys, S = undefined>(definition: SinkDefinition<K, S>): SinkPlugin {
  const { validate, open, put, flush, close, config: keys, ...description } = definition;
  const configDef = configDefOf(keys);
  const parse = (config: TaskConfig) => parseConfigOf<K>(configDef, config);
  return {
    ...description,
    type: "sink",
    config: configDef,
    create() {
      let config: TaskConfig = {};
      return {
        start(_context, given) {
          config = given;
        },
        taskConfigs: (tasksMax) => Array.from({ length: tasksMax }, () => config),
        stop() {},
        task: () => definedTask<K, S>({ open, put, flush, close }, parse),
      };
    },
    ...(validate && { validate: (config: TaskConfig) => validate(parse(config)) }),
  };
}

type Functions<K extends ConfigKeys, S> = {
  [N in "open" | "put" | "flush" | "close"]: SinkDefinition<K, S>[N];
};

function definedTask<K extends ConfigKeys, S>(
  { open, put, flush, close }: Functions<K, S>,
  parse: (config: TaskConfig) => ConfigOf<K>,
): SinkTask {
  let run: SinkRun<K, S> | null = null;
  return {
    async start(context) {
      const outside = runOf(context, parse(context.config));
      run = { ...outside, opened: (await open?.(outside)) as S };
    },
    put: (records) => (records.length === 0 ? undefined : put(records, run!)),
    ...(flush && { flush: () => flush(run!) }),
    async stop() {
      const ended = run;
      run = null;
      if (ended !== null) await close?.(ended);
    },
  };
}

function runOf<C>(context: SinkTaskContext, config: C) {
  const { connector, task, signal, errantRecordReporter, metrics, logger } = context;
  return {
    config,
    connector,
    task,
    signal,
    errantRecordReporter,
    metrics,
    logger,
    nowMs: () => context.nowMs(),
    sleep: (delayMs: number, until?: AbortSignal) => context.sleep(delayMs, until),
  };
}
