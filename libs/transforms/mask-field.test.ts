import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, Float64, Int8, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import { maskField } from "./mask-field.ts";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";

test("schemaless numbers keep their width, and missing fields appear as null", () => {
  const value = new Map<string, unknown>([
    ["byte", new Int8(5)],
    ["long", 5],
    ["big", 2n ** 60n],
    ["double", 1.5],
    ["list", [1]],
    ["map", { a: 1 }],
  ]);
  const mask = configured(maskField, { fields: "byte,long,big,double,list,map,none" });
  const masked = valueAfter(mask, sinkRecord({ value }));
  assert.deepEqual(
    [...(masked as Map<string, unknown>).values()],
    [new Int8(0), 0, 0, new Float64(0), [], new Map(), null],
  );
  assert.deepEqual(value.get("list"), [1]);
});

test("under a schema values are bare", () => {
  const schema = SchemaBuilder.struct()
    .field("byte", Schema.INT8)
    .field("at", Timestamp.SCHEMA)
    .field("price", Decimal.schema(2))
    .field("list", SchemaBuilder.array(Schema.INT8).build())
    .field("note", Schema.OPTIONAL_STRING)
    .field("kept", Schema.STRING)
    .build();
  const mask = configured(maskField, { fields: "byte,at,price,list,note" });
  const apply = () => {
    const struct = Struct.of(schema, [5, new Date(1), new Decimal(100, 2), [1], null, "k"]);
    return (valueAfter(mask, recordOf(struct)) as Struct).values;
  };
  const [first, second] = [apply(), apply()];
  assert.deepEqual(first, [0, new Date(0), new Decimal(0, 0), [], null, "k"]);
  assert.notEqual(first[1], second[1]);
  assert.notEqual(first[3], second[3]);
});

test("a replacement takes the type of what it replaces", () => {
  const schema = SchemaBuilder.struct().field("byte", Schema.INT8).field("text", Schema.STRING).build();
  const mask = configured(maskField, { fields: "byte,text", replacement: "-129.9" });
  assert.deepEqual((valueAfter(mask, recordOf(Struct.of(schema, [5, "x"]))) as Struct).values, [127, "-129.9"]);
});

test("refuses what has no mask, only when it meets it", () => {
  const value = { bytes: new Uint8Array(1) };
  const cases: readonly (readonly [Record<string, string>, Record<string, unknown>, string])[] = [
    [{ fields: "bytes" }, value, "Cannot mask value of type: class [B"],
    [{ fields: "bytes", replacement: "1" }, value, "Cannot mask value of type class [B with custom replacement."],
    [{ fields: "n", replacement: "x" }, { n: 1 }, "Unable to convert x (class java.lang.String) to a number"],
    [
      { fields: "n", replacement: "x" },
      { n: new Decimal(1, 0) },
      "Unable to convert x (class java.lang.String) to number",
    ],
  ];
  for (const [config, map, message] of cases) {
    const mask = configured(maskField, config);
    assert.throws(() => mask.apply(sinkRecord({ value: map })), { name: "DataError", message });
    mask.apply(sinkRecord({ value: {} }));
  }
});
