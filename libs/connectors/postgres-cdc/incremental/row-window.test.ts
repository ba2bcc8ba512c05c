import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../testing/sample-table.ts";
import { RowWindow } from "./row-window.ts";

const shape = shapeOf([
  ["id", "int4", -1, true],
  ["v", "text", -1, false],
]);

function windowOf(...ids: number[]): RowWindow {
  const window = new RowWindow();
  window.begin(shape, ["id"]);
  for (const id of ids) window.put({ values: [id, `v${id}`], key: [String(id)] });
  return window;
}

const idsOf = (window: RowWindow) => window.take().map(({ values }) => values[0]);

test("rows that the stream brings are left to it", () => {
  const window = windowOf(1, 2, 3);
  window.drop(shape, [2, "newer"]);
  window.drop(shape, [9, "other"]);
  assert.deepEqual(idsOf(window), [1, 3]);
  assert.equal(window.size, 0);
});

test("knows rows by their key when columns have come since the chunk was read", () => {
  const wider = shapeOf([
    ["new", "text", -1, false],
    ["id", "int4", -1, true],
    ["v", "text", -1, false],
  ]);
  const window = windowOf(1, 2);
  window.drop(wider, ["x", 2, "newer"]);
  assert.deepEqual(idsOf(window), [1]);
});

test("nothing is left of a table that is emptied", () => {
  const window = windowOf(1, 2);
  window.clear({ ...shape, oid: shape.oid + 1 });
  assert.equal(window.size, 2);
  window.clear(shape);
  assert.deepEqual(idsOf(window), []);
});
