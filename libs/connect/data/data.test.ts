import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConnectHeaders } from "../headers.ts";
import { Float64, Int32 } from "./boxed-number.ts";
import { dataEquals } from "./equality.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./logical.ts";
import { doubleText, floatText } from "./number-text.ts";
import { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { Struct } from "./struct.ts";
import { bytesToInteger, integerToBytes } from "./twos-complement.ts";
import { validateValue } from "./validate-value.ts";
import { Values } from "./values.ts";

const row = (): Schema =>
  SchemaBuilder.struct()
    .name("row")
    .field("id", Schema.INT32)
    .field("note", SchemaBuilder.string().optional().defaultValue("-").build())
    .build();

test("Schema.equals looks at everything, not at identity", () => {
  assert.ok(row().equals(row()));
  assert.ok(!row().equals(SchemaBuilder.struct().field("id", Schema.INT32).build()));
  assert.ok(!Schema.INT32.equals(Schema.OPTIONAL_INT32));
  assert.ok(!Decimal.schema(1).equals(Decimal.schema(2)));
});

test("SchemaBuilder refuses what Connect refuses, in its words", () => {
  const refusals: readonly (readonly [() => unknown, string])[] = [
    [() => SchemaBuilder.int32().name("a").name("b"), "Invalid SchemaBuilder call: name has already been set."],
    [() => SchemaBuilder.int32().optional().required(), "Invalid SchemaBuilder call: optional has already been set."],
    [
      () => SchemaBuilder.struct().field("a", Schema.INT8).field("a", Schema.INT8),
      "Cannot create field because of field name duplication a",
    ],
    [() => SchemaBuilder.struct().field("", Schema.INT8), "fieldName cannot be null."],
    [() => SchemaBuilder.int32().field("a", Schema.INT8), "Cannot create fields on type INT32"],
    [() => SchemaBuilder.int32().defaultValue("x"), "Invalid default value"],
  ];
  for (const [act, message] of refusals) assert.throws(act, { name: "SchemaBuilderError", message });
});

test("validateValue names schema, class and place", () => {
  const refusals: readonly (readonly [Schema, unknown, string])[] = [
    [Schema.INT32, null, "Invalid value: null used for required value, schema type: INT32"],
    [Schema.INT32, "x", "Invalid Java object for schema with type INT32: class java.lang.String for value"],
    [
      ConnectDate.SCHEMA,
      5,
      'Invalid Java object for schema "org.apache.kafka.connect.data.Date" with type INT32: class java.lang.Long for value',
    ],
    [
      SchemaBuilder.array(Schema.STRING).build(),
      [1],
      "Invalid Java object for schema with type STRING: class java.lang.Long for element of array value",
    ],
  ];
  for (const [schema, value, message] of refusals) assert.throws(() => validateValue(schema, value), { message });
});

test("validateValue takes numbers by range, bigint as INT64 and a box only as its own type", () => {
  validateValue(Schema.INT8, -128);
  validateValue(Schema.INT64, 2n ** 63n - 1n);
  validateValue(Schema.INT32, new Int32(1));
  for (const [schema, value] of [
    [Schema.INT8, 128],
    [Schema.INT32, 1.5],
    [Schema.INT64, 2n ** 63n],
    [Schema.INT64, 2 ** 53],
    [Schema.INT64, new Int32(1)],
    [Schema.FLOAT32, new Float64(1)],
  ] as const) {
    assert.throws(() => validateValue(schema, value));
  }
});

test("Struct.get gives the default for null, getWithoutDefault does not", () => {
  const struct = new Struct(row()).put("id", 1).put("note", null);
  assert.equal(struct.get("note"), "-");
  assert.equal(struct.getWithoutDefault("note"), null);
  assert.equal(String(struct), "Struct{id=1}");
});

test("Struct.put refuses unknown fields and values that do not fit, at once", () => {
  const struct = new Struct(row());
  assert.throws(() => struct.put("x", 1), { message: "x is not a valid field name" });
  assert.throws(() => struct.put("id", null), {
    message: 'Invalid value: null used for required field: "id", schema type: INT32',
  });
  assert.throws(() => struct.validate(), /required field: "id"/);
  assert.throws(() => new Struct(Schema.INT32), { message: "Not a struct schema: Schema{INT32}" });
});

test("Decimal reads and writes text as BigDecimal", () => {
  for (const text of ["0", "0.00", "123.45", "-0.001", "1E-7", "0.000001", "1E+3", "1.2E+4", "-5", "1E-10"]) {
    assert.equal(String(Decimal.fromString(text)), text);
  }
  assert.equal(Decimal.fromString("1E+3").toPlainString(), "1000");
  assert.equal(Decimal.fromString("12.50").unscaled, 1250n);
  assert.ok(!dataEquals(Decimal.fromString("1.0"), Decimal.fromString("1.00")));
  assert.throws(() => Decimal.fromString("1,0"));
});

test("Decimal bytes are two's complement of least length, both ways", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }), (value) => {
      const bytes = integerToBytes(value);
      assert.equal(bytesToInteger(bytes), value);
      assert.equal(Buffer.from(bytes).readInt8(0) < 0, value < 0n);
    }),
  );
  assert.deepEqual([...integerToBytes(-128n)], [0x80]);
  assert.deepEqual([...integerToBytes(128n)], [0, 0x80]);
});

test("Date and Time refuse what does not belong to them", () => {
  assert.throws(() => ConnectDate.fromLogical(ConnectDate.SCHEMA, new Date(1)), /should not have any time fields/);
  assert.throws(() => Time.fromLogical(Time.SCHEMA, new Date(-1)), /should not have any date fields/);
  assert.throws(() => Timestamp.fromLogical(Time.SCHEMA, new Date(0)), /the schema does not match/);
});

test("doubleText and floatText give Java's digits and always read back", () => {
  const texts = [1e7, 9999999, 1e-3, 9.999e-4, 5e-324, 2e23, 1e23, 0.1 + 0.2, -0].map(doubleText);
  assert.deepEqual(texts, [
    "1.0E7",
    "9999999.0",
    "0.001",
    "9.999E-4",
    "4.9E-324",
    "1.9999999999999998E23",
    "9.999999999999999E22",
    "0.30000000000000004",
    "-0.0",
  ]);
  assert.deepEqual([0.1, 1e10, 1.4e-45, 3.4028235e38].map(floatText), ["0.1", "1.0E10", "1.4E-45", "3.4028235E38"]);
  assert.deepEqual([-5.4843834e25, 9.6275603e24].map(floatText), ["-5.4843834E25", "9.6275603E24"]);
  fc.assert(fc.property(fc.double({ noNaN: true }), (value) => Object.is(Number(doubleText(value)), value)));
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => Object.is(Math.fround(Number(floatText(value))), value)));
});

test("Values.convertToString text parses back to the same kind of value", () => {
  for (const text of ["5", "[1,2]", '{"a":1}', "2024-02-29", "12:00:00.000Z", "2024-02-29T01:02:03.004Z", "x y"]) {
    const { schema, value } = Values.parseString(text)!;
    assert.equal(Values.convertToString(schema, value), text);
  }
});

test("ConnectHeaders keeps order and repeats, and checks values", () => {
  const headers = new ConnectHeaders().add("a", 1, Schema.INT32).add("b", null).add("a", "x", Schema.STRING);
  assert.deepEqual(
    [...headers].map(({ key }) => key),
    ["a", "b", "a"],
  );
  assert.equal(headers.lastWithName("a")?.value, "x");
  const copy = headers.duplicate().remove("a");
  assert.deepEqual([copy.size, headers.size], [1, 3]);
  assert.throws(() => headers.add("c", "x", Schema.INT32), {
    message: "The value x is not compatible with the schema Schema{INT32}",
  });
  assert.throws(() => headers.add("c", null, Schema.INT32), {
    message: "A null value requires an optional schema but was Schema{INT32}",
  });
});
