// Random Connect data, values that fit their schemas.
import {
  ConnectDate,
  Decimal,
  Schema,
  type SchemaAndValue,
  SchemaBuilder,
  Struct,
  Time,
  Timestamp,
} from "@millrace/connect";
import fc from "fast-check";

export interface TypedValue extends SchemaAndValue {
  readonly schema: Schema;
}

const DAY_MS = 86_400_000;
const DEPTH_MAX = 3;

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
});
/** Never -0, which JSON's integers and decimals do not have. */
const float64 = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0);
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0);
const decimal = fc.tuple(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.integer({ min: -3, max: 30 }));

function of(schema: Schema, values: fc.Arbitrary<unknown>): fc.Arbitrary<TypedValue> {
  return values.map((value) => ({ schema, value }));
}

const scalars: fc.Arbitrary<TypedValue> = fc.oneof(
  of(Schema.INT8, fc.integer({ min: -128, max: 127 })),
  of(Schema.INT16, fc.integer({ min: -32768, max: 32767 })),
  of(Schema.INT32, fc.integer()),
  of(Schema.INT64, int64),
  of(Schema.FLOAT32, float32),
  of(Schema.FLOAT64, float64),
  of(Schema.BOOLEAN, fc.boolean()),
  of(Schema.STRING, fc.string({ unit: "binary" })),
  of(Schema.BYTES, fc.uint8Array()),
  decimal.map(([unscaled, scale]) => ({ schema: Decimal.schema(scale), value: new Decimal(unscaled, scale) })),
  of(
    ConnectDate.SCHEMA,
    fc.integer({ min: -1e8, max: 1e8 }).map((days) => new Date(days * DAY_MS)),
  ),
  of(
    Time.SCHEMA,
    fc.integer({ min: 0, max: DAY_MS }).map((ms) => new Date(ms)),
  ),
  of(Timestamp.SCHEMA, fc.date({ noInvalidDate: true })),
  of(Schema.OPTIONAL_STRING, fc.constant(null)),
  of(SchemaBuilder.int32().optional().defaultValue(7).build(), fc.integer()),
);

/** Of one scalar type all elements, so that they fit one schema. */
const elements: fc.Arbitrary<readonly [Schema, unknown[]]> = fc.oneof(
  fc.array(int64).map((values) => [Schema.INT64, values] as const),
  fc.array(fc.option(fc.string())).map((values) => [Schema.OPTIONAL_STRING, values] as const),
  fc.array(float64).map((values) => [Schema.FLOAT64, values] as const),
  fc.array(fc.array(fc.boolean())).map((values) => [SchemaBuilder.array(Schema.BOOLEAN).build(), values] as const),
);

const containers: fc.Arbitrary<TypedValue> = fc.oneof(
  elements.map(([schema, value]) => ({ schema: SchemaBuilder.array(schema).build(), value })),
  fc.tuple(fc.array(fc.string()), elements).map(([keys, [schema, values]]) => ({
    schema: SchemaBuilder.map(Schema.STRING, schema).build(),
    value: new Map(values.map((value, i) => [keys[i] ?? `${i}`, value])),
  })),
  elements.map(([schema, values]) => ({
    schema: SchemaBuilder.map(Schema.INT32, schema).build(),
    value: new Map(values.map((value, i) => [i, value])),
  })),
);

const { any } = fc.letrec<{ any: TypedValue; struct: TypedValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: DEPTH_MAX },
    { arbitrary: scalars, weight: 3 },
    { arbitrary: containers, weight: 1 },
    { arbitrary: tie("struct"), weight: 2 },
  ),
  struct: fc.dictionary(fc.string({ minLength: 1 }), tie("any"), { maxKeys: 6 }).map(structOf),
}));

/** Scalars, arrays, maps and nested Structs. */
export const typedValues: fc.Arbitrary<TypedValue> = any;

export const structs: fc.Arbitrary<TypedValue> = fc
  .dictionary(fc.string({ minLength: 1 }), typedValues, { maxKeys: 6 })
  .map(structOf);

function structOf(fields: Readonly<Record<string, TypedValue>>): TypedValue {
  const builder = SchemaBuilder.struct().name("s");
  for (const [name, field] of Object.entries(fields)) builder.field(name, field.schema);
  const schema = builder.build();
  const values = Object.values(fields).map(({ value }) => value);
  return { schema, value: Struct.of(schema, values) };
}
