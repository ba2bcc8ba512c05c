import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  ConnectHeaders,
  Schema,
  SchemaBuilder,
  type SinkRecord,
  type SinkTaskContext,
  Struct,
} from "@millrace/connect";
import { FileSinkTask } from "./file-sink-task.ts";

function record(value: unknown, valueSchema: Schema | null): SinkRecord {
  const headers = new ConnectHeaders();
  return {
    topic: "t",
    partition: 0,
    offset: 0,
    keySchema: null,
    key: null,
    valueSchema,
    value,
    timestamp: null,
    timestampType: "NoTimestampType",
    headers,
    originalTopic: "t",
    originalPartition: 0,
    originalOffset: 0,
  };
}

test("FileSinkTask appends each value as Java's toString shows it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-file-sink-"));
  const file = join(folder, "out.txt");
  const row = SchemaBuilder.struct().field("a", Schema.INT64).field("b", Schema.STRING).build();
  for (const batch of [
    [record("plain", Schema.STRING), record(Struct.of(row, [1, "x"]), row)],
    [record(null, null), record(1, Schema.FLOAT64), record(new Map([["k", [1, 2]]]), null)],
    [],
  ]) {
    const task = new FileSinkTask();
    await task.start({ config: { file } } as unknown as SinkTaskContext);
    await task.put(batch);
    await task.flush();
    await task.stop();
  }
  assert.equal(await readFile(file, "utf8"), "plain\nStruct{a=1,b=x}\nnull\n1.0\n{k=[1, 2]}\n");
  await rm(folder, { recursive: true });
});

test("FileSinkTask writes to a device, which has nothing to bring to disk", async () => {
  const task = new FileSinkTask();
  await task.start({ config: { file: "/dev/null" } } as unknown as SinkTaskContext);
  await task.put([record("gone", Schema.STRING)]);
  await task.flush();
  await task.stop();
});
