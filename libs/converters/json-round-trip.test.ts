import assert from "node:assert/strict";
import { test } from "node:test";
import { dataEquals, Schema } from "@millrace/connect";
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
