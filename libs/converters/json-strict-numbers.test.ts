import assert from "node:assert/strict";
import { test } from "node:test";
import { dataEquals } from "@millrace/connect";
import { JsonConverter } from "./json-converter.ts";

interface Reading {
  readonly schema?: string;
  readonly payload: string;
  /** What Java makes of it, and the lenient converter too. */
  readonly changed: unknown;
  readonly message: RegExp;
}

const field = (type: string): string => `{"type":"struct","fields":[{"field":"n","optional":true,${type}}]}`;
const inField = (type: string, payload: string, changed: unknown, message: RegExp): Reading => ({
  schema: field(`"type":"${type}"`),
  payload: `{"n":${payload}}`,
  changed,
  message,
});

const CHANGED: readonly Reading[] = [
  inField(
    "int8",
    "300",
    44,
    /^Reading 300 as field "n", INT8 would change it to 44\. .*millrace\.strict\.numbers to false/,
  ),
  inField("int16", "32768", -32768, /Reading 32768 as field "n", INT16/),
  inField("int32", "4294967297", 1, /INT32/),
  inField("int64", "18446744073709551617", 1, /Reading 18446744073709551617 as field "n", INT64 would change it to 1/),
  inField("int32", "1.5", 1, /Reading 1\.5 .*INT32 would change it to 1/),
  inField("int32", '"7"', 0, /Reading "7" as/),
  inField("int64", "true", 0, /Reading true as/),
  inField("int64", "{}", 0, /Reading an OBJECT as/),
  inField("float", "1e39", Number.POSITIVE_INFINITY, /FLOAT32 would change it to Infinity/),
  inField("float", "1e-50", 0, /would change it to 0/),
  inField("double", "1e309", Number.POSITIVE_INFINITY, /FLOAT64/),
  inField("double", '"NaN"', 0, /Reading "NaN" as/),
  inField("boolean", "1", false, /BOOLEAN would change it to false/),
  inField("string", "5", null, /STRING would change it to null/),
];

function read(config: Record<string, string>, { schema, payload }: Pick<Reading, "schema" | "payload">): unknown {
  const converter = new JsonConverter();
  converter.configure(config, false);
  const text = schema === undefined ? payload : `{"schema":${schema},"payload":${payload}}`;
  return converter.toConnectData("t", Buffer.from(text)).value;
}

test("millrace.strict.numbers refuses what Java changes, naming field, number and what it would become", () => {
  for (const reading of CHANGED) {
    const lenient = read({}, reading) as { get(name: string): unknown };
    assert.ok(dataEquals(lenient.get("n"), reading.changed), `${reading.payload} is ${lenient.get("n")}`);
    assert.throws(() => read({ "millrace.strict.numbers": "true" }, reading), {
      name: "DataError",
      message: reading.message,
    });
  }
});

test("millrace.strict.numbers lets every number pass that stays the same", () => {
  const same: readonly (readonly [string, string])[] = [
    ["int8", "-128"],
    ["int32", "1.0"],
    ["int32", "0.00"],
    ["int64", "9223372036854775807"],
    ["int64", "1e3"],
    ["float", "0.1"],
    ["float", "0.0"],
    ["double", "123456789012345678901234567890"],
    ["double", "5"],
    ["string", '"5"'],
    ["boolean", "true"],
    ["int32", "null"],
  ];
  for (const [type, payload] of same) {
    const reading = { schema: field(`"type":"${type}"`), payload: `{"n":${payload}}` };
    assert.ok(dataEquals(read({ "millrace.strict.numbers": "true" }, reading), read({}, reading)), payload);
  }
});

test("millrace.strict.numbers names the place in arrays and maps", () => {
  const strict = { "millrace.strict.numbers": "true" };
  const items = { schema: field('"type":"array","items":{"type":"int8"}'), payload: '{"n":[1,300]}' };
  assert.throws(() => read(strict, items), { message: /^Reading 300 as an element of field "n", INT8/ });
  const values = { schema: '{"type":"map","keys":{"type":"string"},"values":{"type":"int8"}}', payload: '{"a":300}' };
  assert.throws(() => read(strict, values), { message: /^Reading 300 as a value of the value, INT8/ });
});

test("millrace.strict.numbers holds without a schema too", () => {
  const strict = { "schemas.enable": "false", "millrace.strict.numbers": "true" };
  for (const payload of ["9223372036854775808", "[1e309]", '{"a":1e-400}']) {
    assert.doesNotThrow(() => read({ "schemas.enable": "false" }, { payload }));
    assert.throws(() => read(strict, { payload }), { message: /as a schemaless value would change it/ });
    assert.throws(() => read({ "millrace.strict.numbers": "true" }, { schema: "null", payload }), {
      message: /as a schemaless value would change it/,
    });
  }
  assert.equal(read(strict, { payload: "9223372036854775807" }), 9223372036854775807n);
});

test("millrace.strict.numbers looks at timestamps that wrap around", () => {
  const reading = {
    schema: '{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp","version":1}',
    payload: "18446744073709551617",
  };
  assert.deepEqual(read({}, reading), new Date(1));
  assert.throws(() => read({ "millrace.strict.numbers": "true" }, reading), { message: /as the value, INT64/ });
});
