import {
  noMetrics,
  type SinkPlugin,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type SinkTopicPartition,
} from "@millrace/connect";
import type { ConsumedRecord } from "@millrace/kafka";
import { ProtocolError } from "@millrace/protocol";
import { SinkDecoder } from "../stages/decode.ts";
import { connectorPlugin, openConverters, openTransforms } from "../task-plugins.ts";
import { errorText } from "../trace.ts";
import type { Queue } from "./dead-letter-queue-reader.ts";
import { edited, originOfLetter, ownHeaders } from "./letter.ts";
import type { Chosen } from "./replay-choice.ts";

export interface PutLetters {
  readonly written: readonly Chosen[];
  readonly failed: readonly { readonly chosen: Chosen; readonly message: string }[];
}

interface Decoded {
  readonly chosen: Chosen;
  /** null: a transform drops it, which is an end as good as any. */
  readonly record: SinkRecord | null;
}

/**
 * Through converters and transforms into a task of the sink made for these records alone. A record that cannot be read, or
 * that the task reports or refuses, stays a dead letter.
 */
export async function putLetters(
  queue: Queue,
  taskConfig: Readonly<Record<string, string>>,
  letters: readonly Chosen[],
  signal: AbortSignal,
): Promise<PutLetters> {
  const { env, config } = queue;
  const plugin = connectorPlugin(env, config);
  if (plugin.type !== "sink") {
    throw new ProtocolError(
      "INVALID",
      "Only a sink takes dead letters itself: replay those of a source to their topic",
    );
  }
  const failures = new Map<Chosen, string>();
  const decoder = new SinkDecoder({
    chain: openTransforms(env, config),
    converters: openConverters(env, config),
    keepOrigin: false,
  });
  try {
    const decoded: Decoded[] = [];
    for (const chosen of letters) {
      try {
        decoded.push({ chosen, record: await decoder.decode(original(chosen)) });
      } catch (error) {
        failures.set(chosen, errorText(error));
      }
    }
    await put({ queue, plugin, taskConfig, decoded, failures, signal });
    const written = letters.filter((chosen) => !failures.has(chosen));
    return { written, failed: [...failures].map(([chosen, message]) => ({ chosen, message })) };
  } finally {
    decoder.close();
  }
}

/** As it was consumed; without coordinates of its own a letter has those it has in its queue. */
function original({ letter, edit }: Chosen): ConsumedRecord {
  const origin = originOfLetter(letter.record);
  const record = edited(letter.record, edit);
  const { topic, partition, offset } = record;
  const from = {
    topic: origin?.topic ?? topic,
    partition: origin?.partition ?? partition,
    offset: origin?.offset ?? offset,
  };
  return { ...record, ...from, headers: ownHeaders(record) };
}

type Waiting = { readonly chosen: Chosen; readonly record: SinkRecord };

interface Put {
  readonly queue: Queue;
  readonly plugin: SinkPlugin;
  readonly taskConfig: Readonly<Record<string, string>>;
  readonly decoded: readonly Decoded[];
  readonly failures: Map<Chosen, string>;
  readonly signal: AbortSignal;
}

/** All in one batch; where the task refuses that, one by one, so that a bad record spares the others. */
async function put({ queue, plugin, taskConfig, decoded, failures, signal }: Put): Promise<void> {
  const letters = decoded.flatMap(({ chosen, record }): Waiting[] => (record === null ? [] : [{ chosen, record }]));
  if (letters.length === 0) return;
  const partitions = partitionsOf(letters);
  const reported = (record: SinkRecord, error: unknown) => {
    const waiting = letters.find((each) => sameRecord(each.record, record));
    if (waiting !== undefined) failures.set(waiting.chosen, errorText(error));
  };
  const task = plugin.create().task();
  try {
    await task.start(context({ queue, taskConfig, signal, partitions, reported }));
    await task.open?.(partitions);
    try {
      await write(task, letters);
    } catch {
      for (const letter of letters) {
        await write(task, [letter]).catch((error: unknown) => void failures.set(letter.chosen, errorText(error)));
      }
    }
    await task.close?.(partitions);
  } finally {
    await task.stop();
  }
}

/** @throws Error when the task does not say that all of them are safe (I6). */
async function write(task: SinkTask, letters: readonly Waiting[]): Promise<void> {
  await task.put(letters.map(({ record }) => record));
  const ends = partitionsOf(letters).map((at) => {
    const offsets = letters.filter(({ record }) => samePartition(record, at)).map(({ record }) => record.offset);
    return { ...at, offset: Math.max(...offsets) + 1 };
  });
  if (task.preCommit === undefined) {
    await task.flush?.(ends);
    return;
  }
  const safe = await task.preCommit(ends);
  const unsafe = ends.find((end) => !safe.some((each) => samePartition(each, end) && each.offset >= end.offset));
  if (unsafe !== undefined) {
    throw new Error(`the sink did not make records of ${unsafe.topic}-${unsafe.partition} durable; ask again`);
  }
}

function partitionsOf(letters: readonly Waiting[]): SinkTopicPartition[] {
  const found: SinkTopicPartition[] = [];
  for (const { record } of letters) {
    const { topic, partition } = record;
    if (!found.some((each) => samePartition(each, record))) found.push({ topic, partition: partition ?? 0 });
  }
  return found;
}

function samePartition(a: Place, b: Place): boolean {
  return a.topic === b.topic && (a.partition ?? 0) === (b.partition ?? 0);
}

type Place = { readonly topic: string; readonly partition?: number | null };

/** A transform or the task itself may have changed topic and partition. */
function sameRecord(a: SinkRecord, b: SinkRecord): boolean {
  return (
    a.originalTopic === b.originalTopic &&
    a.originalPartition === b.originalPartition &&
    a.originalOffset === b.originalOffset
  );
}

interface ContextDeps extends Pick<Put, "queue" | "taskConfig" | "signal"> {
  readonly partitions: readonly SinkTopicPartition[];
  readonly reported: (record: SinkRecord, error: unknown) => void;
}

/** There is no consumer behind it: what asks for one does nothing. */
function context({ queue, taskConfig, signal, partitions, reported }: ContextDeps): SinkTaskContext {
  const { connector, env } = queue;
  const { clock, logger } = env;
  return {
    connector,
    task: 0,
    config: taskConfig,
    metrics: noMetrics,
    logger: logger.child({ connector, replay: true }),
    signal,
    nowMs: () => clock.nowMs(),
    sleep: (delayMs, until) => clock.sleep(delayMs, until),
    assignment: () => partitions,
    offset() {},
    timeout() {},
    pause() {},
    resume() {},
    requestCommit() {},
    errantRecordReporter: {
      report: async (record, error) => reported(record, error),
    },
  };
}
