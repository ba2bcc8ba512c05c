import assert from "node:assert/strict";
import { test } from "node:test";
import { Int32, Schema, type SchemaAndValue } from "@millrace/connect";
import { asHeaderConverter } from "./header-use.ts";
import { JsonConverter } from "./json-converter.ts";
import { createDoubleConverter, createIntegerConverter, createLongConverter } from "./number-converters.ts";
import { StringConverter } from "./string-converter.ts";

test("a number converter takes its own class only, as the schema has it", () => {
  const double = createDoubleConverter();
  assert.equal(double.fromConnectData("t", Schema.FLOAT64, 1.5)?.length, 8);
  assert.throws(() => double.fromConnectData("t", Schema.FLOAT32, 1.5), {
    message: "Failed to serialize to double (was class java.lang.Float): ",
  });
  assert.equal(createIntegerConverter().fromConnectData("t", null, new Int32(5))?.length, 4);
  assert.throws(() => createIntegerConverter().fromConnectData("t", null, 5), {
    message: "Failed to serialize to integer (was class java.lang.Long): ",
  });
});

test("a header converter checks converter.type", () => {
  assert.throws(() => asHeaderConverter(createLongConverter()).configure({ "converter.type": "x" }), {
    message: "Invalid value x for configuration converter.type: String must be one of: key, value, header",
  });
});

test("an encoding of null is UTF-8", () => {
  const converter = new StringConverter();
  converter.configure({ "converter.encoding": null } as unknown as Record<string, string>, false);
  assert.deepEqual([...converter.fromConnectData("t", null, "\u00e9")!], [0xc3, 0xa9]);
});

test("half a surrogate pair is written as ? and read as one U+FFFD", () => {
  const converter = new StringConverter();
  assert.deepEqual([...converter.fromConnectData("t", Schema.STRING, "x\ud800")!], [0x78, 0x3f]);
  assert.equal(converter.toConnectData("t", Uint8Array.of(0x78, 0xed, 0xa0, 0x80)).value, "x\ufffd");
});

test("UTF-16 with halves of pairs reads and is written as Java does", () => {
  const converter = new StringConverter();
  converter.configure({ "converter.encoding": "UTF-16" }, false);
  const written = (text: string) => Buffer.from(converter.fromConnectData("t", null, text)!).toString("hex");
  const read = (hex: string) => converter.toConnectData("t", Buffer.from(hex, "hex")).value;
  assert.equal(written(""), "");
  assert.equal(written("x\ud800"), "feff0078fffd");
  assert.equal(read("d8000078dc01"), "\ufffd\ufffd");
  assert.equal(read("0078d80000"), "x\ufffd");
  assert.equal(read("d83dde0000"), "\u{1f600}\ufffd");
});

test("a JSON number may have 1,000 digits, not counting leading zeros, and a member name 50,000 bytes", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  const value = (text: string) => converter.toConnectData("t", Buffer.from(text)).value;
  assert.equal(value(`-000.${"1".repeat(997)}e1`), -1.1111111111111112);
  assert.throws(() => value(`0.${"1".repeat(999)}e1`));
  assert.ok(value(`{"${"a".repeat(50_000)}":1}`));
  assert.throws(() => value(`{"${"\u00e9".repeat(25_001)}":1}`));
});

test("a schema parameter may be called __proto__, and a null default of a required field is refused", () => {
  const { schema } = read('{"schema":{"type":"int8","parameters":{"__proto__":"v"}},"payload":1}');
  assert.deepEqual(Object.entries(schema!.parameters!), [["__proto__", "v"]]);
  assert.throws(() => read('{"schema":{"type":"string","default":0},"payload":"x"}'), {
    message: "Invalid default value",
  });
});

test("a JSON setting may be left out, but not null", () => {
  const config = { "schemas.enable": null } as unknown as Record<string, string>;
  assert.throws(() => new JsonConverter().configure(config, false), { message: /schemas.enable is null/ });
});

test("behind a JSON literal no letter may stand, but a $ may", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  assert.equal(converter.toConnectData("t", Buffer.from("true$")).value, true);
  assert.throws(() => converter.toConnectData("t", Buffer.from("true\u{1f600}")));
});

function read(text: string): SchemaAndValue {
  return new JsonConverter().toConnectData("t", Buffer.from(text));
}
