import assert from "node:assert/strict";
import { test } from "node:test";
import { compareIds, isExact } from "./compare.ts";

test("compareIds finds nothing wrong with the same ids in order, gaps included", () => {
  assert.ok(isExact(compareIds([1, 2, 5], [1, 2, 5])));
});

test("compareIds counts lost, duplicated and out-of-order records apart", () => {
  assert.deepEqual(compareIds([1, 2, 3, 4], [1, 3, 2, 2]), {
    rows: 4,
    records: 4,
    lost: 1,
    duplicated: 1,
    outOfOrder: 2,
  });
});

test("isExact refuses records that are no rows", () => {
  assert.equal(isExact(compareIds([1], [1, 2])), false);
});
