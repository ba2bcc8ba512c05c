import assert from "node:assert/strict";
import { test } from "node:test";
import { RetriableError, type SinkRecord } from "@millrace/connect";
import fc from "fast-check";
import { putBatch } from "./put-batch.ts";

const records = (values: readonly number[]) => values.map((value) => ({ value }) as SinkRecord);
const values = (of: readonly SinkRecord[]) => of.map(({ value }) => value);

function open(bad: readonly number[], retriable: readonly number[] = []) {
  const puts: unknown[][] = [];
  const written: unknown[] = [];
  const atFault: unknown[] = [];
  return {
    puts,
    written,
    atFault,
    put: async (part: readonly SinkRecord[]) => {
      puts.push(values(part));
      if (part.some(({ value }) => retriable.includes(value as number))) throw new RetriableError("busy");
      if (part.some(({ value }) => bad.includes(value as number))) throw new Error("constraint violated");
      written.push(...values(part));
    },
    take: (record: SinkRecord) => void atFault.push(record.value),
  };
}

test("putBatch puts all at once, an empty batch too", async () => {
  const { put, puts } = open([]);
  assert.equal(await putBatch(records([1, 2]), { put, atFault: null }), null);
  assert.equal(await putBatch([], { put, atFault: null }), null);
  assert.deepEqual(puts, [[1, 2], []]);
});

test("putBatch throws what `put` threw, unless records at fault are wanted", async () => {
  const { put, puts } = open([2]);
  await assert.rejects(putBatch(records([1, 2]), { put, atFault: null }), /constraint violated/);
  assert.deepEqual(puts, [[1, 2]]);
});

test("putBatch halves a batch that fails until the records at fault stand alone", async () => {
  const { put, puts, written, atFault, take } = open([3]);
  assert.equal(await putBatch(records([1, 2, 3, 4, 5]), { put, atFault: take }), null);
  assert.deepEqual(puts, [[1, 2, 3, 4, 5], [1, 2, 3], [1, 2], [3], [4, 5]]);
  assert.deepEqual([written, atFault], [[1, 2, 4, 5], [3]]);
});

test("putBatch throws when an empty batch fails: no record is at fault", async () => {
  const put = async () => assert.fail("closed");
  await assert.rejects(putBatch([], { put, atFault: () => {} }), /closed/);
});

test("putBatch keeps what is left after a retriable failure, in order", async () => {
  const { put, written, atFault, take } = open([2], [3]);
  const first = await putBatch(records([1, 2]), { put, atFault: take });
  assert.equal(first, null);
  const all = open([2]);
  let busy = 1;
  const refused = await putBatch(records([1, 2, 3, 4, 5, 6]), {
    put: async (part) => {
      if (part.length === 3 && busy-- === 1) return all.put(part);
      if (part.length === 1 && part[0]?.value === 3) throw new RetriableError("busy");
      return all.put(part);
    },
    atFault: (record) => all.take(record),
  });
  assert.deepEqual(values(refused?.left ?? []), [3, 4, 5, 6]);
  assert.deepEqual([written, atFault, all.written, all.atFault], [[1], [2], [1], [2]]);
});

test("putBatch writes every record that is not at fault once, in order, and finds all that are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), fc.array(fc.nat(200)), async (all, bad) => {
      const { put, puts, written, atFault, take } = open(bad);
      assert.equal(await putBatch(records(all), { put, atFault: take }), null);
      assert.deepEqual(
        written,
        all.filter((value) => !bad.includes(value)),
      );
      const found = all.filter((value) => bad.includes(value));
      assert.deepEqual(atFault, found);
      const halvings = 2 * Math.ceil(Math.log2(Math.max(2, all.length))) + 1;
      assert.ok(puts.length <= 1 + found.length * halvings, "it is found in few steps");
    }),
  );
});
