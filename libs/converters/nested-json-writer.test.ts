import assert from "node:assert/strict";
import { test } from "node:test";
import { type PackedLayout, type PackedRow, Schema, SchemaBuilder, Struct, Timestamp } from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";

const ROW = SchemaBuilder.struct()
  .optional()
  .field("text", Schema.OPTIONAL_STRING)
  .field("days", SchemaBuilder.int32().name("io.debezium.time.Date").optional().build())
  .field("at", SchemaBuilder.string().name("io.debezium.time.ZonedTimestamp").optional().build())
  .build();
const SOURCE = SchemaBuilder.struct()
  .optional()
  .field("name", Schema.STRING)
  .field("place", Schema.OPTIONAL_STRING)
  .field("lsn", Schema.OPTIONAL_INT64)
  .field("part", SchemaBuilder.int32().defaultValue(7).build())
  .field("ratio", Schema.OPTIONAL_FLOAT64)
  .field("at", Timestamp.builder().optional().build())
  .build();
const SCHEMA = SchemaBuilder.struct()
  .field("before", ROW)
  .field("after", ROW)
  .field("list", SchemaBuilder.array(Schema.INT32).optional().build())
  .field("op", Schema.STRING)
  .field("ts", Schema.OPTIONAL_INT64)
  .field("source", SOURCE)
  .field("load", Schema.OPTIONAL_FLOAT64)
  .build();

const LAYOUT: PackedLayout = [
  { form: "utf8" },
  { form: "integer", number: (bytes, from, to) => Number(Buffer.from(bytes).toString("latin1", from, to)) },
  {
    form: "written",
    write(bytes, from, to, out, at) {
      if (bytes[from] === 0x3f) return -1;
      for (let i = from; i < to; i++) out[at + i - from] = bytes[i]! + 1;
      return at + to - from;
    },
  },
];

type Texts = readonly (string | null)[];

const MAKE: readonly ((text: string) => unknown)[] = [
  String,
  Number,
  (text) => (text.startsWith("?") ? text : Buffer.from(text).map((byte) => byte + 1)).toString(),
];

function packed(texts: Texts): PackedRow {
  const parts = texts.map((text) => (text === null ? null : Buffer.from(text)));
  const bytes = Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0)));
  const value = (i: number) => (texts[i] === null ? null : MAKE[i]!(texts[i]!));
  return {
    layout: LAYOUT,
    bytes,
    length: bytes.length,
    locate(bounds) {
      let at = 0;
      for (const [i, part] of parts.entries()) {
        bounds[2 * i] = at;
        at += part?.length ?? 0;
        bounds[2 * i + 1] = part === null ? -1 : at;
      }
    },
    value,
    values: () => texts.map((_, i) => value(i)),
  };
}

type Parts = { readonly before: Texts | null; readonly after: PackedRow | null; readonly rest: readonly unknown[] };

function event({ before, after, rest }: Parts, unpacked: boolean): Struct {
  const row = (each: PackedRow) => (unpacked ? Struct.of(ROW, each.values()) : Struct.ofPacked(ROW, each));
  const [list, op, ts, source, load] = rest;
  // A Struct of its own each time, as transforms may change it.
  const from = source && Struct.of(SOURCE, [...(source as readonly unknown[])]);
  return Struct.of(SCHEMA, [
    before && Struct.of(ROW, packed(before).values()),
    after && row(after),
    list,
    op,
    ts,
    from,
    load,
  ]);
}

/** One converter for all, which keeps what it wrote, against a fresh one for each. */
function check(events: readonly Parts[], config: Record<string, string>): void {
  const converter = new JsonConverter();
  converter.configure(config, false);
  const kept = events.map((parts) => converter.fromConnectData("t", SCHEMA, event(parts, false))!);
  for (const [i, parts] of events.entries()) {
    const plain = new JsonConverter();
    plain.configure(config, false);
    const expected = plain.fromConnectData("t", SCHEMA, event(parts, true))!;
    assert.equal(Buffer.from(kept[i]!).toString(), Buffer.from(expected).toString());
  }
}

const texts = fc.tuple(
  fc.option(fc.string({ unit: "grapheme", maxLength: 40 })),
  fc.option(fc.integer().map(String)),
  fc.option(fc.stringMatching(/^[?0-8A-Y:-]{0,30}$/)),
);
const zeros = fc.constantFrom(null, 0, -0, 0.5);
const source = fc.tuple(
  fc.constantFrom("orders", "π\ud83d\ude00"),
  fc.constantFrom(null, `["1","2"]`, "\t\\", "a".repeat(70), "\ud800"),
  fc.constantFrom(null, 0, -0, 17, -(2 ** 52), 2n ** 62n),
  fc.constantFrom(null, 7, 8),
  zeros,
  fc.constantFrom(null, new Date(0), new Date(86_400_000)),
);
const rest = fc.tuple(
  fc.option(fc.array(fc.integer())),
  fc.constantFrom("c", "u"),
  fc.option(fc.integer()),
  fc.option(source),
  zeros,
);

test("structs that hold packed rows are written as those that hold values, whatever came before", () => {
  const rows = fc.array(texts.map(packed), { minLength: 1, maxLength: 4 });
  const events = rows.chain((each) =>
    // The same row comes again and again: it is kept.
    fc.array(fc.record({ before: fc.option(texts), after: fc.option(fc.constantFrom(...each)), rest }), {
      maxLength: 12,
    }),
  );
  fc.assert(
    fc.property(events, fc.constantFrom("true", "false"), (each, enabled) =>
      check(each, { "schemas.enable": enabled }),
    ),
    { numRuns: 300 },
  );
});

test("a value that does not fit is refused, and structs after it are written as ever", () => {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  const row = packed(["x", "1", "A"]);
  const write = (values: readonly unknown[]) =>
    Buffer.from(
      converter.fromConnectData(
        "t",
        SCHEMA,
        event({ before: null, after: row, rest: [null, "c", 1, values, 1] }, false),
      )!,
    ).toString();
  const first = write(["orders", "a", 1, 7, 0.5, null]);
  assert.match(first, /"source":\{"name":"orders","place":"a","lsn":1,"part":7,"ratio":0.5,"at":null\}/);
  assert.throws(() => write(["clients", "b", 2 ** 60, 7, 0.5, null]), /Invalid type for INT64/);
  assert.throws(() => write([null, "b", 1, 7, 0.5, null]), /null value for field that is required/);
  assert.equal(write(["orders", "a", 1, 7, 0.5, null]), first);
  assert.match(write(["clients", "b", 1, null, 1, null]), /"name":"clients","place":"b","lsn":1,"part":7,"ratio":1.0/);
});

test("rows too large for a chunk are written by their values", () => {
  check([{ before: null, after: packed(["x".repeat(200_000), "1", "A"]), rest: [null, "c", 1, null, null] }], {});
});

test("a struct too large for a chunk is written by its values, and those after it as ever", () => {
  const after = packed(["x", "1", "A"]);
  const places = ["a", "x".repeat(60_000), "b", "x".repeat(30_000), "y".repeat(30_000), "c"];
  check(
    places.map((place) => ({ before: null, after, rest: [null, "c", 1, ["orders", place, 1, 7, 0.5, null], 1] })),
    {},
  );
});
