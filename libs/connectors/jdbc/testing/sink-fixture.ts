// No tests: what the tests of the sink share.
import {
  ConnectHeaders,
  noMetrics,
  type Schema,
  type SinkOffset,
  type SinkRecord,
  type SinkTaskContext,
  type SinkTopicPartition,
  Struct,
  type TaskConfig,
} from "@millrace/connect";
import { JdbcSink } from "../sink/jdbc-sink.ts";
import { sleep } from "./test-servers.ts";

export interface Reported {
  readonly record: SinkRecord;
  readonly error: Error;
}

export interface RunningSink {
  /** Until the records are written or the task fails: puts them again for as long as the task asks for it. */
  put(records: readonly SinkRecord[], triesMax?: number): Promise<void>;
  readonly reported: Reported[];
  readonly rewinds: SinkOffset[];
  /** How often the task has asked for another try. */
  retries: number;
  readonly task: ReturnType<ReturnType<typeof JdbcSink.create>["task"]>;
  stop(): Promise<void>;
}

/** The sink's first task as a runtime would run it. */
export async function startSink(
  config: TaskConfig,
  options: {
    readonly reporter?: boolean;
    readonly connector?: string;
    readonly partitions?: readonly SinkTopicPartition[];
  } = {},
): Promise<RunningSink> {
  const stop = new AbortController();
  const reported: Reported[] = [];
  const rewinds: SinkOffset[] = [];
  const partitions = options.partitions ?? [];
  const report = async (record: SinkRecord, error: unknown) => {
    reported.push({ record, error: error as Error });
  };
  const full = { "retry.backoff.ms": "10", "connection.attempts": "1", ...config };
  const context: SinkTaskContext = {
    connector: options.connector ?? "jdbc-sink",
    task: 0,
    config: full,
    signal: stop.signal,
    metrics: noMetrics,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    nowMs: () => Date.now(),
    sleep,
    offset: (offset) => void rewinds.push(offset),
    timeout() {},
    assignment: () => partitions,
    pause() {},
    resume() {},
    requestCommit() {},
    errantRecordReporter: options.reporter === true ? { report } : null,
  };
  const task = JdbcSink.create().task();
  const sink: RunningSink = {
    task,
    reported,
    rewinds,
    retries: 0,
    async put(records, triesMax = 50) {
      // The second tells how the first went, as the next batch would.
      for (const batch of [records, []]) {
        for (let tries = 1; ; tries++) {
          try {
            await task.put(batch);
            break;
          } catch (error) {
            const again = (error as { retriable?: boolean }).retriable === true && tries < triesMax;
            if (!again) throw error;
            sink.retries++;
            await sleep(10);
          }
        }
      }
    },
    async stop() {
      await task.preCommit?.([]);
      stop.abort();
      await task.stop();
    },
  };
  try {
    await task.start(context);
    if (partitions.length > 0) await task.open?.(partitions);
  } catch (error) {
    await sink.stop();
    throw error;
  }
  return sink;
}

let nextOffset = 0;

export interface RecordParts {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly keySchema?: Schema | null;
  readonly key?: unknown;
}

/** A record with the next offset; a value of plain fields becomes a Struct of the schema. */
export function sinkRecord(valueSchema: Schema | null, value: unknown, parts: RecordParts = {}): SinkRecord {
  const { topic = "orders", partition = 0, offset = nextOffset++, keySchema = null, key = null } = parts;
  return {
    topic,
    partition,
    offset,
    keySchema,
    key: structOf(keySchema, key),
    valueSchema,
    value: structOf(valueSchema, value),
    timestamp: 1,
    timestampType: "CreateTime",
    headers: new ConnectHeaders(),
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: offset,
  };
}

function structOf(schema: Schema | null, value: unknown): unknown {
  if (schema?.type !== "STRUCT" || value === null || value instanceof Struct) return value;
  const struct = new Struct(schema);
  for (const [name, field] of Object.entries(value as Record<string, unknown>)) struct.put(name, field);
  return struct;
}
