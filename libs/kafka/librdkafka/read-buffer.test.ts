import assert from "node:assert/strict";
import { test } from "node:test";
import type { NativeMessage } from "./native.ts";
import { partitionKey, ReadBuffer } from "./read-buffer.ts";

const message = (partition: number, offset: number, size = 0): NativeMessage => ({
  topic: "t",
  partition,
  offset,
  key: null,
  value: null,
  size,
  timestamp: -1,
});
const at = (partition: number) => ({ topic: "t", partition });
const all = () => true;
const none = new Set<string>();

test("ReadBuffer.take moves positions behind what it returns, not behind what it read ahead", () => {
  const buffer = new ReadBuffer();
  buffer.add([message(0, 5), message(0, 6), message(1, 9)], [{ ...at(0), offset: 8 }], all);
  assert.deepEqual(
    buffer.take(1, none).map((record) => record.offset),
    [5],
  );
  assert.deepEqual([buffer.position(at(0)), buffer.position(at(1))], [6, null]);
  buffer.take(10, none);
  assert.deepEqual([buffer.position(at(0)), buffer.position(at(1))], [8, 10]);
});

test("ReadBuffer.take keeps the records of paused partitions for later", () => {
  const buffer = new ReadBuffer();
  buffer.add([message(0, 0), message(1, 0)], [{ ...at(1), offset: 2 }], all);
  assert.equal(buffer.take(10, new Set([partitionKey(at(1))])).length, 1);
  assert.equal(buffer.position(at(1)), null);
  assert.equal(buffer.take(10, none)[0]?.partition, 1);
  assert.equal(buffer.position(at(1)), 2);
});

test("ReadBuffer leaves out partitions that were revoked while they were read", () => {
  const buffer = new ReadBuffer();
  buffer.add([message(0, 0), message(1, 0), message(0, 1)], [], ({ partition }) => partition === 1);
  assert.deepEqual(
    buffer.take(10, none).map((record) => record.partition),
    [1],
  );
  buffer.add([message(1, 1)], [], all);
  buffer.forget([at(1)]);
  assert.deepEqual(buffer.take(10, none), []);
  assert.equal(buffer.position(at(1)), null);
});

test("ReadBuffer reads as many at once as Java has of a partition, if values stay as large as they were", () => {
  const buffer = new ReadBuffer();
  assert.equal(buffer.roomFor(100), 100);
  buffer.add([message(0, 0, 1_000), message(0, 1, 3_000)], [], all);
  assert.equal(buffer.roomFor(10_000), 524);
  buffer.add([], [], all);
  assert.equal(buffer.roomFor(10_000), 524);
  buffer.add([message(0, 2, 5_000_000)], [], all);
  assert.equal(buffer.roomFor(10_000), 1);
  buffer.add([message(0, 3)], [], all);
  assert.equal(buffer.roomFor(10_000), 10_000);
});
