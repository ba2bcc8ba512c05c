import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, Int32, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { insertField } from "./insert-field.ts";
import { configured, recordOf, sinkRecord, sourceRecord, valueAfter } from "./testing/records.ts";

const ALL = {
  "topic.field": "t",
  "partition.field": "p!",
  "offset.field": "o?",
  "timestamp.field": "ts",
  "static.field": "s!",
  "static.value": "x",
};
const ROW = SchemaBuilder.struct().name("row").optional().field("id", Schema.INT64).build();

test("adds typed fields behind the others, and makes the struct's schema required", () => {
  const inserted = configured(insertField, ALL).apply(recordOf(Struct.of(ROW, [1])));
  assert.ok(inserted !== null);
  const { schema, values } = inserted.value as Struct;
  assert.deepEqual(values, [1, "orders", 3, 42, new Date(1_700_000_000_123), "x"]);
  assert.equal(inserted.valueSchema, schema);
  assert.equal(schema.optional, false);
  const added = schema.fields.map((field) => `${field.name} ${field.schema} ${field.schema.optional}`);
  assert.deepEqual(added, [
    "id Schema{INT64} false",
    "t Schema{STRING} true",
    "p Schema{INT32} false",
    "o Schema{INT64} true",
    "ts Schema{org.apache.kafka.connect.data.Timestamp:INT64} true",
    "s Schema{STRING} false",
  ]);
});

test("a schemaless partition is an int32, the other numbers are int64", () => {
  const value = configured(insertField, ALL).apply(sinkRecord({ value: { id: 1, t: "old" } }))?.value;
  const expected = { id: 1, t: "orders", p: new Int32(3), o: 42, ts: 1_700_000_000_123, s: "x" };
  assert.deepEqual(value, new Map<string, unknown>(Object.entries(expected)));
});

test("what a source record does not have stays unset, even where it is required", () => {
  const insert = configured(insertField, { "partition.field": "p!", "timestamp.field": "ts!" });
  const record = sourceRecord({ valueSchema: ROW, value: Struct.of(ROW, [1]) });
  assert.deepEqual((valueAfter(insert, record) as Struct).values, [1, null, null]);
  assert.deepEqual(insert.apply(sourceRecord({ value: new Map() }))?.value, new Map());
});

test("only records of sinks have an offset", () => {
  const insert = configured(insertField, { "offset.field": "o" });
  assert.throws(() => insert.apply(sourceRecord({ value: new Map() })), {
    message: "Only SinkRecord supported for [field insertion], found: org.apache.kafka.connect.source.SourceRecord",
  });
  const tombstone = sourceRecord();
  assert.equal(insert.apply(tombstone), tombstone);
});

test("the largest offset there is becomes an int64, a timestamp that no Date holds is refused", () => {
  const offset = configured(insertField, { "offset.field": "o" });
  assert.deepEqual(offset.apply(sinkRecord({ value: {}, offset: 2 ** 63 }))?.value, new Map([["o", 2n ** 63n - 1n]]));
  const timestamp = configured(insertField, { "timestamp.field": "ts" });
  assert.throws(() => timestamp.apply({ ...recordOf(Struct.of(ROW, [1])), timestamp: 9e15 }), DataError);
});
