import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, type Schema, type Struct } from "@millrace/connect";
import fc from "fast-check";
import { settingsOf, typeOf } from "../testing/sample-table.ts";
import { codecOf } from "./codecs.ts";
import { readText } from "./row-bytes.ts";
import { arrayElements, hstoreJson } from "./structured-text.ts";
import { dayText } from "./times.ts";

type Case = readonly [type: string, modifier: number, text: string, value: unknown];

function value(type: string, modifier: number, text: string, config: Record<string, string> = {}): unknown {
  const codec = codecOf(typeOf(type), modifier, settingsOf(config).values)!;
  return readText(codec.reader(codec.builder().build()), text);
}

const bytes = (...each: number[]) => Uint8Array.from(each);
const plain = (each: unknown) => (each instanceof Uint8Array ? Uint8Array.from(each) : each);

function check(cases: readonly Case[], config: Record<string, string> = {}): void {
  for (const [type, modifier, text, expected] of cases) {
    assert.deepEqual(plain(value(type, modifier, text, config)), expected, `${type}(${modifier}) ${text}`);
  }
}

test("numbers keep their width", () => {
  check([
    ["int2", -1, "-32768", -32768],
    ["int8", -1, "9223372036854775807", 9_223_372_036_854_775_807n],
    ["int8", -1, "9007199254740991", Number.MAX_SAFE_INTEGER],
    ["float8", -1, "-Infinity", Number.NEGATIVE_INFINITY],
    ["oid", -1, "4294967295", 4_294_967_295],
    ["bool", -1, "t", true],
  ]);
});

test("numeric and money in each decimal.handling.mode", () => {
  const size = ((5 << 16) | 2) + 4;
  check([
    ["numeric", size, "-999.99", new Decimal(-99_999, 2)],
    ["numeric", size, "0.00", new Decimal(0, 2)],
    ["numeric", ((38 << 16) | 10) + 4, "0.0000000001", new Decimal(1, 10)],
    ["money", -1, "-$92,233,720,368,547,758.08", new Decimal(-9_223_372_036_854_775_808n, 2)],
    ["numeric", size, "NaN", null],
  ]);
  check(
    [
      ["numeric", size, "1.10", "1.10"],
      ["numeric", -1, "NaN", "NAN"],
      ["numeric", -1, "-Infinity", "NEGATIVE_INFINITY"],
      ["money", -1, "$1,234.56", "1234.56"],
    ],
    { "decimal.handling.mode": "string" },
  );
  check([["numeric", size, "1.10", 1.1]], { "decimal.handling.mode": "double" });
  const variable = value("numeric", -1, "1.50") as Struct;
  assert.equal(variable.get("scale"), 1);
  assert.deepEqual(plain(variable.get("value")), bytes(15));
});

test("dates and times in each time.precision.mode", () => {
  check([
    ["date", -1, "2024-02-29", 19_782],
    ["date", -1, "0001-12-31 BC", -719_163],
    ["date", -1, "10000-01-01", 2_932_897],
    ["time", -1, "13:37:42.123456", 49_062_123_456],
    ["time", 3, "24:00:00", 86_400_000],
    ["timestamp", -1, "1969-12-31 23:59:59.999999", -1],
    ["timestamp", 3, "2024-02-29 13:37:42.123", 1_709_213_862_123],
    ["timestamp", -1, "0044-03-15 12:00:00 BC", -63_517_780_800_000_000n],
    ["timestamp", -1, "infinity", 9_223_372_036_825_200_000n],
    ["timestamptz", -1, "2024-02-29 08:37:42.123456+00", "2024-02-29T08:37:42.123456Z"],
    ["timestamptz", 3, "1900-01-01 00:00:00+00", "1900-01-01T00:00:00.000Z"],
    ["timestamptz", -1, "0044-03-15 12:00:00+00 BC", "-0043-03-15T12:00:00.000000Z"],
    ["timestamptz", -1, "-infinity", "-infinity"],
    ["timetz", -1, "13:37:42.123456+02:30", "11:07:42.123456Z"],
    ["timetz", -1, "23:59:59.999999-12", "11:59:59.999999Z"],
  ]);
  check(
    [
      ["time", 3, "13:37:42.123", 49_062_123_000],
      ["timestamp", 0, "2024-02-29 13:37:42", 1_709_213_862_000_000],
    ],
    { "time.precision.mode": "microseconds" },
  );
  check(
    [
      ["date", -1, "2024-02-29", new Date("2024-02-29T00:00:00Z")],
      ["time", -1, "13:37:42.123456", new Date(49_062_123)],
      ["timestamp", -1, "2024-02-29 13:37:42.123456", new Date(1_709_213_862_123)],
    ],
    { "time.precision.mode": "connect" },
  );
});

test("intervals as microseconds or ISO 8601", () => {
  check([
    ["interval", -1, "1 year 2 mons 3 days 04:05:06.789", 37_091_106_789_000],
    ["interval", -1, "-1 years -2 mons +3 days -04:05:06", -36_572_706_000_000],
  ]);
  check(
    [
      ["interval", -1, "-1 years -2 mons +3 days -04:05:06", "P-1Y-2M3DT-4H-5M-6S"],
      ["interval", -1, "1 year 1 mon 40 days 100:00:00.000001", "P1Y1M40DT100H0M0.000001S"],
      ["interval", -1, "00:00:00", "P0Y0M0DT0H0M0S"],
    ],
    { "interval.handling.mode": "string" },
  );
});

test("bytes and bits", () => {
  check([
    ["bytea", -1, "\\x00ff10", bytes(0, 255, 16)],
    ["bit", 5, "10101", bytes(0x15)],
    ["bit", 33, "100000000000000000000000000000001", bytes(1, 0, 0, 0, 1)],
    ["varbit", -1, "", bytes()],
    ["bit", 5, "00000", bytes()],
    ["bit", 1, "1", true],
  ]);
  check([["bytea", -1, "\\x00ff10fbfffe", "AP8Q-__-"]], { "binary.handling.mode": "base64-url-safe" });
  check([["bytea", -1, "\\x01", "AQ=="]], { "binary.handling.mode": "base64-url-safe" });
});

test("hstore, points and arrays", () => {
  assert.equal(hstoreJson('"a"=>"1", "b"=>NULL, "k \\"q\\""=>"v,=>x"'), '{"a":"1","b":null,"k \\"q\\"":"v,=>x"}');
  assert.equal((value("point", -1, "(1.5,-2.25)") as Struct).get("y"), -2.25);
  assert.deepEqual(arrayElements('{a,"b,c",NULL,"NULL","q\\"uote",""}', ","), ["a", "b,c", null, "NULL", 'q"uote', ""]);
  assert.deepEqual(arrayElements("[0:1]={1,2}", ","), ["1", "2"]);
  const array = typeOf("_int4", { element: typeOf("int4") });
  const codec = codecOf(array, -1, settingsOf().values)!;
  assert.deepEqual(readText(codec.reader(codec.builder().build() as Schema), "{1,NULL,-3}"), [1, null, -3]);
  assert.deepEqual(codec.placeholder, [...Buffer.from("__debezium_unavailable_value")]);
});

test("types without a form are left out, unless they are asked for", () => {
  assert.equal(codecOf(typeOf("polygon"), -1, settingsOf().values), null);
  assert.notEqual(codecOf(typeOf("polygon"), -1, settingsOf({ "include.unknown.datatypes": "true" }).values), null);
});

test("geometric types are written as the JDBC driver does", () => {
  const config = { "include.unknown.datatypes": "true", "binary.handling.mode": "base64" };
  const shown = (type: string, text: string) =>
    Buffer.from(value(type, -1, text, config) as string, "base64").toString();
  assert.equal(shown("box", "(1,2.5),(-0,1e+20)"), "(1.0,2.5),(-0.0,1.0E20)");
  assert.equal(shown("circle", "<(0.0001,12345678),3>"), "<(1.0E-4,1.2345678E7),3.0>");
});

test("ISO texts are as short as they can be, and nanoseconds have their limits", () => {
  check(
    [
      ["timestamp", -1, "2024-02-29 13:37:42", "2024-02-29T13:37:42Z"],
      ["timestamp", -1, "2024-02-29 13:37:42.12", "2024-02-29T13:37:42.12Z"],
      ["timestamp", -1, "infinity", "+294247-01-10T04:00:25.2Z"],
      ["timestamp", -1, "-infinity", "-290308-12-21T19:59:27.6Z"],
      ["time", -1, "24:00:00", "00:00:00Z"],
    ],
    { "time.precision.mode": "isostring" },
  );
  check(
    [
      ["timestamp", -1, "1969-12-31 23:59:59.999999", -1000n],
      ["timestamp", -1, "9999-12-31 00:00:00", null],
      ["timestamp", -1, "infinity", 9_223_372_036_854_775_807n],
    ],
    { "time.precision.mode": "nanoseconds" },
  );
});

test("what the log does not repeat is told by a text, or by bytes", () => {
  const placeholder = (type: Parameters<typeof codecOf>[0], config: Record<string, string>) =>
    codecOf(type, -1, settingsOf(config).values)!.placeholder;
  const config = { "unavailable.value.placeholder": "hex:00ff", "binary.handling.mode": "hex" };
  assert.equal(placeholder(typeOf("bytea"), config), "\u0000\ufffd");
  assert.deepEqual(placeholder(typeOf("_int4", { element: typeOf("int4") }), config), [0, -1]);
  const uuids = typeOf("_uuid", { element: typeOf("uuid") });
  assert.deepEqual(placeholder(uuids, { "unavailable.value.placeholder": "x" }), [
    "9dd4e461-268c-3034-b5c8-564e155c67a6",
  ]);
});

test("domains are what they are made of", () => {
  const price = typeOf("price", { kind: "d", base: typeOf("numeric"), baseModifier: ((8 << 16) | 2) + 4 });
  const codec = codecOf(price, -1, settingsOf().values)!;
  assert.deepEqual(readText(codec.reader(codec.builder().build()), "12.30"), new Decimal(1230, 2));
});

test("every day has one number and one text", () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (days) => {
      assert.equal(value("date", -1, dayText(days)), days);
    }),
  );
});

test("what converters take as bytes is what the reader gives", () => {
  const moment = fc.date({ min: new Date("-000050-01-01"), max: new Date("+012000-01-01"), noInvalidDate: true });
  const when = moment.chain((at) => fc.constantFrom("", ".5", ".25", ".123456").map((part) => textOf(at) + part));
  const numeric = fc.tuple(fc.integer(), fc.nat(99)).map(([a, b]) => `${a}.${String(b).padStart(2, "0")}`);
  const cases: readonly [type: string, modifier: number, texts: fc.Arbitrary<string>][] = [
    [
      "timestamptz",
      -1,
      fc.oneof(
        when.map((text) => `${text}+00`),
        fc.constantFrom("infinity", "-infinity"),
      ),
    ],
    ["timestamptz", 2, when.map((text) => `${text.slice(0, 22)}+00`)],
    ["timestamp", -1, fc.oneof(when, fc.constant("infinity"))],
    [
      "timestamp",
      3,
      fc.oneof(
        when.map((text) => text.replace(".123456", ".123")),
        fc.constant("-infinity"),
      ),
    ],
    [
      "date",
      -1,
      fc.oneof(
        moment.map((at) => textOf(at).slice(0, -9)),
        fc.constantFrom("infinity", "0044-03-15 BC"),
      ),
    ],
    ["time", -1, fc.constantFrom("00:00:00", "24:00:00", "13:45:10.25", "23:59:59.999999")],
    ["numeric", ((12 << 16) | 2) + 4, fc.oneof(numeric, fc.constantFrom("NaN", "-0.05", "12345678901234567890.10"))],
  ];
  for (const [type, modifier, texts] of cases) {
    const codec = codecOf(typeOf(type), modifier, settingsOf({}).values)!;
    const read = codec.reader(codec.builder().build());
    const { form, number, write } = codec.packed!;
    fc.assert(
      fc.property(texts, (text) => {
        const source = Buffer.from(`x${text}x`);
        const value = readText(read, text);
        if (form === "written") {
          const out = Buffer.alloc(100);
          const end = write!(source, 1, 1 + text.length, out, 3);
          if (end !== -1) assert.equal(out.toString("latin1", 3, end), value, text);
          else assert.ok(text.includes("infinity") || text[4] !== "-", text);
          return;
        }
        const given = number!(source, 1, 1 + text.length);
        if (!Number.isSafeInteger(given)) return;
        assert.equal(given, value instanceof Decimal ? Number(value.unscaled) : value, text);
      }),
    );
  }
});

/** `2024-05-17 13:45:10`, years before Christ left out. */
function textOf(at: Date): string {
  const text = at.toISOString().slice(0, -5).replace("T", " ");
  return text.startsWith("-") ? "0001-01-01 00:00:00" : text.replace(/^\+0/, "");
}
