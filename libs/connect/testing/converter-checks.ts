import { isConnectError, isRetriable, Schema, type SchemaAndValue, SchemaBuilder, Struct } from "../mod.ts";
import { errorOf, insist, shown } from "./check.ts";
import { copyOf, firstDifference } from "./data-copy.ts";

/** A value to write and read back. */
export interface ConverterSample extends SchemaAndValue {
  /** What reading gives when it is not the same value again, e.g. a Map for a struct written without its schema. */
  readonly back?: unknown;
}

/** A converter of either kind, with topic and key given. */
export interface BothWays {
  write(schema: Schema | null, value: unknown): Uint8Array | null | Promise<Uint8Array | null>;
  read(bytes: Uint8Array | null): SchemaAndValue | Promise<SchemaAndValue>;
}

const PAIR = SchemaBuilder.struct().field("a", Schema.INT32).field("b", Schema.OPTIONAL_STRING).build();

/** Well-formed data and data that does not fit its schema: to be written, or refused. */
const ANYTHING: readonly SchemaAndValue[] = [
  { schema: PAIR, value: new Struct(PAIR).put("a", 1) },
  { schema: Schema.INT64, value: 9007199254740993n },
  { schema: Schema.BYTES, value: Uint8Array.of(1, 2) },
  { schema: SchemaBuilder.array(Schema.STRING).build(), value: ["a"] },
  { schema: null, value: new Map<string, unknown>([["a", null]]) },
  { schema: null, value: [1, "two", null] },
  { schema: null, value: true },
  { schema: Schema.INT32, value: "text" },
  { schema: Schema.STRING, value: 7 },
  { schema: Schema.STRING, value: null },
  { schema: PAIR, value: new Map([["a", 1]]) },
];

export async function checkNull(converter: BothWays): Promise<void> {
  const bytes = await converter.write(null, null);
  insist(bytes === null, `null without schema is written as ${shown(bytes)}: write null, or tombstones are lost.`);
  const read = await converter.read(null);
  insist(
    read !== null && typeof read === "object" && (read.value ?? null) === null,
    `null bytes are read as ${shown(read)}: give { schema: null, value: null }, or tombstones are lost.`,
  );
}

export async function checkRoundTrip(converter: BothWays, samples: readonly ConverterSample[]): Promise<void> {
  insist(samples.length > 0, "Give this test `samples`: values with their schemas that the converter is for.");
  for (const [i, sample] of samples.entries()) {
    const what = `sample ${i + 1}`;
    const before = copyOf(sample.value);
    const bytes = await converter.write(sample.schema, sample.value);
    const change = firstDifference(before, sample.value, what);
    insist(change === null, `Writing changes the value it was given: ${change}`);
    const again = await converter.write(sample.schema, sample.value);
    insist(
      firstDifference(bytes, again, "") === null,
      `${what} is written in two ways: keys must be the same bytes each time, or their records land in several partitions.`,
    );
    insist(
      bytes === null || bytes instanceof Uint8Array,
      `${what} is written as ${shown(bytes)}: converters give a Uint8Array, or null.`,
    );
    const { value } = await converter.read(bytes);
    const expected = "back" in sample ? sample.back : sample.value;
    const difference = firstDifference(expected, value, what);
    insist(
      difference === null,
      `Not the same after writing and reading: ${difference}. Say \`back\` if that is meant.`,
    );
  }
}

/** Records wait in memory between conversion and sending, so a later conversion must leave earlier bytes alone. */
export async function checkBytesStay(
  converter: BothWays,
  samples: readonly ConverterSample[],
  sharesBytes: boolean,
): Promise<void> {
  const written: (Uint8Array | null)[] = [];
  const copies: (Uint8Array | null)[] = [];
  for (let round = 0; round < 20; round++) {
    for (const { schema, value } of samples) {
      const bytes = await converter.write(schema, value);
      written.push(bytes);
      copies.push(copyOf(bytes));
    }
  }
  insist(
    firstDifference(copies, written, "") === null,
    "Bytes that were given out change when more is written: give each value bytes of its own, not a buffer used again.",
  );
  for (const bytes of copies) {
    if (bytes === null) continue;
    const given = copyOf(bytes);
    const { value } = await converter.read(given);
    insist(firstDifference(bytes, given, "") === null, "Reading changes the bytes it was given.");
    const before = copyOf(value);
    given.fill(0);
    insist(
      sharesBytes || firstDifference(before, value, "") === null,
      "What was read changes with the bytes it was read from: copy what you keep of them, or say `sharesBytes: true` for " +
        "a converter that passes bytes on as they are.",
    );
  }
}

/** Whatever is in a topic: a value, or a DataError; never a crash that names a line of the converter. */
export async function checkAnyBytes(converter: BothWays, samples: readonly ConverterSample[]): Promise<void> {
  const written: Uint8Array[] = [];
  for (const { schema, value } of samples) {
    const bytes = await converter.write(schema, value);
    if (bytes !== null) written.push(bytes);
  }
  for (const bytes of strangeBytes(written)) {
    const error = await errorOf(() => converter.read(bytes));
    checkDataError(
      error,
      `Reading ${bytes.length} bytes that are not its own (${Buffer.from(bytes.subarray(0, 24)).toString("hex")})`,
    );
  }
}

export async function checkAnyData(converter: BothWays): Promise<void> {
  for (const { schema, value } of ANYTHING) {
    const error = await errorOf(() => converter.write(schema, value));
    checkDataError(error, `Writing ${shown(value)} under ${schema ?? "no schema"}`);
  }
}

function checkDataError(error: unknown, what: string): void {
  if (error === null) return;
  insist(
    isConnectError(error),
    `${what} ends in ${shown(error)}: throw a DataError, which the connector's errors.tolerance knows how to take.`,
  );
  insist(
    !isRetriable(error),
    `${what} ends in a RetriableError: the same bytes will not become better, throw a DataError.`,
  );
}

/** Seeded, so that a failure comes again: noise, own bytes cut short, own bytes with one changed. */
function strangeBytes(own: readonly Uint8Array[]): Uint8Array[] {
  let seed = 1;
  const below = (bound: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % bound;
  };
  const noise = Array.from({ length: 200 }, (_, i) => Uint8Array.from({ length: i % 40 }, () => below(256)));
  const text = ["{", "[1,", '{"schema":', '"', "nul", "{}", "\ufeff1", "[[[[", '{"schema":{},"payload":1}'].map((t) =>
    Buffer.from(t),
  );
  const cut = own.flatMap((bytes) => Array.from({ length: 10 }, () => bytes.slice(0, below(bytes.length + 1))));
  const changed = own.flatMap((bytes) =>
    Array.from({ length: bytes.length === 0 ? 0 : 20 }, () => {
      const copy = Uint8Array.from(bytes);
      copy[below(copy.length)] = below(256);
      return copy;
    }),
  );
  return [...noise, ...text, ...cut, ...changed];
}
