import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { hoistField } from "./hoist-field.ts";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";

const ROW = SchemaBuilder.struct().field("id", Schema.INT64).field("note", Schema.OPTIONAL_STRING).build();

test("the value becomes the one field of a struct, or of a map", () => {
  const row = Struct.of(ROW, [1, null]);
  const hoist = configured(hoistField, { field: "row" });
  const result = hoist.apply(recordOf(row))!;
  assert.ok(result.valueSchema?.equals(SchemaBuilder.struct().field("row", ROW).build()));
  assert.deepEqual((result.value as Struct).values, [row]);
  assert.deepEqual(valueAfter(hoist, sinkRecord({ value: null })), new Map([["row", null]]));
});

test("what Struct.put refuses is refused: null where the schema is required, a struct that is not complete", () => {
  const hoist = configured(hoistField, { field: "w" });
  assert.throws(() => hoist.apply(sinkRecord({ valueSchema: Schema.STRING })), {
    message: 'Invalid value: null used for required field: "w", schema type: STRING',
  });
  assert.throws(() => hoist.apply(recordOf(new Struct(ROW))), {
    message: 'Invalid value: null used for required field: "id", schema type: INT64',
  });
  const other = Struct.of(SchemaBuilder.struct().build(), []);
  assert.throws(() => hoist.apply(sinkRecord({ valueSchema: ROW, value: other })), {
    message: "Struct schemas do not match.",
  });
});

test("a field without a name fails when it is needed", () => {
  assert.throws(() => configured(hoistField, { field: "" }).apply(recordOf(Struct.of(ROW, [1, null]))), {
    message: "fieldName cannot be null.",
  });
});
