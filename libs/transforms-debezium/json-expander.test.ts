import assert from "node:assert/strict";
import { test } from "node:test";
import { Schema, SchemaBuilder } from "@millrace/connect";
import { fieldNameAdjuster } from "./field-name-adjuster.ts";
import { JsonExpander } from "./json-expander.ts";

const plain = new JsonExpander("payload", { nulls: "ignore", fieldName: (name) => name });
const withNulls = new JsonExpander("payload", { nulls: "optional_bytes", fieldName: (name) => name });

test("an object becomes a struct; structs in it are named by their path", () => {
  const { schema, value } = plain.expand('{"id":1,"price":1.0,"at":3000000000,"to":{"name":"x"}}')!;
  const to = SchemaBuilder.struct().optional().name("payload.to").field("name", Schema.OPTIONAL_STRING).build();
  const expected = SchemaBuilder.struct()
    .optional()
    .name("payload")
    .field("id", Schema.OPTIONAL_INT32)
    .field("price", Schema.OPTIONAL_FLOAT64)
    .field("at", Schema.OPTIONAL_INT64)
    .field("to", to)
    .build();
  assert.ok(expected.equals(schema));
  assert.equal(String(value), "Struct{id=1,price=1.0,at=3000000000,to=Struct{name=x}}");
});

test("payloads of one shape share one schema object", () => {
  const schemaOf = (text: string) => plain.expand(text)?.schema;
  assert.equal(schemaOf('{"a":[1,2],"b":"x"}'), schemaOf('{ "a": [3], "b": "yy" }'));
  assert.notEqual(schemaOf('{"a":[1]}'), schemaOf('{"a":[1.5]}'));
  assert.notEqual(schemaOf('{"a":{"b":1}}'), schemaOf('{"a":1,"b":1}'));
});

test("null leaves its field out or counts as bytes", () => {
  assert.deepEqual(plain.expand('{"a":null,"b":[]}')?.schema?.fields, []);
  const fields = withNulls.expand('{"a":null,"b":[null]}')!.schema!.fields;
  assert.deepEqual(
    fields.map((field) => field.schema.type),
    ["BYTES", "ARRAY"],
  );
});

test("structs in an array have all fields of all of them", () => {
  const { schema, value } = withNulls.expand('{"l":[{"a":null},{"b":1},{"a":"x"}]}')!;
  const element = schema!.field("l")!.schema.valueSchema!;
  assert.equal(element.optional, false);
  assert.deepEqual(
    element.fields.map((field) => [field.name, field.schema.type]),
    [
      ["a", "STRING"],
      ["b", "INT32"],
    ],
  );
  assert.equal(String(value), "Struct{l=[Struct{}, Struct{b=1}, Struct{a=x}]}");
});

test("the text stays when it is no JSON, or has no schema", () => {
  for (const text of [
    "not json",
    ' {"a":1}',
    '{"a":',
    '"a"',
    '{"a":[1,"x"]}',
    '{"a":[1,2.5]}',
    '{"a":[[]]}',
    '{"":1}',
    "",
  ]) {
    assert.equal(plain.expand(text), null, text);
  }
});

test("the text stays under the schema when its value does not fit what was told from it", () => {
  for (const text of ["[1,2]", '{"a":12345678901234567890}', '{"a":[[1],["x"]]}', '{"a":[{"b":1},{"c":1},null]}']) {
    const expanded = plain.expand(text)!;
    assert.equal(expanded.value, text);
    assert.notEqual(expanded.schema, null);
  }
  assert.deepEqual(plain.expand("[]"), { schema: null, value: "[]" });
});

test("names can be made fit for Avro; their values are then not found", () => {
  assert.deepEqual(["1a", "a-b", "ä", "_x", ""].map(fieldNameAdjuster("avro")), ["_1a", "a_b", "_", "_x", ""]);
  assert.deepEqual(["1a", "a-b", "€_"].map(fieldNameAdjuster("avro_unicode")), ["_u0031a", "a_u002db", "_u20ac_u005f"]);
  const adjusted = new JsonExpander("payload", { nulls: "ignore", fieldName: fieldNameAdjuster("avro") });
  assert.equal(String(adjusted.expand('{"a-b":1,"c":2}')?.value), "Struct{c=2}");
});
