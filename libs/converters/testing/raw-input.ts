// Random bytes and text, mostly near what converters expect.
import fc from "fast-check";
import { JsonConverter } from "../json-converter.ts";
import { typedValues } from "./typed-data.ts";

interface Edit {
  /** Where, as a fraction of the length. */
  readonly at: number;
  readonly kind: "insert" | "replace" | "remove" | "cut";
  readonly byte: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("insert", "replace", "remove", "cut"),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:\\-0.eE'))),
});

/** The same bytes as often as not; else some of them changed, added or gone. */
function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(bytes, fc.oneof(fc.constant([]), fc.array(edit, { minLength: 1, maxLength: 4 }))).map(apply);
}

function apply([bytes, edits]: readonly [Uint8Array, readonly Edit[]]): Uint8Array {
  let result = Buffer.from(bytes);
  for (const { at, kind, byte } of edits) {
    const index = Math.floor(at * result.length);
    const rest = result.subarray(kind === "insert" ? index : index + 1);
    if (kind === "cut") result = result.subarray(0, index);
    else result = Buffer.concat([result.subarray(0, index), kind === "remove" ? [] : [byte], rest].map(toBuffer));
  }
  return result;
}

function toBuffer(part: Uint8Array | readonly number[]): Uint8Array {
  return part instanceof Uint8Array ? part : Uint8Array.from(part);
}

const writer = new JsonConverter();
writer.configure({}, false);
const envelopes = typedValues.map(({ schema, value }) => writer.fromConnectData("t", schema, value)!);
const texts = fc.json().map((json) => Buffer.from(json));

/** One kind of scalar with another kind of payload: what JsonConverter reads however little it fits. */
const misfits = fc
  .record({
    type: fc.constantFrom("int8", "int16", "int32", "int64", "float", "double", "boolean", "string", "bytes"),
    logical: fc.constantFrom(undefined, "Decimal", "Date", "Time", "Timestamp"),
    payload: fc.oneof(fc.json(), fc.bigInt().map(String), fc.double().map(String)),
  })
  .map(({ type, logical, payload }) => {
    const named = { name: `org.apache.kafka.connect.data.${logical}`, version: 1, parameters: { scale: "2" } };
    const schema = { type, optional: true, ...(logical === undefined ? {} : named) };
    return Buffer.from(`{"schema":${JSON.stringify(schema)},"payload":${payload}}`);
  });

export const jsonBytes: fc.Arbitrary<Uint8Array> = damaged(fc.oneof(envelopes, texts, misfits));

/** Any bytes at all, short ones of the sizes numbers have among them. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text, "utf8")),
);

const fragments = fc.constantFrom(
  ...'[]{},:"\\ -+.',
  "null",
  "true",
  "false",
  "0",
  "12",
  "300",
  "1.5",
  "1e400",
  "1e-2147483647",
  "9223372036854775808",
  "2024-02-29",
  "12:00:00.000Z",
  "2024-02-29T01:02:03.004Z",
  '"a"',
  '"k":1,',
  "word",
  "\u00a0",
  "\u0001",
  "٣",
);

/** What Values.parseString might take for something: containers, numbers, dates, and pieces of them. */
export const valueTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join("")) },
  { weight: 10, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 10, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("[", "{", '{"a":['), fc.nat(2000)).map(deepText) },
);

function deepText([open, count]: readonly [string, number]): string {
  return open.repeat(count);
}
