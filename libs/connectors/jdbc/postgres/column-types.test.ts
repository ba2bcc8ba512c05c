import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import type { TypeMapping } from "./column-types.ts";
import { columnType } from "./column-types.ts";

const plain: TypeMapping = { numericMapping: "none", timestampGranularity: "connect_logical", timeZone: "UTC" };

function read(type: string, text: string, options: { modifier?: number } & Partial<TypeMapping> = {}): unknown {
  const { modifier = -1, ...mapping } = options;
  const column = { name: "c", type, kind: "b", modifier, nullable: false, autoIncrement: false };
  const padded = Buffer.from(`xx${text}yy`);
  const row = { bytes: padded, latin1: padded.toString("latin1") };
  return columnType(column, { ...plain, ...mapping })!.read(row, 2, padded.length - 2);
}
const numeric = (precision: number, scale: number) => ((precision << 16) | (scale & 0x7ff)) + 4;
const typeOf = (modifier: number, numericMapping: TypeMapping["numericMapping"]) => {
  const column = { name: "c", type: "numeric", kind: "b", modifier, nullable: true, autoIncrement: false };
  const { schema } = columnType(column, { ...plain, numericMapping })!;
  return schema.name === null ? schema.type : `Decimal(${Decimal.scaleOf(schema)})`;
};

test("columnType reads integers as numbers, beyond 2^53 as bigint", () => {
  assert.deepEqual(
    ["0", "-5", "123456789012345", "9007199254740991", "-9223372036854775808"].map((text) => read("int8", text)),
    [0, -5, 123456789012345, 9007199254740991, -9223372036854775808n],
  );
});

test("columnType reads decimals at the column's scale", () => {
  const options = { modifier: numeric(12, 2) };
  assert.deepEqual(read("numeric", "12.34", options), new Decimal(1234, 2));
  assert.deepEqual(read("numeric", "-0.07", options), new Decimal(-7, 2));
  assert.deepEqual(read("numeric", "5", options), new Decimal(500, 2));
  assert.deepEqual(read("numeric", "1234567890123456789.10", options), new Decimal(123456789012345678910n, 2));
  assert.deepEqual(read("numeric", "1200", { modifier: numeric(4, -2) }), new Decimal(12, -2));
  assert.throws(() => read("numeric", "1.5"), /1.5 does not fit Decimal with scale 0/);
  assert.throws(() => read("numeric", "NaN", options), /Not a finite number/);
});

test("columnType maps numeric by numeric.mapping", () => {
  const [small, large, money, big] = [numeric(4, 0), numeric(25, 0), numeric(12, 2), numeric(30, 2)];
  const types = (mapping: TypeMapping["numericMapping"]) =>
    [small, large, money, big, -1].map((m) => typeOf(m, mapping));
  assert.deepEqual(types("none"), ["Decimal(0)", "Decimal(0)", "Decimal(2)", "Decimal(2)", "Decimal(0)"]);
  assert.deepEqual(types("precision_only"), ["INT16", "Decimal(0)", "Decimal(2)", "Decimal(2)", "Decimal(0)"]);
  assert.deepEqual(types("best_fit"), ["INT16", "Decimal(0)", "FLOAT64", "Decimal(2)", "Decimal(0)"]);
  assert.deepEqual(types("best_fit_eager_double"), ["INT16", "Decimal(0)", "FLOAT64", "FLOAT64", "FLOAT64"]);
});

test("columnType reads timestamps of every era", () => {
  const instant = (text: string) => (read("timestamptz", text) as Date).toISOString();
  assert.equal(instant("2024-02-29 23:59:59.999999+00"), "2024-02-29T23:59:59.999Z");
  assert.equal(instant("1969-12-31 23:59:59.9991+00"), "1969-12-31T23:59:59.999Z");
  assert.equal(instant("0001-01-01 00:00:00+00"), "0001-01-01T00:00:00.000Z");
  assert.equal(instant("0044-03-15 12:00:00+00 BC"), "-000043-03-15T12:00:00.000Z");
  assert.equal(instant("12024-01-01 00:00:00.5+00"), "+012024-01-01T00:00:00.500Z");
  assert.equal(instant("infinity"), "+275760-09-13T00:00:00.000Z");
  for (let day = -800_000; day < 800_000; day += 997) {
    const text = new Date(day * 86_400_000).toISOString();
    if (/^\d{4}-/.test(text)) assert.equal((read("date", text.slice(0, 10)) as Date).toISOString(), text);
  }
});

test("columnType gives timestamps at the granularity asked for", () => {
  const text = "2024-05-17 13:45:10.25";
  const as = (timestampGranularity: TypeMapping["timestampGranularity"]) =>
    read("timestamp", text, { timestampGranularity });
  assert.equal(as("micros_long"), 1715953510250000);
  assert.equal(as("nanos_long"), 1715953510250000000n);
  assert.equal(as("micros_string"), "1715953510250000");
  assert.equal(as("micros_iso_datetime_string"), "2024-05-17T13:45:10.250000");
  assert.equal(as("nanos_iso_datetime_string"), "2024-05-17T13:45:10.250000000");
});

test("columnType lets the server place timestamps without a zone into db.timezone", () => {
  const column = { name: "c", type: "timestamp", kind: "b", modifier: -1, nullable: true, autoIncrement: false };
  assert.equal(
    columnType(column, { ...plain, timeZone: "Europe/Paris" })!.select('"c"'),
    `"c" AT TIME ZONE 'Europe/Paris'`,
  );
});

test("columnType has nothing for arrays, ranges and the like", () => {
  for (const type of ["_int4", "inet", "interval", "int4range", "varbit"]) {
    const column = { name: "c", type, kind: "b", modifier: -1, nullable: true, autoIncrement: false };
    assert.equal(columnType(column, plain), null, type);
  }
});
