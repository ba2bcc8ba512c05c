import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { configured, recordOf, sinkRecord } from "./testing/records.ts";
import { valueToKey } from "./value-to-key.ts";

const NOTE = SchemaBuilder.string().optional().defaultValue("-").build();
const ROW = SchemaBuilder.struct().name("row").field("id", Schema.INT64).field("note", NOTE).build();

test("the key is a struct of the fields, in the order they were configured in", () => {
  const record = recordOf(Struct.of(ROW, [1, null]));
  const result = configured(valueToKey, { fields: "note,id,note" }).apply(record)!;
  assert.ok(result.keySchema?.equals(SchemaBuilder.struct().field("note", NOTE).field("id", Schema.INT64).build()));
  assert.deepEqual((result.key as Struct).values, ["-", 1]);
  assert.equal(result.value, record.value);
  const bare = configured(valueToKey, { fields: "note", "replace.null.with.default": "false" }).apply(record)!;
  assert.deepEqual((bare.key as Struct).values, [null]);
});

test("without a schema a missing field is null; with one it is refused", () => {
  const transform = configured(valueToKey, { fields: "id,zz" });
  const result = transform.apply(sinkRecord({ value: { id: 1 } }))!;
  assert.deepEqual(
    [result.keySchema, result.key],
    [
      null,
      new Map([
        ["id", 1],
        ["zz", null],
      ]),
    ],
  );
  assert.throws(() => transform.apply(recordOf(new Struct(ROW))), { message: "Field does not exist: zz" });
});
