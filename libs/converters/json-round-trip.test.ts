import assert from "node:assert/strict";
import { test } from "node:test";
import { dataEquals, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";
import { SCHEMALESS_NUMBERS } from "./json-node.ts";
import { JsonParser } from "./json-parser.ts";
import { quoted } from "./json-text.ts";
import { structs } from "./testing/typed-data.ts";

test("JsonConverter without schemas writes what JSON.parse reads", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  fc.assert(
    fc.property(structs, ({ schema, value }) => {
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

test("JsonConverter reads the fields of messages that begin alike as it reads the first", () => {
  const text = fc.oneof(
    fc.json(),
    fc.double().map(String),
    fc.tuple(fc.integer(), fc.nat(999_999)).map(([whole, rest]) => `${whole}.${rest}`),
    fc.stringMatching(/^[-0-9.eE+ ]{1,20}$/),
  );
  const type = fc.constantFrom("double", "float", "int32", "int64", "string", "boolean");
  fc.assert(
    fc.property(type, text, fc.constantFrom("", " "), (type, value, space) => {
      const schema = JSON.stringify({ type: "struct", fields: [{ field: "a", type, optional: true }] });
      const message = Buffer.from(`{"schema":${schema},"payload":{"a":${space}${value}}}`);
      const used = new JsonConverter();
      used.toConnectData("t", Buffer.from(`{"schema":${schema},"payload":{"a":null}}`));
      assert.deepEqual(
        outcome(() => used.toConnectData("t", message)),
        outcome(() => new JsonConverter().toConnectData("t", message)),
      );
    }),
    { numRuns: 500 },
  );
});

test("JsonConverter reads decimals as Number does, of a struct in a struct too", () => {
  const inner = SchemaBuilder.struct().field("x", Schema.FLOAT64).build();
  const schema = SchemaBuilder.struct().field("in", inner).field("y", Schema.FLOAT64).build();
  const converter = new JsonConverter();
  const start = Buffer.from(converter.fromConnectData("t", schema, new Struct(schema, [new Struct(inner, [1]), 1]))!);
  const head = start.toString().split('"payload":')[0];
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 12 }), (digits, scale) => {
      const number = (digits / 10 ** scale).toFixed(scale);
      const message = Buffer.from(`${head}"payload":{"in":{"x":${number}},"y":-0.0}}`);
      const { values } = converter.toConnectData("t", message).value as Struct;
      assert.deepEqual([(values[0] as Struct).values[0], values[1]], [Number(number) || 0, 0]);
    }),
  );
});

function outcome(run: () => { value: unknown }): unknown {
  try {
    const { value } = run();
    return value instanceof Struct ? value.values : value;
  } catch (error) {
    return String((error as Error).message);
  }
}
