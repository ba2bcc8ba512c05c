import {
  ConnectHeaders,
  isRetriable,
  type SinkConnector,
  type SinkOffset,
  type SinkPlugin,
  type SinkRecord,
  type SinkTask,
  type SinkTopicPartition,
} from "../mod.ts";
import { errorOf, insist, shown, within } from "./check.ts";
import { connectorContext, type FakeSinkTaskContext, sinkTaskContext } from "./fake-contexts.ts";
import { FlowingClock } from "./flowing-clock.ts";
import { StoredOffsets } from "./stored-offsets.ts";

export interface SinkSettings {
  readonly plugin: SinkPlugin;
  readonly config: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** How often the runtime would put a batch again that failed retriably; here it is enough to know. */
const PUTS_MAX = 10;
const RETRY_MS = 250;

/** One task of a sink, called as the runtime calls it. */
export class SinkWriting {
  readonly task: SinkTask;
  #settings: SinkSettings;
  #clock = new FlowingClock();
  #connector: SinkConnector;
  #stop = new AbortController();
  #context!: FakeSinkTaskContext;
  #partitions: readonly SinkTopicPartition[] = [];
  /** By partition, the offset behind the last record put. */
  #ends = new Map<string, SinkOffset>();

  private constructor(settings: SinkSettings) {
    this.#settings = settings;
    this.#connector = settings.plugin.create();
    // Not of the connector that was started: that one runs in another process.
    this.task = settings.plugin.create().task();
  }

  static async start(settings: SinkSettings): Promise<SinkWriting> {
    const writing = new SinkWriting(settings);
    try {
      await writing.#start();
    } catch (error) {
      await errorOf(() => writing.stop());
      throw error;
    }
    return writing;
  }

  async open(partitions: readonly SinkTopicPartition[]): Promise<void> {
    this.#partitions = partitions;
    await this.#call("open", this.task.open?.(partitions));
  }

  /** As the runtime: what fails retriably is put again, a bounded number of times. */
  async put(records: readonly SinkRecord[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const error = await errorOf(() => this.#call("put", this.task.put(records)));
      if (error === null) break;
      if (!isRetriable(error) || attempt === PUTS_MAX) throw error;
      await this.#clock.sleep(RETRY_MS);
    }
    for (const { topic, partition, offset } of records) {
      this.#ends.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1 });
    }
  }

  /** @returns what may be committed, after checking that it is no more than was put. */
  async commit(): Promise<readonly SinkOffset[]> {
    const put = [...this.#ends.values()];
    if (this.task.preCommit === undefined) {
      await this.#call("flush", this.task.flush?.(put));
      return put;
    }
    const offsets = await this.#call("preCommit", this.task.preCommit(put));
    insist(Array.isArray(offsets), `preCommit gives ${shown(offsets)}: give a list of offsets, [] for none yet.`);
    for (const { topic, partition, offset } of offsets) {
      const end = this.#ends.get(`${topic} ${partition}`);
      insist(end !== undefined, `preCommit gives an offset of ${topic}-${partition}, of which nothing was put.`);
      insist(
        Number.isSafeInteger(offset) && offset >= 0 && offset <= end.offset,
        `preCommit gives offset ${shown(offset)} of ${topic}-${partition}, where records up to ${end.offset} were put: ` +
          "give the offset behind the last record that is safe, its own plus one.",
      );
    }
    return offsets;
  }

  async close(): Promise<void> {
    await this.#call("close", this.task.close?.(this.#partitions));
    this.#partitions = [];
    this.#ends.clear();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error("the task was asked to stop"));
    await this.#call("stop", this.task.stop());
    await this.#call("The connector's stop", this.#connector.stop());
  }

  async #start(): Promise<void> {
    const { config } = this.#settings;
    const connector = this.#connector;
    const connectorClock = new FlowingClock();
    const context = connectorContext(connectorClock, new StoredOffsets());
    await this.#call("The connector's start", connector.start(context, config));
    const taskConfig = (await connector.taskConfigs(1))[0];
    connectorClock.hold();
    insist(taskConfig !== undefined, "taskConfigs(1) gives no task for the config of this test.");
    this.#context = sinkTaskContext({
      clock: this.#clock,
      config: taskConfig,
      signal: this.#stop.signal,
      assignment: () => this.#partitions,
      errantRecordReporter: null,
    });
    await this.#call("The task's start", this.task.start(this.#context));
  }

  #call<T>(what: string, running: T | Promise<T>): Promise<T> {
    const { timeoutMs } = this.#settings;
    return within(
      timeoutMs,
      running,
      `${what} did not end within ${timeoutMs} ms: bound each wait, and end it by \`context.signal\`.`,
    );
  }
}

/** A record of one partition, complete: coordinates follow from its place in the list. */
export function completeRecord(given: Partial<SinkRecord>, offset: number): SinkRecord {
  const topic = given.topic ?? "acceptance";
  const partition = given.partition ?? 0;
  return {
    topic,
    partition,
    offset,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: 1_700_000_000_000,
    timestampType: "CreateTime",
    headers: new ConnectHeaders(),
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: offset,
    ...given,
  };
}

export function partitionsOf(records: readonly SinkRecord[]): SinkTopicPartition[] {
  const found = new Map(records.map(({ topic, partition }) => [`${topic} ${partition}`, { topic, partition }]));
  return [...found.values()];
}
