import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import { PackedTableRow } from "../tables/row-format.ts";
import { shapeOf } from "../testing/sample-table.ts";
import { readMessage, readRelation, readTimeUs, readTruncate } from "./messages.ts";
import { packTuple, readTuple, tupleEnd } from "./tuple.ts";

// Recorded from Postgres 18: table t (id int primary key, v text, n numeric(6,2)), replica identity full.
const RELATION =
  "520000426b7075626c69630074006600030169640000000017ffffffff01760000000019ffffffff016e00000006a400060006";
const INSERT = "490000426b4e00037400000001317400000004c3a92078740000000531322e3530";
const INSERT_WITH_NULL = "490000426b4e00037400000001326e74000000052d302e3035";
const UPDATE =
  "550000426b4f00037400000001317400000004c3a92078740000000531322e35304e00037400000001317400000004c3a920787400000004332e3030";
const BEGIN = "42000000000b564638000303ca9bd6654600000476";
const MESSAGE = "4d01000000000b5647407072650000000004626f6479";
const TRUNCATE = "5400000001000000426b";

const row = (hex: string) => {
  const bytes = Buffer.from(hex, "hex");
  return { bytes, latin1: bytes.toString("latin1") };
};
const shape = shapeOf([
  ["id", "int4", -1, true],
  ["v", "text", -1, false],
  ["n", "numeric", ((6 << 16) | 2) + 4, false],
]);

test("reads a relation with types and modifiers", () => {
  const relation = readRelation(row(RELATION).bytes, 1);
  assert.deepEqual(relation, {
    oid: 0x426b,
    schema: "public",
    name: "t",
    columns: [
      { name: "id", typeOid: 23, modifier: -1 },
      { name: "v", typeOid: 25, modifier: -1 },
      { name: "n", typeOid: 1700, modifier: 393_222 },
    ],
  });
});

test("reads rows into typed values", () => {
  assert.deepEqual(readTuple(row(INSERT), 6, shape, null), [1, "é x", new Decimal(1250, 2)]);
  assert.deepEqual(readTuple(row(INSERT_WITH_NULL), 6, shape, null), [2, null, new Decimal(-5, 2)]);
});

test("reads the old and the new row of an update", () => {
  const update = row(UPDATE);
  assert.deepEqual(readTuple(update, 6, shape, null), [1, "é x", new Decimal(1250, 2)]);
  assert.deepEqual(readTuple(update, tupleEnd() + 1, shape, null), [1, "é x", new Decimal(300, 2)]);
});

test("an unchanged TOASTed value comes from the old row, else it is the placeholder", () => {
  const unchanged = row("550000426b4e000374000000013175740000000431322e30");
  assert.deepEqual(readTuple(unchanged, 6, shape, [1, "long", null]), [1, "long", new Decimal(1200, 2)]);
  assert.equal(readTuple(unchanged, 6, shape, null)[1], "__debezium_unavailable_value");
});

test("keeps a row as bytes where all of it came", () => {
  const inserted = packTuple(row(INSERT_WITH_NULL), 6, shape) as PackedTableRow;
  const end = tupleEnd();
  assert.deepEqual(inserted.values(), [2, null, new Decimal(-5, 2)]);
  assert.equal(end, row(INSERT_WITH_NULL).bytes.length);
  const bounds = new Int32Array(6);
  inserted.locate(bounds);
  assert.equal(inserted.value(2, bounds[4]!, bounds[5]!)?.toString(), "-0.05");
  assert.equal(bounds[3], -1);
  const unchanged = packTuple(row("550000426b4e000374000000013175740000000431322e30"), 6, shape);
  assert.ok(!(unchanged instanceof PackedTableRow));
});

test("reads times, messages and truncated tables", () => {
  assert.equal(readTimeUs(row(BEGIN).bytes, 9), 1_795_278_462_928_198);
  const { transactional, prefix, content } = readMessage(row(MESSAGE).bytes, 1);
  assert.deepEqual([transactional, prefix, Buffer.from(content).toString()], [true, "pre", "body"]);
  assert.deepEqual(readTruncate(row(TRUNCATE).bytes, 1), [0x426b]);
});
