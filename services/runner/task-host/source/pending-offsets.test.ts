import assert from "node:assert/strict";
import { test } from "node:test";
import type { OffsetMap } from "@millrace/connect";
import fc from "fast-check";
import { PendingOffsets } from "./pending-offsets.ts";

function open() {
  const decode = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));
  const encode = (value: OffsetMap | null) => (value === null ? null : new TextEncoder().encode(JSON.stringify(value)));
  const offsets = new PendingOffsets((partition, offset) => ({ key: encode(partition)!, value: encode(offset) }));
  const take = () => offsets.take().map(({ key, value }) => [decode(key), decode(value)]);
  return { offsets, take };
}

test("PendingOffsets keeps the newest offset of each partition, and none after it was taken", () => {
  const { offsets, take } = open();
  const a = { p: "a" };
  offsets.put(a, { n: 1 });
  offsets.put(a, { n: 2 });
  offsets.put({ p: "b" }, { n: 7 });
  offsets.put({ p: "a" }, { n: 3 });
  assert.equal(offsets.size, 2);
  assert.deepEqual(take(), [
    ['{"p":"a"}', '{"n":3}'],
    ['{"p":"b"}', '{"n":7}'],
  ]);
  assert.deepEqual([offsets.size, take()], [0, []]);
  offsets.put(a, { n: 4 });
  assert.deepEqual(take(), [['{"p":"a"}', '{"n":4}']]);
});

test("PendingOffsets writes a null offset as a removal, and nothing without a partition", () => {
  const { offsets, take } = open();
  offsets.put(null, { n: 1 });
  offsets.put({ p: "a" }, { n: 1 });
  offsets.put({ p: "a" }, null);
  assert.deepEqual(take(), [['{"p":"a"}', null]]);
});

test("PendingOffsets tells apart what the offsets topic does, and nothing else", () => {
  const { offsets } = open();
  for (const p of [1, "1", "1n", true, null]) offsets.put({ p }, { n: 1 });
  assert.equal(offsets.size, 5);
  offsets.put({ p: 1n }, { n: 2 });
  assert.equal(offsets.size, 5, "1n and 1 are the same bytes");
  offsets.put({ a: 1, b: 2 }, { n: 3 });
  offsets.put({ b: 2, a: 1 }, { n: 4 });
  assert.equal(offsets.size, 6, "another order of keys is written under the same key");
});

test("PendingOffsets is a map of last writes, however partition objects are shared", () => {
  const shared = ["a", "b"].map((p) => ({ p }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.boolean(), fc.nat(100))), (puts) => {
      const { offsets, take } = open();
      const model = new Map<string, string>();
      for (const [at, same, n] of puts) {
        offsets.put(same ? shared[at]! : { ...shared[at]! }, { n });
        model.set(JSON.stringify(shared[at]), JSON.stringify({ n }));
      }
      assert.deepEqual(new Map(take() as [string, string][]), model);
    }),
  );
});
