import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shapeOf } from "../testing/sample-table.ts";
import { partCondition, snapshotParts } from "./snapshot-parts.ts";
import { expectedRows, snapshotReport } from "./snapshot-progress.ts";

const shape = shapeOf([["id", "int4", -1, true]]);
const table = (pages: number, divisible = true) => ({ shape, size: { pages, rows: null }, divisible });

test("one reader takes each table whole, and so does anyone where ranges cannot be read", () => {
  const whole = [
    { table: 0, pages: null },
    { table: 1, pages: null },
  ];
  assert.deepEqual(snapshotParts([table(1_000_000), table(3)], 1), whole);
  assert.deepEqual(snapshotParts([table(1_000_000, false), table(3)], 4), whole);
});

test("the parts of a table meet and leave nothing out, however large it has become", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50_000_000 }), fc.integer({ min: 2, max: 16 }), (pages, readers) => {
      const parts = snapshotParts([table(pages)], readers);
      if (parts.length === 1) return assert.equal(parts[0]!.pages, null);
      assert.equal(parts[0]!.pages!.from, 0);
      for (const [i, { pages: range }] of parts.entries()) {
        assert.equal(range!.to, parts[i + 1]?.pages?.from ?? null);
      }
      assert.ok(parts.length <= readers * 4);
    }),
  );
});

test("a part is read by the place of its rows", () => {
  assert.equal(partCondition({ table: 0, pages: null }), "");
  const middle = partCondition({ table: 0, pages: { from: 10, to: 20 } });
  assert.equal(middle, " WHERE ctid >= '(10,0)'::tid AND ctid < '(20,0)'::tid");
  assert.equal(partCondition({ table: 0, pages: { from: 20, to: null } }), " WHERE ctid >= '(20,0)'::tid");
});

test("progress says how long a snapshot still takes, and never that it is done", () => {
  const sizes = [
    { pages: 10, rows: 900 },
    { pages: 2, rows: null },
  ];
  assert.equal(expectedRows(sizes), 1020);
  assert.deepEqual(snapshotReport(255, 1020, 1000), {
    rows: 255,
    rowsExpected: 1020,
    percent: 25,
    rowsPerSecond: 255,
    secondsLeft: 3,
  });
  assert.deepEqual(snapshotReport(2000, 1020, 1000).percent, 99);
  assert.equal(snapshotReport(0, 0, 0).secondsLeft, null);
});
