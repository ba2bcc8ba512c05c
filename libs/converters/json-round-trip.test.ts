import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, dataEquals, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";
import { SCHEMALESS_NUMBERS } from "./json-node.ts";
import { JsonParser } from "./json-parser.ts";
import { quoted } from "./json-text.ts";

interface Sample {
  readonly schema: Schema;
  readonly value: unknown;
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
});
const decimal = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((unscaled) => new Decimal(unscaled, 3));

const scalar: fc.Arbitrary<Sample> = fc.oneof(
  int64.map((value) => ({ schema: Schema.INT64, value })),
  fc.integer().map((value) => ({ schema: Schema.INT32, value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ schema: Schema.FLOAT64, value: value || 0 })),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ schema: Schema.FLOAT32, value: value || 0 })),
  fc.boolean().map((value) => ({ schema: Schema.BOOLEAN, value })),
  fc.string({ unit: "binary" }).map((value) => ({ schema: Schema.STRING, value })),
  fc.uint8Array().map((value) => ({ schema: Schema.BYTES, value })),
  decimal.map((value) => ({ schema: Decimal.schema(3), value })),
  fc.date({ noInvalidDate: true }).map((value) => ({ schema: Timestamp.SCHEMA, value })),
  fc.constant({ schema: Schema.OPTIONAL_STRING, value: null }),
);

const sample: fc.Arbitrary<Sample> = fc.oneof(
  scalar,
  fc.tuple(fc.array(int64)).map(([value]) => ({ schema: SchemaBuilder.array(Schema.INT64).build(), value })),
  fc.dictionary(fc.string(), fc.boolean()).map((entries) => ({
    schema: SchemaBuilder.map(Schema.STRING, Schema.BOOLEAN).build(),
    value: new Map(Object.entries(entries)),
  })),
  fc.array(fc.tuple(fc.integer(), fc.string())).map((entries) => ({
    schema: SchemaBuilder.map(Schema.INT32, Schema.STRING).build(),
    value: new Map(entries),
  })),
);

const struct: fc.Arbitrary<Sample> = fc.dictionary(fc.string({ minLength: 1 }), sample).map((fields) => {
  const builder = SchemaBuilder.struct().name("s");
  for (const [name, field] of Object.entries(fields)) builder.field(name, field.schema);
  const schema = builder.build();
  return {
    schema,
    value: Struct.of(
      schema,
      schema.fields.map(({ name }) => fields[name]!.value),
    ),
  };
});

for (const decimalFormat of ["BASE64", "NUMERIC"]) {
  test(`JsonConverter with schemas and ${decimalFormat} reads back what it wrote`, () => {
    const converter = new JsonConverter();
    converter.configure({ "decimal.format": decimalFormat }, false);
    fc.assert(
      fc.property(fc.oneof(sample, struct), ({ schema, value }) => {
        const bytes = converter.fromConnectData("t", schema, value);
        const back = converter.toConnectData("t", bytes);
        assert.ok(schema.equals(back.schema));
        if (decimalFormat === "BASE64") assert.ok(dataEquals(back.value, value), Buffer.from(bytes!).toString());
        const again = converter.toConnectData("t", bytes);
        assert.equal(again.schema, back.schema, "the same text gives the same schema object");
        assert.ok(dataEquals(again.value, back.value));
      }),
    );
  });
}

test("JsonConverter without schemas writes what JSON.parse reads", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  fc.assert(
    fc.property(struct, ({ schema, value }) => {
      const text = Buffer.from(converter.fromConnectData("t", schema, value)!).toString("utf8");
      assert.deepEqual(Object.keys(JSON.parse(text)).sort(), schema.fields.map((field) => field.name).sort());
    }),
  );
});

test("JsonConverter without schemas writes back every text of its own reading", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const first = converter.toConnectData("t", Buffer.from(JSON.stringify(value))).value;
      const bytes = converter.fromConnectData("t", null, first);
      const second = bytes === null ? null : converter.toConnectData("t", bytes).value;
      assert.ok(dataEquals(first, second));
    }),
  );
});

test("JsonConverter.fromConnectData results stay as they were while many more are written", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  const results = Array.from({ length: 5000 }, (_, i) => converter.fromConnectData("t", Schema.STRING, `row ${i} ø`));
  results.forEach((bytes, i) => {
    assert.equal(Buffer.from(bytes!).toString("utf8"), `"row ${i} ø"`);
  });
});

test("JsonParser reads strings as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const json of [JSON.stringify(text), quoted(text)]) {
        assert.equal(new JsonParser(json, SCHEMALESS_NUMBERS).root(), text);
      }
    }),
  );
});
