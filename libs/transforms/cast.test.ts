import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Schema as ConnectSchema,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Schema,
  SchemaBuilder,
  Struct,
  Timestamp,
} from "@millrace/connect";
import { cast } from "./cast.ts";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";

function one(schema: ConnectSchema, value: unknown): Struct {
  return Struct.of(SchemaBuilder.struct().field("a", schema).build(), [value]);
}

function castOne(type: string, schema: ConnectSchema, value: unknown, more = {}): unknown {
  const struct = valueAfter(configured(cast, { spec: `a:${type}`, ...more }), recordOf(one(schema, value)));
  return (struct as Struct).get("a");
}

function castBare(type: string, value: unknown): unknown {
  return valueAfter(configured(cast, { spec: type }), sinkRecord({ value }));
}

test("integers wrap, floating point numbers stop at the ends, by way of int32", () => {
  assert.deepEqual([castOne("int8", Schema.INT32, 300), castOne("int16", Schema.INT64, 2n ** 63n - 1n)], [44, -1]);
  assert.deepEqual([castOne("int32", Schema.FLOAT64, 1e10), castOne("int8", Schema.FLOAT64, 1e10)], [2147483647, -1]);
  assert.equal(castOne("int64", Schema.FLOAT64, -1e30), -(2n ** 63n));
  assert.ok(Object.is(castOne("int64", Schema.FLOAT64, -0.5), 0));
  assert.equal(castOne("int32", Schema.FLOAT32, Number.NaN), 0);
  assert.equal(castOne("boolean", Schema.FLOAT64, 0.5), false);
});

test("an int64 is a bigint only where it has to be", () => {
  assert.equal(castOne("int64", Schema.STRING, "9007199254740991"), 9007199254740991);
  assert.equal(castOne("int64", Schema.STRING, "9007199254740993"), 9007199254740993n);
  assert.equal(castOne("int64", Decimal.schema(2), new Decimal(1234n, 2)), 12);
  assert.equal(castOne("float32", Schema.INT64, 2n ** 60n + 2n ** 36n + 1n), 2 ** 60 + 2 ** 37);
});

test("without a schema the type of a number is in its box", () => {
  const results = ["int8", "int16", "int32", "int64", "float32", "float64"].map((type) => castBare(type, "7"));
  assert.deepEqual(results, [new Int8(7), new Int16(7), new Int32(7), 7, new Float32(7), new Float64(7)]);
  assert.equal(castBare("float64", 1.5), 1.5);
  assert.deepEqual(castBare("float64", new Float64(-0)), new Float64(-0));
  assert.equal(castBare("string", 3), "3");
  assert.equal(castBare("string", new Float64(3)), "3.0");
  assert.equal(castBare("string", new Uint8Array([0, 255])), "AP8=");
});

test("a map is copied, and a missing field becomes null", () => {
  const map = new Map<string, unknown>([["a", "1"]]);
  const result = valueAfter(configured(cast, { spec: "a:int32,b:string" }), sinkRecord({ value: map }));
  assert.deepEqual(
    result,
    new Map<string, unknown>([
      ["a", new Int32(1)],
      ["b", null],
    ]),
  );
  assert.deepEqual(map, new Map([["a", "1"]]));
});

test("a field loses its logical type and keeps optional and the default; the struct keeps its name", () => {
  const when = Timestamp.builder().optional().defaultValue(new Date(86_400_000)).build();
  const schema = SchemaBuilder.struct()
    .name("row")
    .version(2)
    .field("a", when)
    .field("b", Schema.OPTIONAL_INT8)
    .build();
  const record = recordOf(Struct.of(schema, [null, null]));
  const result = configured(cast, { spec: "a:string" }).apply(record)!;
  const text = SchemaBuilder.string().optional().defaultValue("1970-01-02").build();
  const expected = SchemaBuilder.struct().name("row").version(2).field("a", text).field("b", Schema.OPTIONAL_INT8);
  assert.ok(result.valueSchema?.equals(expected.build()));
  assert.deepEqual((result.value as Struct).values, ["1970-01-02", null]);
  const without = configured(cast, { spec: "a:string", "replace.null.with.default": "false" });
  assert.deepEqual((valueAfter(without, record) as Struct).values, [null, null]);
});

test("the whole value keeps its schema's name, so that a second cast of a date fails as in Java", () => {
  const first = configured(cast, { spec: "int64" }).apply(
    sinkRecord({ valueSchema: Timestamp.SCHEMA, value: new Date(5) }),
  )!;
  assert.deepEqual(
    [first.valueSchema?.name, first.valueSchema?.type, first.value],
    [Timestamp.LOGICAL_NAME, "INT64", 5],
  );
  assert.throws(() => configured(cast, { spec: "int32" }).apply(first), { javaClass: "java.lang.ClassCastException" });
});

test("a tombstone passes", () => {
  const record = sinkRecord({ valueSchema: Schema.STRING });
  assert.equal(configured(cast, { spec: "int32" }).apply(record), record);
});

test("a spec is split and refused as Java does", () => {
  const refusals: readonly (readonly [string, string])[] = [
    ["a:int32:b", "Invalid value [a:int32:b] for configuration renames: Invalid rename mapping: a:int32:b"],
    [":", 'spec names no type in ":". Write field:type.'],
    [
      "a:",
      "Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.A " +
        "for configuration Invalid type found in casting spec: a",
    ],
  ];
  for (const [spec, message] of refusals) assert.throws(() => configured(cast, { spec }), { message });
  assert.ok(configured(cast, { spec: " a : INT32 , :int8" }));
});

test("strict numbers refuse what would change, naming field, value and type", () => {
  const strict = { "millrace.strict.numbers": "true" };
  assert.throws(() => castOne("int8", Schema.INT32, 300, strict), {
    javaClass: "org.apache.kafka.connect.errors.DataException",
    message:
      'Casting field "a" to INT8 would change 300 to 44. ' +
      "Cast to a type that holds it, or set millrace.strict.numbers to false to have it changed as Kafka Connect does.",
  });
  const whole = configured(cast, { spec: "int32", ...strict });
  assert.throws(() => whole.apply(sinkRecord({ value: 1.5 })), /^DataError: Casting the value to INT32 .* 1\.5 to 1\./);
  const changed = SchemaBuilder.int32().defaultValue(300).build();
  assert.throws(() => castOne("int8", changed, 1, strict), /change 300 to 44/);
  assert.equal(castOne("int8", Schema.INT32, -128, strict), -128);
});
