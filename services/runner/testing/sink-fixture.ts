import {
  ConfigDef,
  definePlugin,
  type Plugin,
  type SinkOffset,
  type SinkRecord,
  type SinkTaskContext,
  type SinkTopicPartition,
} from "@millrace/connect";
import type { TaskWork } from "@millrace/protocol";
import type { RunningTask } from "../task-host/running-task.ts";
import type { Tracing } from "../task-host/tracing/open-tracing.ts";
import { type HostFixture, openHostFixture, taskWork } from "./host-fixture.ts";

/** What a scripted sink task does; each test gives its own. */
export interface ScriptedSink {
  start?(context: SinkTaskContext): void;
  open?(partitions: readonly SinkTopicPartition[]): void;
  put?(records: readonly SinkRecord[], context: SinkTaskContext): void | Promise<void>;
  preCommit?(offsets: readonly SinkOffset[]): readonly SinkOffset[] | Promise<readonly SinkOffset[]>;
  flush?(offsets: readonly SinkOffset[]): void;
  close?(partitions: readonly SinkTopicPartition[]): void;
}

export interface SinkFixture extends HostFixture {
  /** Calls of the task in order: `put 1,2`, `preCommit in/0=2`, `open in/0`, `close in/0`, `stop`; empty puts left out. */
  readonly calls: string[];
  /** Values put successfully, in order. */
  readonly values: string[];
  /** Writes values to a partition of topic `in`. */
  write(values: readonly (string | null)[], partition?: number): Promise<void>;
  committed(partition?: number): number | null;
  /** Stops the task, which must not take long. */
  stop(task: RunningTask): Promise<void>;
}

/** A sink of topic `in` in the inside of a task host. */
export function openSinkFixture(
  script: ScriptedSink = {},
  options: {
    readonly partitions?: number;
    readonly worker?: Readonly<Record<string, string>>;
    readonly plugins?: readonly Plugin[];
    readonly tracing?: Tracing;
  } = {},
): SinkFixture {
  const calls: string[] = [];
  const values: string[] = [];
  const worker = { "offset.flush.interval.ms": "1000", ...options.worker };
  const fixture = openHostFixture({
    plugins: [scriptedSink(script, calls, values), ...(options.plugins ?? [])],
    worker,
    ...(options.tracing && { tracing: options.tracing }),
  });
  const { cluster } = fixture;
  cluster.createTopic({ topic: "in", partitions: options.partitions ?? 1, replicationFactor: 1, configs: {} });
  const producer = cluster.client().producer({});
  return {
    ...fixture,
    calls,
    values,
    async write(written, partition = 0) {
      const to = await producer;
      for (const value of written) {
        to.send("in", partition, value === null ? null : new TextEncoder().encode(value), null, 0, null);
      }
      await to.flush(1000);
    },
    committed: (partition = 0) => {
      const [found] = cluster.group("connect-c").committed([{ topic: "in", partition }]);
      return found?.offset ?? null;
    },
    async stop(task) {
      await Promise.all([task.stop(5000), fixture.clock.advance(1000)]);
    },
  };
}

export function sinkWork(overrides: Partial<TaskWork> & { config?: Record<string, string> } = {}): TaskWork {
  const config = { "connector.class": "test.ScriptedSink", topics: "in", ...overrides.config };
  return taskWork({ ...overrides, config });
}

function scriptedSink(script: ScriptedSink, calls: string[], values: string[]): Plugin {
  return definePlugin({
    type: "sink",
    class: "test.ScriptedSink",
    version: "1",
    overview: "Does what the test says.",
    config: new ConfigDef(),
    create: () => ({
      start() {},
      taskConfigs: () => [{}],
      stop() {},
      task() {
        let context: SinkTaskContext;
        return {
          start(given) {
            context = given;
            script.start?.(given);
          },
          open(partitions) {
            calls.push(`open ${names(partitions)}`);
            script.open?.(partitions);
          },
          async put(records) {
            const put = records.map(({ value }) => String(value));
            if (put.length > 0) calls.push(`put ${put.join(",")}`);
            await script.put?.(records, context);
            values.push(...put);
          },
          ...(script.flush
            ? { flush: (offsets: readonly SinkOffset[]) => script.flush?.(offsets) }
            : {
                preCommit(offsets: readonly SinkOffset[]) {
                  calls.push(
                    `preCommit ${offsets.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`).join(",")}`,
                  );
                  return script.preCommit?.(offsets) ?? offsets;
                },
              }),
          close(partitions) {
            calls.push(`close ${names(partitions)}`);
            script.close?.(partitions);
          },
          stop() {
            calls.push("stop");
          },
        };
      },
    }),
  });
}

function names(partitions: readonly SinkTopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(",");
}
