// No tests: the source's task as a runtime would run it.
import { noMetrics, type OffsetMap, type SourceRecord, type Struct, type TaskConfig } from "@millrace/connect";
import { PostgresCdc } from "../plugin.ts";

export async function startTask(config: TaskConfig, stored: OffsetMap | null = null) {
  const stop = new AbortController();
  const task = PostgresCdc.create().task();
  const sleep = (delayMs: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, delayMs);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  const stopTask = async () => {
    stop.abort();
    await task.stop();
  };
  const starting = task.start({
    connector: "cdc",
    task: 0,
    config,
    transaction: null,
    metrics: noMetrics,
    signal: stop.signal,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    nowMs: () => Date.now(),
    sleep,
    offsets: { offset: async () => stored, offsets: async () => [stored] },
  }) as Promise<void>;
  await starting.catch(async (error) => {
    await stopTask();
    throw error;
  });
  return {
    /** Polls, and commits, until `done` says so of all records so far. */
    async read(done: (records: readonly SourceRecord[]) => boolean, commits = true): Promise<SourceRecord[]> {
      const records: SourceRecord[] = [];
      while (!done(records)) {
        const polled = (await task.poll()) ?? [];
        records.push(...polled);
        if (commits && polled.length > 0) await task.commit?.(polled.at(-1)!);
      }
      return records;
    },
    stop: stopTask,
  };
}

/** What a consumer makes of the events: rows by key. @throws Error when an event does not fit the rows before it. */
export function replay(records: readonly SourceRecord[]): Map<unknown, unknown[]> {
  const rows = new Map<unknown, unknown[]>();
  for (const { key, value } of records) {
    if (value === null) continue;
    const [before, after, , , op] = (value as Struct).values as [Struct | null, Struct | null, Struct, null, string];
    const id = (key as Struct).values[0];
    const there = rows.has(id);
    if ((op === "c" || op === "r") === there) throw new Error(`${op} of ${id}, which is ${there ? "" : "not "}there`);
    if (op === "d") rows.delete(id);
    else rows.set(id, (after ?? before)!.values);
  }
  return rows;
}
