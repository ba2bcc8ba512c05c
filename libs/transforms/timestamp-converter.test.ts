import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectDate, Schema, SchemaBuilder, Struct, Time, Timestamp } from "@millrace/connect";
import fc from "fast-check";
import { configured, recordOf, sinkRecord, valueAfter } from "./testing/records.ts";
import { timestampConverter } from "./timestamp-converter.ts";

const INSTANT_MS = Date.UTC(2023, 10, 14, 22, 13, 20, 123);
const DAY_MS = 86_400_000;
const ISO = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'";
const LONG_MAX = 2n ** 63n - 1n;

const convert = (config: Readonly<Record<string, string>>, value: unknown): unknown =>
  valueAfter(configured(timestampConverter, config), sinkRecord({ value }));

test("TimestampConverter turns every form into every other", () => {
  const forms: Readonly<Record<string, unknown>> = {
    string: "2023-11-14T22:13:20.123Z",
    unix: INSTANT_MS,
    Timestamp: new Date(INSTANT_MS),
  };
  const targets = { ...forms, Date: new Date(Date.UTC(2023, 10, 14)), Time: new Date(INSTANT_MS % DAY_MS) };
  for (const given of Object.values(forms)) {
    for (const [target, expected] of Object.entries(targets)) {
      assert.deepEqual(convert({ "target.type": target, format: ISO }, given), expected, `${given} to ${target}`);
    }
  }
});

test("TimestampConverter gives the whole value the schema of the target, optional as it was", () => {
  const schemas = {
    string: [Schema.STRING, Schema.OPTIONAL_STRING],
    unix: [Schema.INT64, Schema.OPTIONAL_INT64],
    Date: [ConnectDate.SCHEMA, ConnectDate.builder().optional().build()],
    Time: [Time.SCHEMA, Time.builder().optional().build()],
    Timestamp: [Timestamp.SCHEMA, Timestamp.builder().optional().build()],
  } as const;
  for (const [target, [required, optional]] of Object.entries(schemas)) {
    const transform = configured(timestampConverter, { "target.type": target, format: ISO });
    const full = transform.apply(sinkRecord({ valueSchema: Timestamp.SCHEMA, value: new Date(0) }));
    const empty = transform.apply(sinkRecord({ valueSchema: Schema.OPTIONAL_INT64 }));
    assert.ok(required.equals(full?.valueSchema));
    assert.ok(optional.equals(empty?.valueSchema));
    assert.equal(empty?.value, null);
  }
});

test("TimestampConverter converts one field of a struct and keeps the rest of it", () => {
  const bare = SchemaBuilder.struct().name("row").version(2).field("at", Timestamp.SCHEMA).field("id", Schema.INT32);
  const schema = bare.build();
  const withDefault = new Schema({ ...schema, default: new Struct(schema).put("at", new Date(5)).put("id", 1) });
  const struct = new Struct(withDefault).put("at", new Date(INSTANT_MS)).put("id", 7);
  const result = configured(timestampConverter, { field: "at", "target.type": "unix" }).apply(recordOf(struct));
  assert.equal(String(result?.value), `Struct{at=${INSTANT_MS},id=7}`);
  assert.equal(String(result?.valueSchema), "Schema{row:STRUCT}");
  assert.equal(String(result?.valueSchema?.default), "Struct{at=5,id=1}");
  assert.ok(result?.value instanceof Struct && result.value.schema.field("at")?.schema.equals(Schema.INT64));
});

test("TimestampConverter reads defaults in place of nulls, unless told not to", () => {
  const at = Timestamp.builder().defaultValue(new Date(5)).build();
  const struct = new Struct(SchemaBuilder.struct().field("at", at).build());
  const config = { field: "at", "target.type": "unix" };
  assert.equal(String(valueAfter(configured(timestampConverter, config), recordOf(struct))), "Struct{at=5}");
  const strict = configured(timestampConverter, { ...config, "replace.null.with.default": "false" });
  assert.throws(() => strict.apply(recordOf(struct)), {
    message: 'Invalid value: null used for required field: "at", schema type: INT64',
  });
});

test("TimestampConverter adds a field that a map has not, as null", () => {
  const config = { field: "at", "target.type": "unix" };
  assert.deepEqual(
    convert(config, new Map([["id", 1]])),
    new Map([
      ["id", 1],
      ["at", null],
    ] as const),
  );
});

test("TimestampConverter cuts off what is finer than a millisecond, and stops at the limits of a long", () => {
  const toUnix = (precision: string, value: unknown): unknown =>
    convert({ "target.type": "unix", "unix.precision": precision }, value);
  const toDate = (precision: string, value: unknown): unknown =>
    convert({ "target.type": "Timestamp", "unix.precision": precision }, value);
  assert.equal(toUnix("seconds", new Date(-1500)), -1);
  assert.equal(toUnix("nanoseconds", new Date(INSTANT_MS)), 1_700_000_000_123_000_000n);
  assert.equal(toUnix("nanoseconds", new Date(8.64e15)), LONG_MAX);
  assert.equal(toUnix("seconds", LONG_MAX), 9_223_372_036_854_775n);
  assert.deepEqual(toDate("microseconds", -1_500_999), new Date(-1500));
  assert.throws(() => toDate("seconds", LONG_MAX), { message: /outside of what a Date can hold/ });
});

test("TimestampConverter truncates any long exactly as it widens it again", () => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: LONG_MAX });
  const unitsPerMs = { microseconds: 1000n, nanoseconds: 1_000_000n };
  for (const [precision, units] of Object.entries(unitsPerMs)) {
    const transform = configured(timestampConverter, { "target.type": "unix", "unix.precision": precision });
    fc.assert(
      fc.property(long, (given) => {
        const value = Number.isSafeInteger(Number(given)) ? Number(given) : given;
        assert.equal(BigInt(valueAfter(transform, sinkRecord({ value })) as bigint), (given / units) * units);
      }),
    );
  }
});

test("TimestampConverter says what it cannot read", () => {
  const refusals: readonly (readonly [Readonly<Record<string, string>>, unknown, string])[] = [
    [{ format: "yyyy" }, "soon", "Could not parse timestamp: value (soon) does not match pattern (yyyy)"],
    [{}, true, "TimestampConverter does not support class java.lang.Boolean objects as timestamps"],
    [
      { field: "at" },
      5,
      "Only Map objects supported in absence of schema for [converting timestamp formats], found: java.lang.Long",
    ],
  ];
  for (const [config, value, message] of refusals) {
    assert.throws(() => convert({ "target.type": "unix", ...config }, value), { message });
  }
  const typed = configured(timestampConverter, { "target.type": "unix" });
  assert.throws(() => typed.apply(sinkRecord({ valueSchema: Schema.INT32, value: 5 })), {
    javaClass: "org.apache.kafka.connect.errors.ConnectException",
    message: "Schema Schema{INT32} does not correspond to a known timestamp type format",
  });
});

test("TimestampConverter refuses patterns in Java's words", () => {
  assert.throws(() => configured(timestampConverter, { "target.type": "unix", format: "yyyy-MM-ddTHH" }), {
    message:
      "Invalid value java.lang.IllegalArgumentException: Illegal pattern character 'T' for configuration " +
      "TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: yyyy-MM-ddTHH",
  });
  assert.throws(() => configured(timestampConverter, { "target.type": "string" }), {
    message: "TimestampConverter requires format option to be specified when using string timestamps",
  });
});
