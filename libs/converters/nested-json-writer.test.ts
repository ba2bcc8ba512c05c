import assert from "node:assert/strict";
import { test } from "node:test";
import { type PackedLayout, type PackedRow, Schema, SchemaBuilder, Struct } from "@millrace/connect";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";

const ROW = SchemaBuilder.struct()
  .optional()
  .field("text", Schema.OPTIONAL_STRING)
  .field("days", SchemaBuilder.int32().name("io.debezium.time.Date").optional().build())
  .field("at", SchemaBuilder.string().name("io.debezium.time.ZonedTimestamp").optional().build())
  .build();
const SCHEMA = SchemaBuilder.struct()
  .field("before", ROW)
  .field("after", ROW)
  .field("list", SchemaBuilder.array(Schema.INT32).optional().build())
  .field("op", Schema.STRING)
  .field("ts", Schema.OPTIONAL_INT64)
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
  return Struct.of(SCHEMA, [before && Struct.of(ROW, packed(before).values()), after && row(after), ...rest]);
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
const rest = fc.tuple(fc.option(fc.array(fc.integer())), fc.constantFrom("c", "u"), fc.option(fc.integer()));

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

test("rows too large for a chunk are written by their values", () => {
  check([{ before: null, after: packed(["x".repeat(200_000), "1", "A"]), rest: [null, "c", 1] }], {});
});
