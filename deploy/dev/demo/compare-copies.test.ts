import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRows, isSame, renderComparison } from "./compare-copies.ts";

const rows = new Map([
  ["1", "a"],
  ["2", "b"],
  ["3", "c"],
]);

test("compareRows counts what is missing, left over and different", () => {
  assert.ok(isSame(compareRows(rows, new Map(rows))));
  const copy = new Map([
    ["1", "a"],
    ["2", "x"],
    ["4", "d"],
    ["5", "e"],
  ]);
  assert.deepEqual(compareRows(rows, copy), { missing: 1, left: 2, different: 1 });
});

test("renderComparison says whether all are the same", () => {
  const same = compareRows(rows, rows);
  const table = { table: "orders", rows: 3, documents: same, copies: same };
  assert.match(renderComparison([table]).at(-1)!, /The same everywhere/);
  assert.match(renderComparison([{ ...table, copies: compareRows(rows, new Map()) }]).at(-1)!, /NOT the same/);
});
