// Records of any shape, with and without schemas, made of a few field and header names that configurations can name.
import {
  ConnectDate,
  ConnectHeaders,
  type ConnectRecord,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Schema,
  SchemaBuilder,
  type SinkRecord,
  Struct,
  Time,
  Timestamp,
} from "@millrace/connect";
import fc from "fast-check";
import { sinkRecord, sourceRecord } from "./records.ts";

interface Sample {
  readonly schema: Schema | null;
  readonly value: unknown;
}

interface Typed extends Sample {
  readonly schema: Schema;
}

const DAY_MS = 86_400_000;
const FIELD_NAMES = ["a", "b", "c", "d", "when"];
const HEADER_NAMES = ["a", "b", "trace"];

const text = fc.oneof(fc.string(), fc.constantFrom("12", "true", "2024-02-29", "1.50"));
const int32 = fc.integer();
const int64 = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n - 1n }));
const instant = fc.integer({ min: -(10 ** 12), max: 10 ** 13 }).map((ms) => new Date(ms));
const decimal = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((unscaled) => new Decimal(unscaled, 2));

const scalar: fc.Arbitrary<Typed> = fc.oneof(
  of(Schema.INT8, fc.integer({ min: -128, max: 127 })),
  of(Schema.INT16, fc.integer({ min: -32768, max: 32767 })),
  of(Schema.INT32, int32),
  of(Schema.INT64, int64),
  of(Schema.FLOAT32, fc.float()),
  of(Schema.FLOAT64, fc.double()),
  of(Schema.BOOLEAN, fc.boolean()),
  of(Schema.STRING, text),
  of(Schema.BYTES, fc.uint8Array({ maxLength: 4 })),
  of(Decimal.schema(2), decimal),
  of(Timestamp.SCHEMA, instant),
  of(
    ConnectDate.SCHEMA,
    fc.integer({ min: 0, max: 30_000 }).map((days) => new Date(days * DAY_MS)),
  ),
  of(
    Time.SCHEMA,
    fc.integer({ min: 0, max: DAY_MS - 1 }).map((ms) => new Date(ms)),
  ),
);

/** Required, optional, null, or null with a default. */
function variants(typed: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  return fc
    .tuple(typed, fc.constantFrom("required", "optional", "null", "default"))
    .map(([{ schema, value }, kind]) => {
      if (kind === "required") return { schema, value };
      const { type, name, version, parameters, fields, keySchema, valueSchema } = schema;
      const properties = { type, name, version, parameters, fields, keySchema, valueSchema, optional: true };
      if (kind === "default") return { schema: new Schema({ ...properties, default: value }), value: null };
      return { schema: new Schema(properties), value: kind === "null" ? null : value };
    });
}

const nested: fc.Arbitrary<Typed> = fc.oneof(
  struct(variants(scalar)),
  of(SchemaBuilder.array(Schema.INT32).build(), fc.array(int32, { maxLength: 3 })),
  of(
    SchemaBuilder.map(Schema.STRING, Schema.BYTES).build(),
    fc.dictionary(fc.constantFrom(...FIELD_NAMES), fc.uint8Array({ maxLength: 2 })).map(toMap),
  ),
  struct(scalar).map(({ schema, value }) => ({ schema: SchemaBuilder.array(schema).build(), value: [value] })),
);

const field = variants(fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: nested }));

const { value: schemaless, map: schemalessMap } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, tie("leaf"), tie("list"), tie("map")),
  leaf: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    text,
    int64,
    fc.double(),
    fc.uint8Array({ maxLength: 4 }),
    instant,
    decimal,
    fc
      .tuple(fc.constantFrom(Int8, Int16, Int32, Float32, Float64), fc.integer({ min: -128, max: 127 }))
      .map(([Boxed, number]) => new Boxed(number)),
  ),
  list: fc.array(tie("value"), { maxLength: 3 }),
  map: fc
    .tuple(fc.dictionary(fc.constantFrom(...FIELD_NAMES), tie("value")), fc.boolean())
    .map(([entries, plain]) => (plain ? entries : toMap(entries))),
}));

const side: fc.Arbitrary<Sample> = fc.oneof(
  { weight: 4, arbitrary: struct(field) },
  { weight: 4, arbitrary: schemalessMap.map(withoutSchema) },
  { weight: 1, arbitrary: schemaless.map(withoutSchema) },
  { weight: 1, arbitrary: field },
);

const headers = fc.array(fc.tuple(fc.constantFrom(...HEADER_NAMES), fc.oneof(field, schemaless.map(withoutSchema))), {
  maxLength: 3,
});

export const arbitraryRecord: fc.Arbitrary<ConnectRecord> = fc
  .record({
    topic: fc.constantFrom("orders", "orders-raw", ""),
    timestamp: fc.option(fc.integer({ min: 0, max: 10 ** 13 })),
    key: side,
    value: side,
    headers,
    sink: fc.boolean(),
  })
  .map(({ key, value, sink, ...rest }) => {
    const part: Partial<SinkRecord> = {
      ...rest,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      headers: new ConnectHeaders(rest.headers.map(([name, header]) => ({ key: name, ...header }))),
    };
    return sink ? sinkRecord(part) : sourceRecord(part);
  });

function struct(member: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  return fc.dictionary(fc.constantFrom(...FIELD_NAMES), member, { noNullPrototype: true }).map((members) => {
    const builder = SchemaBuilder.struct().name("row");
    for (const [name, { schema }] of Object.entries(members)) builder.field(name, schema);
    const schema = builder.build();
    return {
      schema,
      value: Struct.of(
        schema,
        Object.values(members).map(({ value }) => value),
      ),
    };
  });
}

function of(schema: Schema, value: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> {
  return value.map((each) => ({ schema, value: each }));
}

function withoutSchema(value: unknown): Sample {
  return { schema: null, value };
}

function toMap(entries: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(entries));
}
