import {
  ConfigDef,
  definePlugin,
  type Plugin,
  RetriableError,
  Schema,
  type SinkOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from "@millrace/connect";
import convertersPlugins from "@millrace/converters/plugin";
import { PLAIN_PASSWORD_KEY } from "./checkers/secrets.ts";
import { topicOf } from "./checkers/source-log.ts";
import type { Checkers } from "./checkers.ts";
import type { Instance } from "./instances.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export const SOURCE_CLASS = "sim.NumberedSource";
export const SINK_CLASS = "sim.StoringSink";

export interface SimulatedPluginDeps {
  readonly checkers: Checkers;
  /** The host that runs them. */
  readonly process: SimulatedProcess;
  /** A source task begins. */
  readonly verified: (source: Instance) => void;
}

const STUBBORN_SHARE = 0.05;
const STUBBORN_MS = 3_000;
const RETRIABLE_SHARE = 0.03;
const IDLE_SHARE = 0.25;
const IDLE_POLLS_MAX = 2;
const SINK_PAUSE_MAX_MS = 40;

/** What hosts run: a source of numbers, a sink that stores what it gets, and the converters. */
export function simulatedPlugins(deps: SimulatedPluginDeps): Plugin[] {
  return [...convertersPlugins, numberedSource(deps), storingSink(deps)];
}

/** Partitions 0, 1, … of numbers from 1 to `total`, dealt out among the tasks. */
function numberedSource(deps: SimulatedPluginDeps): Plugin {
  const int = (name: string) => ({ name, type: "INT", importance: "HIGH", documentation: "" }) as const;
  return definePlugin({
    type: "source",
    class: SOURCE_CLASS,
    version: "1",
    overview: "Numbers in order.",
    config: new ConfigDef()
      .define(int("partitions"))
      .define(int("total"))
      .define(int("poll.ms"))
      .define(int("batch"))
      .define(int("topic.partitions"))
      .define({ name: "stubborn", type: "BOOLEAN", default: false, importance: "LOW", documentation: "" })
      .define({ name: "password", type: "PASSWORD", default: "", importance: "LOW", documentation: "" })
      .define({ name: PLAIN_PASSWORD_KEY, type: "PASSWORD", default: "", importance: "LOW", documentation: "" }),
    exactlyOnceSupport: () => "SUPPORTED",
    create() {
      let given: Readonly<Record<string, string>> = {};
      return {
        start(_context, config) {
          given = config;
        },
        taskConfigs(tasksMax) {
          const partitions = Array.from({ length: Number(given.partitions) }, (_, partition) => partition);
          const tasks = Math.min(tasksMax, partitions.length);
          return Array.from({ length: tasks }, (_, task) => ({
            ...given,
            own: partitions.filter((partition) => partition % tasks === task).join(","),
          }));
        },
        stop() {},
        task: () => new NumberedTask(deps),
      };
    },
  });
}

class NumberedTask implements SourceTask {
  readonly #deps: SimulatedPluginDeps;
  #context!: SourceTaskContext;
  #instance = 0;
  /** Polls in a row that had nothing. */
  #idle = 0;
  /** By partition: the number polled last, and the one confirmed last. */
  readonly #polled = new Map<string, number>();
  readonly #confirmed = new Map<string, number>();

  constructor(deps: SimulatedPluginDeps) {
    this.#deps = deps;
  }

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    const { number, instance } = this.#deps.checkers.instances.begin(context.logger);
    this.#instance = number;
    this.#deps.verified(instance);
    const partitions = (context.config.own ?? "").split(",");
    const offsets = await context.offsets.offsets(partitions.map((p) => ({ p })));
    partitions.forEach((p, i) => void this.#polled.set(p, Number(offsets[i]?.n ?? 0)));
  }

  async poll(): Promise<SourceRecord[]> {
    const { random } = this.#deps.process;
    const { config, connector, sleep, signal } = this.#context;
    const isStubborn = config.stubborn === "true" && random() < STUBBORN_SHARE;
    await (isStubborn ? sleep(STUBBORN_MS) : sleep(Number(config["poll.ms"]) * (0.5 + random()), signal));
    // Drivers quote what they were given.
    if (random() < RETRIABLE_SHARE) throw new RetriableError(`simulated: ${config.password} is refused just now`);
    const records: SourceRecord[] = [];
    for (const [p, last] of this.#polled) {
      const count =
        random() < IDLE_SHARE && this.#idle < IDLE_POLLS_MAX ? 0 : 1 + Math.floor(random() * Number(config.batch));
      const to = Math.min(Number(config.total), last + count);
      for (let n = last + 1; n <= to; n++) records.push(this.#record(connector, p, n));
      this.#polled.set(p, Math.max(last, to));
    }
    this.#idle = records.length > 0 ? 0 : this.#idle + 1;
    return records;
  }

  #record(connector: string, p: string, n: number): SourceRecord {
    return {
      sourcePartition: { p },
      sourceOffset: { n },
      topic: topicOf(connector),
      partition: Number(p) % Number(this.#context.config["topic.partitions"]),
      valueSchema: Schema.STRING,
      value: `${p} ${n} ${this.#instance}`,
    };
  }

  commitRecord({ sourcePartition, sourceOffset }: SourceRecord): void {
    const [p, n] = [String(sourcePartition?.p), Number(sourceOffset?.n)];
    this.#confirmed.set(p, n);
    this.#deps.checkers.confirmations.confirmed("commitRecord", this.#context.connector, p, n);
  }

  commit(): void {
    for (const [p, n] of this.#confirmed) {
      this.#deps.checkers.confirmations.confirmed("commit", this.#context.connector, p, n);
    }
  }

  stop(): void {
    this.#deps.checkers.instances.end(this.#instance);
  }
}

function storingSink(deps: SimulatedPluginDeps): Plugin {
  return definePlugin({
    type: "sink",
    class: SINK_CLASS,
    version: "1",
    overview: "Stores what it gets, some time later.",
    config: new ConfigDef(),
    create: () => ({
      start() {},
      taskConfigs: (tasksMax) => Array.from({ length: tasksMax }, () => ({})),
      stop() {},
      task: () => new StoringTask(deps),
    }),
  });
}

class StoringTask implements SinkTask {
  readonly #deps: SimulatedPluginDeps;
  #context!: SinkTaskContext;
  #instance = 0;
  /** Put, and not stored yet; in order. */
  #buffer: SinkRecord[] = [];
  /** Topic partition → where what is stored ends. */
  readonly #stored = new Map<string, number>();

  constructor(deps: SimulatedPluginDeps) {
    this.#deps = deps;
  }

  start(context: SinkTaskContext): void {
    this.#context = context;
    this.#instance = this.#deps.checkers.instances.begin(context.logger).number;
  }

  open(partitions: readonly { topic: string; partition: number }[]): void {
    const group = `connect-${this.#context.connector}`;
    for (const { topic, partition } of partitions) {
      this.#stored.delete(`${topic}-${partition}`);
      this.#deps.checkers.sink.opened(this.#instance, group, topic, partition);
    }
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    const { random } = this.#deps.process;
    if (records.length === 0) return;
    if (random() < 0.3) await this.#context.sleep(random() * SINK_PAUSE_MAX_MS);
    if (random() < RETRIABLE_SHARE) throw new RetriableError("simulated: nothing can be stored now");
    for (const record of records) this.#deps.checkers.sink.put(this.#instance, positionOf(record));
    this.#buffer.push(...records);
  }

  /** Stores some of what was put, from the front, and says so. */
  async preCommit(offsets: readonly SinkOffset[]): Promise<SinkOffset[]> {
    const { random } = this.#deps.process;
    if (random() < 0.3) await this.#context.sleep(random() * SINK_PAUSE_MAX_MS);
    if (random() < RETRIABLE_SHARE) throw new RetriableError("simulated: nothing can be made durable now");
    const count = random() < 0.6 ? this.#buffer.length : Math.floor(random() * this.#buffer.length);
    for (const record of this.#buffer.splice(0, count)) {
      const position = positionOf(record);
      this.#deps.checkers.sink.stored(position);
      const key = `${position.topic}-${position.partition}`;
      // What it gets once more is stored already.
      this.#stored.set(key, Math.max(this.#stored.get(key) ?? 0, position.offset + 1));
    }
    const waiting = new Set(this.#buffer.map(({ topic, partition }) => `${topic}-${partition}`));
    return offsets.flatMap(({ topic, partition, offset }) => {
      const key = `${topic}-${partition}`;
      const end = waiting.has(key) ? this.#stored.get(key) : offset;
      if (end === undefined) return [];
      this.#deps.checkers.sink.preCommitted({ topic, partition, offset: end });
      return [{ topic, partition, offset: end }];
    });
  }

  close(partitions: readonly { topic: string; partition: number }[]): void {
    const gone = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`));
    this.#buffer = this.#buffer.filter(({ topic, partition }) => !gone.has(`${topic}-${partition}`));
  }

  stop(): void {
    this.#deps.checkers.instances.end(this.#instance);
  }
}

function positionOf({ topic, partition, offset }: SinkRecord): { topic: string; partition: number; offset: number } {
  return { topic, partition: partition ?? 0, offset };
}
