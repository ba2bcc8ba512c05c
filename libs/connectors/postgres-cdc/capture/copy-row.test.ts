import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../testing/sample-table.ts";
import { readCopyRow } from "./copy-row.ts";

const shape = shapeOf([
  ["id", "int4", -1, true],
  ["v", "text", -1, false],
  ["b", "bytea", -1, false],
]);

function read(line: string): unknown[] {
  const bytes = Buffer.from(line);
  return readCopyRow({ bytes, latin1: bytes.toString("latin1") }, 0, bytes.length, shape);
}

test("reads plain, escaped and missing values", () => {
  assert.deepEqual(read("1\tplain é\t\\N\n"), [1, "plain é", null]);
  assert.deepEqual(read("2\ttab\\there \\\\N \\n\t\\\\x01ff\n"), [2, "tab\there \\N \n", Buffer.from([1, 255])]);
  assert.deepEqual(read("3\t\t\\\\x\n"), [3, "", Buffer.alloc(0)]);
});
