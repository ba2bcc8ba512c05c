import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { offsetInGroup, startOf, timestampOffset } from "./position.ts";

const TIMESTAMP = { incrementing: false, timestamp: true };
const BOTH = { incrementing: true, timestamp: true };

test("timestampOffset gives milliseconds and the nanoseconds of the second, as Confluent's connector does", () => {
  assert.deepEqual(timestampOffset(1_715_953_510_250_123_000n), {
    timestamp: 1_715_953_510_250,
    timestamp_nanos: 250_123_000,
  });
  assert.deepEqual(timestampOffset(-1n), { timestamp: -1, timestamp_nanos: 999_999_999 });
});

test("startOf reads back what timestampOffset wrote", () => {
  fc.assert(
    fc.property(fc.bigInt(-62_135_596_800_000_000_000n, 253_402_300_799_000_000_000n), (nanos) => {
      assert.equal(startOf(timestampOffset(nanos), TIMESTAMP, 0, 0).after.nanos, nanos);
    }),
  );
});

test("startOf goes on inside a group of equal timestamps where the table still has its key", () => {
  const row = { nanos: 7_000_000n, keys: [12, 9007199254740993n, "it's #1"] };
  const offset = offsetInGroup(5_000_000n, row);
  assert.deepEqual(startOf(offset, TIMESTAMP, 3, 0), { after: row, doneNanos: 5_000_000n });
  const anew = { after: { nanos: 5_000_000n, keys: null }, doneNanos: 5_000_000n };
  assert.deepEqual(startOf(offset, TIMESTAMP, 1, 0), anew);
  assert.throws(() => startOf({ ...offset, "millrace.row": "?" }, TIMESTAMP, 1, 0), /millrace\.row cannot be read/);
});

test("startOf begins at the initial timestamp, and at -1", () => {
  assert.deepEqual(startOf(null, BOTH, 1, 5), { after: { nanos: 5_000_000n, keys: [-1] }, doneNanos: 5_000_000n });
  assert.deepEqual(startOf({ incrementing: 4, timestamp: 6 }, BOTH, 1, 5).after, { nanos: 6_000_000n, keys: [4] });
  assert.deepEqual(startOf(null, { incrementing: true, timestamp: false }, 1, 0).after, { nanos: null, keys: [-1] });
});
