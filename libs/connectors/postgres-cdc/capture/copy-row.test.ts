import assert from "node:assert/strict";
import { test } from "node:test";
import { PackedTableRow } from "../tables/row-format.ts";
import { shapeOf } from "../testing/sample-table.ts";
import { CopiedRows, readCopyRow } from "./copy-row.ts";

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

/** The rows of received lines, and whether each is kept as bytes. */
function copied(of: typeof shape, lines: readonly string[]) {
  const rows = new CopiedRows();
  const bytes = Buffer.from(lines.join(""));
  rows.receive(bytes, 0);
  let at = 0;
  return lines.map((line) => {
    const from = at;
    at += Buffer.byteLength(line);
    const row = rows.read(from, at, of);
    return { packed: row instanceof PackedTableRow, row };
  });
}

test("keeps rows as bytes where nothing is escaped, and gives each field, the key and all values", () => {
  const rows = copied(shape, ["1\tplain é\t\\N\n", "22\t\t\\N\n", "3\ta\\tb\t\\N\n", "4\t\\N\t\\N\n"]);
  assert.deepEqual(
    rows.map(({ packed }) => packed),
    [true, true, false, true],
  );
  const all = rows.map(({ row }) => (row instanceof PackedTableRow ? row.values() : row));
  assert.deepEqual(all, [
    [1, "plain é", null],
    [22, "", null],
    [3, "a\tb", null],
    [4, null, null],
  ]);
  const row = rows[1]!.row as PackedTableRow;
  const bounds = new Int32Array(6);
  row.locate(bounds);
  const field = (i: number) => Buffer.from(row.bytes).toString("utf8", bounds[2 * i], bounds[2 * i + 1]);
  assert.deepEqual([field(0), field(1), bounds[5]], ["22", "", -1]);
  assert.equal(row.value(0, bounds[0]!, bounds[1]!), 22);
  assert.deepEqual(row.key.values(), [22]);
  row.key.locate(bounds);
  assert.equal(field(0), "22");
});

test("a null that something stands for is filled in", () => {
  const required = shapeOf([
    ["id", "int4", -1, true],
    ["v", "text", -1, true],
  ]);
  const [row] = copied(required, ["1\t\\N\n"]);
  assert.deepEqual(row, { packed: false, row: [1, ""] });
});
