import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { noMetrics, type OffsetMap, type SourceRecord, type SourceTaskContext } from "@millrace/connect";
import { FileSourceTask } from "./file-source-task.ts";

const folder = await mkdtemp(join(tmpdir(), "millrace-file-source-"));
after(() => rm(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `f${files++}.txt`);

/** Waits are not waited for, only counted. */
async function startTask(file: string, options: { offset?: OffsetMap; batchSize?: number } = {}) {
  const stop = new AbortController();
  const slept: number[] = [];
  let behind: () => number | null = () => null;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const context: SourceTaskContext = {
    connector: "c",
    task: 0,
    config: { file, topic: "lines", "batch.size": String(options.batchSize ?? 2000) },
    transaction: null,
    signal: stop.signal,
    logger: silent,
    metrics: { ...noMetrics, gauge: (_name, { read }) => (behind = read) },
    nowMs: () => 42,
    sleep: async (delayMs) => {
      slept.push(delayMs);
    },
    offsets: {
      offset: async () => options.offset ?? null,
      offsets: async (partitions) => partitions.map(() => options.offset ?? null),
    },
  };
  const task = new FileSourceTask();
  task.start(context);
  const pollUntil = async (count: number) => {
    const records: SourceRecord[] = [];
    while (records.length < count) records.push(...((await task.poll()) ?? []));
    return records;
  };
  return { task, slept, stop, pollUntil, behind: () => behind() };
}

const values = (records: readonly SourceRecord[]) => records.map((record) => record.value);

test("FileSourceTask gives each line as a record with its byte position, and null at the end", async () => {
  const file = newPath();
  await writeFile(file, "one\ntwö\nthr");
  const { task, behind } = await startTask(file);
  assert.equal(behind(), null);
  const records = await task.poll();
  assert.deepEqual(
    records?.map(({ value, sourceOffset, sourcePartition, topic, timestamp }) => [
      value,
      sourceOffset,
      sourcePartition,
      topic,
      timestamp,
    ]),
    [
      ["one", { position: 4 }, { filename: file }, "lines", 42],
      ["twö", { position: 9 }, { filename: file }, "lines", 42],
    ],
  );
  assert.equal(await task.poll(), null);
  assert.equal(behind(), 0);
  await appendFile(file, "ee\n");
  assert.equal(behind(), 3);
  assert.deepEqual(values((await task.poll()) ?? []), ["three"]);
  await task.stop();
});

test("FileSourceTask waits about a second for a file that does not exist", async () => {
  const file = newPath();
  const { task, slept } = await startTask(file);
  assert.equal(await task.poll(), null);
  assert.deepEqual(slept, [1000]);
  await writeFile(file, "here\n");
  assert.deepEqual(values((await task.poll()) ?? []), ["here"]);
  await task.stop();
});

test("FileSourceTask resumes at the stored position", async () => {
  const file = newPath();
  await writeFile(file, "one\ntwo\nthree\n");
  const { task } = await startTask(file, { offset: { position: 4 } });
  assert.deepEqual(values((await task.poll()) ?? []), ["two", "three"]);
  await task.stop();
});

test("FileSourceTask starts over when the file is shorter than the stored position", async () => {
  const file = newPath();
  await writeFile(file, "new\n");
  const { task } = await startTask(file, { offset: { position: 400 } });
  assert.deepEqual(values((await task.poll()) ?? []), ["new"]);
  await task.stop();
});

test("FileSourceTask reads a replaced file to its end, its unfinished line too, then the new one", async () => {
  const file = newPath();
  await writeFile(file, "old 1\n");
  const { task, pollUntil } = await startTask(file);
  assert.deepEqual(values(await pollUntil(1)), ["old 1"]);
  await rename(file, `${file}.1`);
  await appendFile(`${file}.1`, "old 2\nold 3");
  await writeFile(file, "new 1\nnew 2\n");
  const records = await pollUntil(4);
  assert.deepEqual(values(records), ["old 2", "old 3", "new 1", "new 2"]);
  assert.deepEqual(records.at(-1)?.sourceOffset, { position: 12 });
  await task.stop();
});

test("FileSourceTask starts over when the file is truncated", async () => {
  const file = newPath();
  await writeFile(file, "a long first line\n");
  const { task, pollUntil } = await startTask(file);
  await pollUntil(1);
  await truncate(file, 0);
  await appendFile(file, "short\n");
  const records = await pollUntil(1);
  assert.deepEqual([values(records), records[0]?.sourceOffset], [["short"], { position: 6 }]);
  await task.stop();
});

test("FileSourceTask gives every line once, in order, whatever the sizes of lines, reads and batches", async () => {
  const file = newPath();
  const written: string[] = [];
  for (let i = 0; i < 4000; i++) written.push(`${i} ${"x".repeat((i * 7919) % 400)}${i % 50 === 0 ? "ü" : ""}`);
  written.push("y".repeat(700_000), "last");
  const ends = ["\n", "\r\n", "\r"];
  await writeFile(file, `${written.map((line, i) => line + ends[i % 3]).join("")}tail\n`);
  const { task, pollUntil } = await startTask(file, { batchSize: 77 });
  const records = await pollUntil(written.length + 1);
  assert.deepEqual(values(records), [...written, "tail"]);
  await task.stop();
  const middle = records[2500];
  const resumed = await startTask(file, { offset: middle?.sourceOffset as OffsetMap });
  assert.equal((await resumed.pollUntil(1))[0]?.value, written[2501]);
  await resumed.task.stop();
});
