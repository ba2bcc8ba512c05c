import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Decimal,
  type PackedField,
  type PackedLayout,
  type PackedRow,
  type Schema,
  SchemaBuilder,
  Struct,
  Timestamp,
} from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";

const toNumber = (bytes: Uint8Array, from: number, to: number) =>
  Number(Buffer.from(bytes).toString("latin1", from, to));
const FIELDS: readonly { schema: Schema; field: PackedField; value: (text: string) => unknown }[] = [
  { schema: SchemaBuilder.string().optional().build(), field: { form: "utf8" }, value: (text) => text },
  { schema: SchemaBuilder.int64().optional().build(), field: { form: "digits" }, value: (text) => BigInt(text) },
  {
    schema: Timestamp.builder().optional().build(),
    field: { form: "millis", number: toNumber },
    value: (text) => new Date(Number(text)),
  },
  {
    schema: Decimal.builder(2).optional().build(),
    field: { form: "unscaled", number: toNumber },
    value: (text) => new Decimal(BigInt(text), 2),
  },
  { schema: SchemaBuilder.bool().optional().build(), field: { form: "other" }, value: (text) => text === "t" },
  { schema: SchemaBuilder.string().defaultValue("none").build(), field: { form: "utf8" }, value: (text) => text },
];
const LAYOUT: PackedLayout = FIELDS.map(({ field }) => field);
const SCHEMA = FIELDS.reduce(
  (builder, { schema }, i) => builder.field(`field "${i}" ü`, schema),
  SchemaBuilder.struct(),
).build();

/** Fields one behind the other, in the middle of other bytes. */
function packed(texts: readonly (string | Buffer | null)[]): PackedRow & { readonly asked: string[] } {
  const parts = texts.map((text) => (text === null ? null : Buffer.from(text as string)));
  const bytes = Buffer.concat([Buffer.from("xx"), ...parts.map((part) => part ?? Buffer.alloc(0)), Buffer.from("yy")]);
  const asked: string[] = [];
  const made = (i: number) => (parts[i] === null ? null : FIELDS[i]!.value(parts[i]!.toString("utf8")));
  return {
    layout: LAYOUT,
    bytes,
    length: bytes.length - 4,
    asked,
    locate(bounds) {
      let at = 2;
      for (const [i, part] of parts.entries()) {
        bounds[2 * i] = at;
        at += part?.length ?? 0;
        bounds[2 * i + 1] = part === null ? -1 : at;
      }
    },
    value(i) {
      asked.push(`value ${i}`);
      return made(i);
    },
    values() {
      asked.push("values");
      return parts.map((_, i) => made(i));
    },
  };
}

function check(texts: readonly (string | Buffer | null)[], config: Record<string, string>): string[] {
  const converter = new JsonConverter();
  converter.configure(config, false);
  const row = packed(texts);
  const written = converter.fromConnectData("t", SCHEMA, Struct.ofPacked(SCHEMA, row))!;
  const asked = [...row.asked];
  const expected = converter.fromConnectData("t", SCHEMA, Struct.of(SCHEMA, row.values()))!;
  assert.equal(Buffer.from(written).toString("utf8"), Buffer.from(expected).toString("utf8"));
  assert.deepEqual(Buffer.from(written), Buffer.from(expected));
  return asked;
}

const integer = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits)), max: 2n ** BigInt(bits) - 1n }).map(String);
const text = fc.string({ unit: "binary", maxLength: 40 });
const row = fc.tuple(
  ...[text, integer(63), integer(42), integer(52), fc.constantFrom("t", "f"), text].map((each) => fc.option(each)),
);

test("packed rows become the same JSON as their values", () => {
  for (const config of [
    { "schemas.enable": "false" },
    {},
    { "schemas.enable": "false", "decimal.format": "NUMERIC" },
    { "schemas.enable": "false", "replace.null.with.default": "false" },
  ]) {
    const checkable = "replace.null.with.default" in config ? row.filter((each) => each[5] !== null) : row;
    fc.assert(fc.property(checkable, (texts) => void check(texts, config)));
  }
});

test("packed rows become JSON without asking for values that have a form", () => {
  const texts = ['say "hi"\n\u0001 ü 😀', "-12", "-1700000000123", "1050", "t", ""];
  assert.deepEqual(check(texts, { "schemas.enable": "false" }), ["value 4"]);
});

test("packed rows are written by their values where the bytes are not valid UTF-8, or many", () => {
  const invalid = [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0xe0, 0x80, 0x80],
  ];
  const rest = ["1", "1", "1", "t", "x"];
  for (const bytes of invalid) {
    assert.ok(check([Buffer.from([65, ...bytes, 66]), ...rest], {}).includes("values"), String(bytes));
  }
  assert.ok(check(["x".repeat(100_000), ...rest], {}).includes("values"));
});

test("packed rows fail as their values do", () => {
  const required = SchemaBuilder.struct().field("a", SchemaBuilder.string().build()).build();
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  const write = () => converter.fromConnectData("t", required, Struct.ofPacked(required, packed([null])));
  assert.throws(write, /null value for field that is required and has no default value/);
});
