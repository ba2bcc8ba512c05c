import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { flatten } from "./flatten.ts";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";

const INNER = SchemaBuilder.struct()
  .optional()
  .field("x", Schema.INT32)
  .field("l", SchemaBuilder.array(Schema.STRING).build())
  .build();
const OUTER = SchemaBuilder.struct().name("row").field("id", Schema.INT64).field("in", INNER).build();

test("fields of nested structs come to the top, optional where a struct on the way is", () => {
  const record = recordOf(Struct.of(OUTER, [1, Struct.of(INNER, [2, ["a"]])]));
  const result = configured(flatten, { delimiter: "_" }).apply(record)!;
  assert.deepEqual(
    result.valueSchema?.fields.map(({ name, schema }) => `${name}:${schema.type}${schema.optional ? "?" : ""}`),
    ["id:INT64", "in_x:INT32?", "in_l:ARRAY?"],
  );
  assert.equal(result.valueSchema?.name, "row");
  assert.deepEqual((result.value as Struct).values, [1, 2, ["a"]]);
});

test("a struct that is null leaves its fields unset", () => {
  const result = valueAfter(configured(flatten, {}), recordOf(Struct.of(OUTER, [1, null])));
  assert.deepEqual((result as Struct).values, [1, null, null]);
});

test("null in a required field is refused under the new name", () => {
  const flat = configured(flatten, {});
  assert.throws(() => flat.apply(recordOf(Struct.of(OUTER, [null, null]))), {
    message: 'Invalid value: null used for required field: "id", schema type: INT64',
  });
});

test("maps are flattened, those without entries vanish, and the last of two values counts", () => {
  const value = { "a.b": 1, a: { b: 2, c: { d: null } }, e: {} };
  const expected = new Map([
    ["a.b", 2],
    ["a.c.d", null],
  ]);
  assert.deepEqual(valueAfter(configured(flatten, {}), sinkRecord({ value })), expected);
});

test("keys that are no text fail as in Java", () => {
  const value = new Map([["m", new Map([[1, "a"]])]]);
  assert.throws(() => configured(flatten, {}).apply(sinkRecord({ value })), {
    javaClass: "java.lang.ClassCastException",
  });
});
