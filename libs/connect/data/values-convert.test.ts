import assert from "node:assert/strict";
import { test } from "node:test";
import { Float32, Float64, Int8, Int16 } from "./boxed-number.ts";
import { dataEquals } from "./equality.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./logical.ts";
import { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { Struct } from "./struct.ts";
import { Values } from "./values.ts";

const noon = new Date(86_400_000 + 43_200_000);

test("convertTo… narrows and cuts off as Java's casts do", () => {
  const answers: readonly (readonly [unknown, unknown])[] = [
    [Values.convertToByte(Schema.INT32, 300), 44],
    [Values.convertToShort(null, "70000"), 4464],
    [Values.convertToInteger(null, "-1.9e0"), -1],
    [Values.convertToLong(null, 1e300), 9223372036854775807n],
    [Values.convertToLong(null, Number.NaN), 0],
    [Values.convertToLong(null, Decimal.fromString("18446744073709551617.9")), 1],
    [Values.convertToLong(null, "1e2147483647"), 0],
    [Values.convertToFloat(Schema.FLOAT64, 0.1), Math.fround(0.1)],
    [Values.convertToDouble(null, new Float32(0.1)), Math.fround(0.1)],
    [Values.convertToDouble(null, "1e400"), Number.POSITIVE_INFINITY],
    [Values.convertToBoolean(null, "true"), true],
    [Values.convertToBoolean(null, "0"), false],
    [Values.convertToBoolean(null, 0.5), false],
    [Values.convertToInteger(null, new Int8(5)), 5],
  ];
  answers.forEach(([actual, expected], i) => {
    assert.equal(actual, expected, `case ${i}`);
  });
});

test("convertToDecimal keeps a Decimal and text, scales bytes, and reads other numbers as printed", () => {
  const text = (value: unknown): string => String(Values.convertToDecimal(null, value, 2));
  assert.equal(text(Decimal.fromString("1.5")), "1.5");
  assert.equal(text("1.500"), "1.500");
  assert.equal(text(Uint8Array.of(1, 0)), "2.56");
  assert.equal(text(5), "5.0");
  assert.equal(text(1e10), "1.0E+10");
  assert.equal(text(new Float32(0.1)), "0.10000000149011612");
  assert.throws(() => text("x"), {
    name: "NumberFormatError",
    javaClass: "java.lang.NumberFormatException",
    message: 'Character x is neither a decimal digit number, decimal point, nor "e" notation exponential mark.',
  });
});

test("convertToDate, Time and Timestamp know each other by schema, and text by its look", () => {
  assert.deepEqual(Values.convertToDate(Timestamp.SCHEMA, noon), new Date(86_400_000));
  assert.deepEqual(Values.convertToTime(Timestamp.SCHEMA, noon), new Date(43_200_000));
  assert.deepEqual(Values.convertToTime(Timestamp.SCHEMA, new Date(-1)), new Date(86_399_999));
  assert.deepEqual(Values.convertToTimestamp(ConnectDate.SCHEMA, new Date(86_400_000)), new Date(86_400_000));
  assert.deepEqual(Values.convertToTimestamp(Time.SCHEMA, new Date(5)), new Date(5));
  assert.deepEqual(Values.convertToTimestamp(null, "2024-02-29T01:02:03.004Z"), new Date("2024-02-29T01:02:03.004Z"));
  assert.deepEqual(Values.convertToDate(null, 2), new Date(172_800_000));
  assert.equal(Values.convertToDate(null, noon), noon);
  assert.equal(Values.convertToLong(Timestamp.SCHEMA, noon), noon.getTime());
});

test("convertToList and Map give containers back, and read them from text as schemaless values", () => {
  const list = [1, 2];
  assert.equal(Values.convertToList(SchemaBuilder.array(Schema.INT32).build(), list), list);
  assert.ok(dataEquals(Values.convertToList(null, "[1,300]"), [new Int16(1), new Int16(300)]));
  assert.ok(dataEquals(Values.convertToMap(null, '{"a":1.5}'), new Map([["a", new Float32(1.5)]])));
  assert.deepEqual(Values.convertToMap(null, { a: true }), new Map([["a", true]]));
});

test("convertTo… fails in Java's words", () => {
  const struct = new Struct(SchemaBuilder.struct().field("a", Schema.INT32).build()).put("a", 1);
  const failures: readonly (readonly [() => unknown, string])[] = [
    [() => Values.convertToLong(null, "x"), "Unable to convert x (class java.lang.String) to a number"],
    [
      () => Values.convertToByte(Schema.BOOLEAN, true),
      "Unable to convert true (class java.lang.Boolean) to Schema{BOOLEAN}",
    ],
    [
      () => Values.convertToInteger(null, new Date(5)),
      "Unable to convert Thu Jan 01 00:00:00 UTC 1970 (class java.util.Date) to a number",
    ],
    [() => Values.convertToDate(null, null), "Unable to convert a null value to a schema that requires a value"],
    [() => Values.convertToStruct(null, "x"), "Unable to convert x (class java.lang.String) to Schema{STRUCT}"],
    [
      () => Values.convertToList(struct.schema, struct),
      "Unable to convert Struct{a=1} (class org.apache.kafka.connect.data.Struct) to Schema{ARRAY}",
    ],
    [() => Values.convertToMap(Schema.INT32, 5), "Unable to convert 5 (class java.lang.Integer) to Schema{MAP}"],
    [
      () => Values.convertToTime(Timestamp.SCHEMA, new Date(-62_135_769_600_001)),
      "Time values must use number of milliseconds greater than 0 and less than 86400000",
    ],
  ];
  for (const [act, message] of failures) assert.throws(act, { name: "DataError", message });
});

test("dateFormatFor gives the pattern that convertToString writes in", () => {
  const dates = [new Date(-1), new Date(0), new Date(86_400_000), noon];
  assert.deepEqual(dates.map(Values.dateFormatFor), [
    "HH:mm:ss.SSS'Z'",
    "HH:mm:ss.SSS'Z'",
    "yyyy-MM-dd",
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
  ]);
});

test("inferSchema sees types, not what containers of containers hold", () => {
  const type = (value: unknown): string => {
    const schema = Values.inferSchema(value);
    return schema?.valueSchema ? `${schema.type} of ${schema.valueSchema.type}` : String(schema?.type);
  };
  assert.deepEqual(
    [1, 1.5, 1n, new Float64(1), [1, null], [[1], ["a"]], { a: "x" }, [], [1, "a"], new Date(0)].map(type),
    [
      "INT64",
      "FLOAT64",
      "INT64",
      "FLOAT64",
      "ARRAY of INT64",
      "ARRAY of ARRAY",
      "MAP of STRING",
      "undefined",
      "undefined",
      "undefined",
    ],
  );
  assert.equal(Values.inferSchema([1, null])?.valueSchema?.optional, true);
  assert.throws(() => Values.inferSchema([null]), { name: "SchemaBuilderError", message: "type cannot be null" });
});

test("parseString merges what arrays and maps hold", () => {
  const shown = (text: string): string => {
    const parsed = Values.parseString(text)!;
    return `${parsed.schema?.type} of ${parsed.schema?.valueSchema?.type ?? "unknown"}`;
  };
  assert.equal(shown("[1,300]"), "ARRAY of INT16");
  assert.equal(shown('[1,"a",2]'), "ARRAY of unknown");
  assert.equal(shown("[1970-01-02,5]"), "ARRAY of INT32");
  assert.equal(shown("{1970-01-02:1,1970-01-02:2}"), "MAP of INT8");
  assert.equal((Values.parseString("{1970-01-02:1,1970-01-02:2}")!.value as Map<unknown, unknown>).size, 1);
});

test("parseString rounds once, and opens no more brackets than it can hold", () => {
  assert.equal(Values.parseString("1.00000017881393432617187499")!.value, Math.fround(1.0000001));
  assert.equal(Values.parseString("1e-400")!.schema, Schema.FLOAT32);
  const deep = "[".repeat(100_000);
  assert.deepEqual(Values.parseString(deep), { schema: Schema.STRING, value: deep });
  const closed = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  assert.equal(Values.parseString(closed)!.value, closed);
});
