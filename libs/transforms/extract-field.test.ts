import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { extractField } from "./extract-field.ts";
import { configured, recordOf, sinkRecord } from "./testing/records.ts";

const INNER = SchemaBuilder.struct().field("b", Schema.STRING).build();
const OUTER = SchemaBuilder.struct().field("a", INNER).build();

test("the field's schema and value take the place of the struct", () => {
  const record = recordOf(Struct.of(OUTER, [Struct.of(INNER, ["x"])]));
  const result = configured(extractField, { field: "a.b", "field.syntax.version": "v2" }).apply(record);
  assert.deepEqual([result?.valueSchema, result?.value], [Schema.STRING, "x"]);
});

test("null stays null and takes the field's schema", () => {
  const result = configured(extractField, { field: "a" }).apply(sinkRecord({ valueSchema: OUTER }));
  assert.deepEqual([result?.valueSchema, result?.value], [INNER, null]);
});

test("an unknown field is an illegal argument under a schema, and null without", () => {
  const extract = configured(extractField, { field: "a.b" });
  assert.throws(() => extract.apply(recordOf(new Struct(OUTER))), {
    message: "Unknown field: a.b",
    javaClass: "java.lang.IllegalArgumentException",
  });
  assert.equal(extract.apply(sinkRecord({ value: new Map() }))?.value, null);
});
