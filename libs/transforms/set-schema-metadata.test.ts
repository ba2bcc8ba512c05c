import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { setSchemaMetadata } from "./set-schema-metadata.ts";
import { configured, recordOf, sinkRecord } from "./testing/records.ts";

const ROW = SchemaBuilder.struct().name("row").version(1).optional().doc("d").field("id", Schema.INT64).build();

test("everything but name and version stays", () => {
  const renamed = configured(setSchemaMetadata, { "schema.name": "new" }).apply(recordOf(Struct.of(ROW, [1])));
  assert.ok(renamed !== null);
  const { name, version, optional, doc, fields } = (renamed.value as Struct).schema;
  assert.equal((renamed.value as Struct).schema, renamed.valueSchema);
  assert.deepEqual({ name, version, optional, doc }, { name: "new", version: 1, optional: true, doc: "d" });
  assert.equal(fields, ROW.fields);
  assert.equal(ROW.name, "row");
});

test("a default struct gets the new name too", () => {
  const fields = ROW.fields;
  const schema = new Schema({
    type: "STRUCT",
    fields,
    default: Struct.of(new Schema({ type: "STRUCT", fields }), [9]),
  });
  const rename = configured(setSchemaMetadata, { "schema.name": "new" });
  const fallback = rename.apply(recordOf(Struct.of(schema, [1])))?.valueSchema?.default as Struct;
  assert.equal(fallback.schema.name, "new");
  assert.deepEqual(fallback.values, [9]);
});

test("a null value keeps a schema, which is changed", () => {
  const set = configured(setSchemaMetadata, { "schema.version": "7" });
  assert.equal(set.apply(sinkRecord({ valueSchema: ROW }))?.valueSchema?.version, 7);
  const empty = sinkRecord();
  assert.equal(set.apply(empty), empty);
});

test("a schema that is no struct's is refused, as is a value without schema", () => {
  const set = configured(setSchemaMetadata, { "schema.name": "n" });
  assert.throws(() => set.apply(sinkRecord({ valueSchema: Schema.STRING, value: "x" })), {
    message: "Cannot list fields on non-struct type",
  });
  assert.throws(() => set.apply(sinkRecord({ value: "x" })), {
    message: "Schema required for [updating schema metadata]",
  });
});
