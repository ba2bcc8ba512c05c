import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveReader } from "../../../deploy/prove/live-reader.ts";
import { NumberedFile, Writer } from "../../../deploy/prove/numbered-rows.ts";
import { createTopics } from "../../../deploy/prove/topic-reader.ts";
import { until } from "../../../deploy/prove/until.ts";
import { places, type Worker, type WorkerSet } from "./worker-set.ts";

export interface FailoverPlan {
  /** Each with one task, a file and a topic. */
  readonly connectors: number;
  readonly crashes: number;
  readonly drains: number;
  /** For the slowest task. */
  readonly timeoutMs: number;
}

export interface FailoverResult {
  readonly label: string;
  /** One a task and crash: from the crash until a record that was written after it could be read. */
  readonly crashMs: readonly number[];
  /** One a task and drain: the longest time in which nothing of it could be read. */
  readonly drainGapMs: readonly number[];
  /** One a drain: from SIGTERM until every task was RUNNING elsewhere. */
  readonly drainMs: readonly number[];
}

const LOOK_MS = 10;
const SETTLE_MS = 2_500;
const STRINGS = "org.apache.kafka.connect.storage.StringConverter";

/** Files flow through the workers' tasks while one worker after the other crashes, or is asked to end. */
export async function measureFailover(
  set: WorkerSet,
  plan: FailoverPlan,
  say: (line: string) => void,
): Promise<FailoverResult> {
  const files = Array.from({ length: plan.connectors }, (_, i) => {
    return new NumberedFile(join(set.dir, `flow-${i}.txt`), `flow-${i}`);
  });
  const topics = files.map(({ topic }) => topic);
  await createTopics(set.bootstrapServers, topics, 1);
  for (const file of files)
    await set.restWithout(null).insist("PUT", `/connectors/${file.topic}/config`, configOf(file));
  const reader = new LiveReader(set.bootstrapServers, topics);
  await reader.start();
  // A trickle of a few lines at a time, for as long as it takes.
  const writer = new Writer(files, { perStream: 1_000_000, phases: 2, phaseMs: 10_000_000 });
  writer.start();
  const flow: Flow = { set, files, reader, timeoutMs: plan.timeoutMs };
  const result = { label: set.label, crashMs: [] as number[], drainGapMs: [] as number[], drainMs: [] as number[] };
  try {
    for (let i = 0; i < plan.crashes + plan.drains; i++) {
      const worker = set.workers[i % set.workers.length]!;
      const theirs = await settled(flow, worker);
      if (i < plan.crashes) {
        const times = await crash(flow, worker, theirs);
        result.crashMs.push(...times);
        say(`${set.label}: crash ${i + 1}/${plan.crashes}: ${theirs.length} tasks back after ${shown(times)}`);
      } else {
        const { gaps, tookMs } = await drain(flow, worker, theirs);
        result.drainGapMs.push(...gaps);
        result.drainMs.push(tookMs);
        say(
          `${set.label}: drain ${i + 1 - plan.crashes}/${plan.drains}: elsewhere after ${tookMs.toFixed(0)} ms, no data for ${shown(gaps)}`,
        );
      }
      await worker.restart();
    }
    return result;
  } finally {
    await writer.stop();
    await reader.stop();
  }
}

interface Flow {
  readonly set: WorkerSet;
  readonly files: readonly NumberedFile[];
  readonly reader: LiveReader;
  readonly timeoutMs: number;
}

function configOf(file: NumberedFile): Record<string, string> {
  return {
    "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
    "tasks.max": "1",
    file: file.path,
    topic: file.topic,
    "key.converter": STRINGS,
    "value.converter": STRINGS,
  };
}

/** Waits until every task runs and this worker has its share. @returns the streams of its tasks. */
async function settled({ set, files, timeoutMs }: Flow, worker: Worker): Promise<readonly NumberedFile[]> {
  const shareMin = Math.floor(files.length / set.workers.length);
  let theirs: readonly NumberedFile[] = [];
  const isSettled = async () => {
    const where = await places(set.restWithout(worker));
    theirs = files.filter(({ topic }) => where.get(topic) === worker.id);
    return where.size === files.length && theirs.length >= shareMin;
  };
  await until(`${worker.id} has its share`, isSettled, timeoutMs);
  await sleep(SETTLE_MS);
  await until(`${worker.id} has its share`, isSettled, timeoutMs);
  return theirs;
}

const highestOf = ({ reader }: Flow, file: NumberedFile): number => reader.ledgers.get(file.topic)!.highest;

async function crash(flow: Flow, worker: Worker, theirs: readonly NumberedFile[]): Promise<number[]> {
  await worker.crash();
  const startMs = performance.now();
  const marks = new Map(theirs.map((file) => [file, file.highest]));
  const times = new Map<NumberedFile, number>();
  while (times.size < theirs.length) {
    const nowMs = performance.now() - startMs;
    if (nowMs > flow.timeoutMs) throw new Error(`${theirs.length - times.size} tasks are not back after ${nowMs} ms`);
    for (const file of theirs) {
      if (!times.has(file) && highestOf(flow, file) > marks.get(file)!) times.set(file, nowMs);
    }
    await sleep(LOOK_MS);
  }
  return [...times.values()];
}

async function drain(
  flow: Flow,
  worker: Worker,
  theirs: readonly NumberedFile[],
): Promise<{ gaps: number[]; tookMs: number }> {
  const { set } = flow;
  const startMs = performance.now();
  const ended = worker.drain();
  let tookMs: number | null = null;
  const elsewhere = until(
    "every task runs elsewhere",
    async () => {
      const where = await places(set.restWithout(worker));
      return theirs.every(({ topic }) => where.has(topic) && where.get(topic) !== worker.id);
    },
    flow.timeoutMs,
  ).then(() => {
    tookMs = performance.now() - startMs;
  });
  const last = new Map(theirs.map((file) => [file, { highest: highestOf(flow, file), atMs: startMs }]));
  const gaps = new Map(theirs.map((file) => [file, 0]));
  // Until all are elsewhere and have sent something since.
  const flowed = () => tookMs !== null && [...last.values()].every(({ atMs }) => atMs > startMs + tookMs!);
  while (!flowed()) {
    const atMs = performance.now();
    if (atMs - startMs > flow.timeoutMs) throw new Error("drained tasks do not flow");
    for (const file of theirs) {
      const { highest, atMs: beforeMs } = last.get(file)!;
      gaps.set(file, Math.max(gaps.get(file)!, atMs - beforeMs));
      if (highestOf(flow, file) > highest) last.set(file, { highest: highestOf(flow, file), atMs });
    }
    await sleep(LOOK_MS);
  }
  await Promise.all([elsewhere, ended]);
  return { gaps: [...gaps.values()], tookMs: tookMs! };
}

const shown = (times: readonly number[]): string => `${times.map((ms) => Math.round(ms)).join(", ")} ms`;
