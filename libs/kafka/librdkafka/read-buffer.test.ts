import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsumedRecord } from "../client.ts";
import { partitionKey, ReadBuffer } from "./read-buffer.ts";

const record = (partition: number, offset: number): ConsumedRecord => ({
  topic: "t",
  partition,
  offset,
  key: null,
  value: null,
  headers: [],
  timestampMs: null,
  timestampType: "NoTimestampType",
});
const at = (partition: number) => ({ topic: "t", partition });
const all = () => true;
const none = new Set<string>();

test("ReadBuffer.take moves positions behind what it returns, not behind what it read ahead", () => {
  const buffer = new ReadBuffer();
  buffer.add({ records: [record(0, 5), record(0, 6), record(1, 9)], ends: [{ ...at(0), offset: 8 }] }, all);
  assert.deepEqual(
    buffer.take(1, none).map(({ offset }) => offset),
    [5],
  );
  assert.deepEqual([buffer.position(at(0)), buffer.position(at(1))], [6, null]);
  buffer.take(10, none);
  assert.deepEqual([buffer.position(at(0)), buffer.position(at(1))], [8, 10]);
});

test("ReadBuffer.take keeps the records of paused partitions for later", () => {
  const buffer = new ReadBuffer();
  buffer.add({ records: [record(0, 0), record(1, 0)], ends: [{ ...at(1), offset: 2 }] }, all);
  assert.equal(buffer.take(10, new Set([partitionKey(at(1))])).length, 1);
  assert.equal(buffer.position(at(1)), null);
  assert.equal(buffer.take(10, none)[0]?.partition, 1);
  assert.equal(buffer.position(at(1)), 2);
});

test("ReadBuffer leaves out partitions that were revoked while they were read", () => {
  const buffer = new ReadBuffer();
  buffer.add({ records: [record(0, 0), record(1, 0), record(0, 1)], ends: [] }, ({ partition }) => partition === 1);
  assert.deepEqual(
    buffer.take(10, none).map(({ partition }) => partition),
    [1],
  );
  buffer.add({ records: [record(1, 1)], ends: [] }, all);
  buffer.forget([at(1)]);
  assert.deepEqual(buffer.take(10, none), []);
  assert.equal(buffer.position(at(1)), null);
});
