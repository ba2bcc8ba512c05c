import assert from "node:assert/strict";
import { test } from "node:test";
import { type Schema as ConnectSchema, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { StructCopy } from "./struct-copy.ts";

const DEFAULTED = SchemaBuilder.int32().optional().defaultValue(7).build();

function struct(fields: Readonly<Record<string, ConnectSchema>>): ConnectSchema {
  const builder = SchemaBuilder.struct();
  for (const [name, schema] of Object.entries(fields)) builder.field(name, schema);
  return builder.build();
}

test("values move to where the new schema has them; the rest is null", () => {
  const from = struct({ a: Schema.INT32, b: Schema.STRING, c: DEFAULTED });
  const to = struct({ c: DEFAULTED, b: Schema.STRING, extra: Schema.STRING });
  const copy = new StructCopy({ from, to, count: 2, nullsBecomeDefaults: true });
  assert.deepEqual(copy.valuesFrom(Struct.of(from, [1, "x", null])), [7, "x", null]);
});

test("without defaults a null stays null", () => {
  const from = struct({ c: DEFAULTED });
  const copy = new StructCopy({ from, to: from, nullsBecomeDefaults: false });
  assert.deepEqual(copy.valuesFrom(new Struct(from)), [null]);
});

test("fails where Struct.put fails, at the first field that does", () => {
  const from = struct({ small: Schema.INT32, text: Schema.STRING, list: SchemaBuilder.array(Schema.INT32).build() });
  const old = Struct.of(from, [1, null, [1]]);
  const renamed = (to: ConnectSchema, name: string): StructCopy =>
    new StructCopy({ from, to, sourceOf: () => from.field(name) ?? name, nullsBecomeDefaults: true });
  const cases: readonly (readonly [StructCopy, string])[] = [
    [
      new StructCopy({ from, to: from, nullsBecomeDefaults: true }),
      'Invalid value: null used for required field: "text", schema type: STRING',
    ],
    [renamed(struct({ x: Schema.INT64 }), "gone"), "gone is not a valid field name"],
    [
      renamed(struct({ x: Schema.INT64 }), "small"),
      'Invalid Java object for schema with type INT64: class java.lang.Integer for field: "x"',
    ],
    [
      renamed(struct({ x: SchemaBuilder.array(Schema.FLOAT64).build() }), "list"),
      'Invalid Java object for schema with type FLOAT64: class java.lang.Integer for element of array field: "x"',
    ],
    [
      renamed(struct({ x: Schema.STRING, y: Schema.STRING }), "text"),
      'Invalid value: null used for required field: "x", schema type: STRING',
    ],
  ];
  for (const [copy, message] of cases) assert.throws(() => copy.valuesFrom(old), { name: "DataError", message });
});

test("a value fits another schema of the same Java class", () => {
  const from = struct({ a: Schema.INT32 });
  const copy = new StructCopy({ from, to: struct({ a: Schema.OPTIONAL_INT32 }), nullsBecomeDefaults: true });
  assert.deepEqual(copy.valuesFrom(Struct.of(from, [5])), [5]);
});
