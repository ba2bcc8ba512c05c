import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsumerHandle, NativeMessage, PackedRecords } from "./native.ts";
import { recordReader } from "./record-reader.ts";

const message = (offset: number, size: number): NativeMessage => ({
  topic: "t",
  partition: 0,
  offset,
  key: null,
  value: null,
  size,
  timestamp: -1,
});

test("the addon is asked for as many records at once as Java has of a partition, if values stay as large as they were", async () => {
  const asked: number[] = [];
  let answer: NativeMessage[] = [];
  const handle: ConsumerHandle = {
    consume: (_timeoutMs, recordsMax, _first, done) => {
      asked.push(recordsMax);
      done(null, answer, []);
    },
  };
  const read = recordReader(() => handle, null);
  await read(10, 100);
  answer = [message(0, 1_000), message(1, 3_000)];
  await read(10, 100);
  answer = [];
  await read(10, 10_000);
  answer = [message(2, 5_000_000)];
  await read(10, 10_000);
  answer = [message(3, 0)];
  await read(10, 10_000);
  await read(10, 10_000);
  assert.deepEqual(asked, [100, 100, 524, 524, 1, 10_000]);
});

test("an error comes behind what was read before it", async () => {
  const rows = new Uint8Array(Float64Array.of(0, 0, 2, 7, 1_000, 1, -1, 1, 0).buffer);
  const packed = {
    consume: (
      _handle: unknown,
      _timeoutMs: number,
      _records: number,
      _bytes: number,
      done: (...all: unknown[]) => void,
    ) => done(-147, "fell out", rows, ["t"], Uint8Array.of(9)),
  } as unknown as PackedRecords;
  const { records, ends, error } = await recordReader(() => null as never, packed)(10, 100);
  assert.deepEqual(
    records.map(({ offset, value }) => [offset, value![0]]),
    [[7, 9]],
  );
  assert.deepEqual([ends, error], [[], { code: -147, message: "fell out" }]);
});
