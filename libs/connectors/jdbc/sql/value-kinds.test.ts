import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import fc from "fast-check";
import { jdbcSourceSettings } from "../settings.ts";
import {
  decimalOf,
  instantNanos,
  localText,
  numericKind,
  readInteger,
  timeKind,
  timestampKind,
  zonedText,
} from "./value-kinds.ts";
import { zoneClock } from "./zone-clock.ts";

const settings = (more: Record<string, string>) => jdbcSourceSettings({ "topic.prefix": "t", ...more });
const utc = zoneClock("UTC");
const typeOf = (precision: number, scale: number, mapping: Parameters<typeof numericKind>[2]) => {
  const schema = numericKind(precision, scale, mapping)[0]().build();
  return schema.name === null ? schema.type : `Decimal(${Decimal.scaleOf(schema)})`;
};

test("numericKind follows numeric.mapping as Confluent's generic dialect does", () => {
  assert.equal(typeOf(9, 0, "none"), "Decimal(0)");
  assert.deepEqual(
    [2, 4, 9, 18, 19].map((precision) => typeOf(precision, 0, "precision_only")),
    ["INT8", "INT16", "INT32", "INT64", "Decimal(0)"],
  );
  assert.equal(typeOf(9, 2, "precision_only"), "Decimal(2)");
  assert.equal(typeOf(9, 2, "best_fit"), "FLOAT64");
  assert.equal(typeOf(9, -2, "best_fit"), "INT32");
  assert.equal(typeOf(19, 2, "best_fit"), "Decimal(2)");
  assert.equal(typeOf(19, 2, "best_fit_eager_double"), "FLOAT64");
  assert.equal(typeOf(0, 127, "none"), "Decimal(127)");
});

test("decimalOf reads every form of a number, and refuses digits that do not fit", () => {
  assert.deepEqual(decimalOf("-0.5", 2), new Decimal(-50, 2));
  assert.deepEqual(decimalOf("1e3", 0), new Decimal(1000, 0));
  assert.deepEqual(decimalOf("1200", -2), new Decimal(12, -2));
  assert.deepEqual(decimalOf("12345678901234567890.10", 2), new Decimal(1234567890123456789010n, 2));
  assert.throws(() => decimalOf("1.234", 2), /does not fit Decimal with scale 2/);
  assert.throws(() => decimalOf("NaN", 2), /Not a finite number/);
});

test("readInteger keeps 64 bits, and reads bit fields", () => {
  assert.deepEqual(
    [readInteger("-9223372036854775808"), readInteger(5), readInteger(Buffer.from([1]))],
    [-9223372036854775808n, 5, 1],
  );
});

test("instantNanos reads what localText and zonedText write", () => {
  const instants = fc.bigInt(-62_000_000_000_000_000_000n, 200_000_000_000_000_000_000n);
  fc.assert(
    fc.property(instants, (nanos) => {
      assert.equal(instantNanos(localText(nanos, 9), utc), nanos);
    }),
  );
  const berlin = zoneClock("Europe/Berlin");
  assert.equal(zonedText(1_717_000_000_123_456_000n, 6, berlin), "2024-05-29 18:26:40.123456");
  assert.equal(instantNanos("2024-05-29 18:26:40.123456", berlin), 1_717_000_000_123_456_000n);
  assert.equal(instantNanos("2024-05-29T18:26:40.5+02:00", utc), 1_717_000_000_500_000_000n);
  assert.throws(() => instantNanos("0000-00-00 00:00:00", utc), /Not a timestamp there is/);
});

test("localText never gives an earlier instant than it was given", () => {
  assert.equal(localText(1n, 6), "1970-01-01 00:00:00.000001");
  assert.equal(localText(0n, 0), "1970-01-01 00:00:00");
});

test("timestampKind gives timestamps at the granularity asked for", () => {
  const read = (granularity: string, zone = "UTC") =>
    timestampKind(settings({ "timestamp.granularity": granularity, "db.timezone": zone }), false)[1](
      "2024-05-29 18:26:40.123456789",
    );
  assert.deepEqual(read("connect_logical"), new Date("2024-05-29T18:26:40.123Z"));
  assert.deepEqual(read("connect_logical", "Europe/Berlin"), new Date("2024-05-29T16:26:40.123Z"));
  assert.equal(read("micros_long"), 1_717_007_200_123_456);
  assert.equal(read("nanos_string"), "1717007200123456789");
  assert.equal(read("nanos_iso_datetime_string"), "2024-05-29T18:26:40.123456789");
});

test("timeKind reads times of a day, and what is left of longer ones", () => {
  assert.deepEqual(timeKind[1]("13:45:10.25"), new Date(49_510_250));
  assert.deepEqual(timeKind[1]("25:00:00"), new Date(3_600_000));
  assert.deepEqual(timeKind[1]("-01:00:00"), new Date(82_800_000));
});

test("zoneClock goes from instants to local times and back, but for the hour that is repeated", () => {
  const clock = zoneClock("America/New_York");
  const instants = fc.integer({ min: Date.parse("1990-01-01"), max: Date.parse("2030-01-01") });
  fc.assert(
    fc.property(instants, (ms) => {
      const back = clock.instantMs(clock.localMs(ms));
      assert.ok(back === ms || Math.abs(back - ms) === 3_600_000);
    }),
  );
});
