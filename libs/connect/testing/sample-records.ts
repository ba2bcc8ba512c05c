// Pure: records as they come along in production, well-formed but of every shape.
import {
  ConnectHeaders,
  type ConnectRecord,
  Decimal,
  Schema,
  type SchemaAndValue,
  SchemaBuilder,
  type SinkRecord,
  type SourceRecord,
  Struct,
  Timestamp,
} from "../mod.ts";

const ADDRESS = SchemaBuilder.struct().name("address").optional().field("city", Schema.STRING).build();
const ORDER = SchemaBuilder.struct()
  .name("com.example.Order")
  .version(1)
  .field("id", Schema.INT64)
  .field("name", Schema.OPTIONAL_STRING)
  .field("price", Decimal.schema(2))
  .field("weight", Schema.FLOAT64)
  .field("count", Schema.INT32)
  .field("paid", Schema.BOOLEAN)
  .field("created", Timestamp.SCHEMA)
  .field("raw", Schema.OPTIONAL_BYTES)
  .field("tags", SchemaBuilder.array(Schema.STRING).optional().build())
  .field("extra", SchemaBuilder.map(Schema.STRING, Schema.OPTIONAL_STRING).optional().build())
  .field("address", ADDRESS)
  .build();
const KEY = SchemaBuilder.struct().name("com.example.Key").field("id", Schema.INT64).build();
const LIST = SchemaBuilder.array(Schema.INT64).build();
const TABLE = SchemaBuilder.map(Schema.STRING, Schema.STRING).build();

function order(id: number): Struct {
  return new Struct(ORDER)
    .put("id", id)
    .put("name", "Ada <ada@example.com>")
    .put("price", new Decimal(1999n, 2))
    .put("weight", 1.5)
    .put("count", 3)
    .put("paid", true)
    .put("created", new Date(1_700_000_000_000))
    .put("raw", Uint8Array.of(1, 2, 3))
    .put("tags", ["new", "großes"])
    .put(
      "extra",
      new Map([
        ["a", "b"],
        ["none", null],
      ]),
    )
    .put("address", new Struct(ADDRESS).put("city", "Zürich"));
}

function sparse(): Struct {
  const struct = order(9007199254740991);
  for (const field of ["name", "raw", "tags", "extra", "address"]) struct.put(field, null);
  return struct;
}

/** Values with a schema and without, with what is null in them; new ones at each call. */
function values(): readonly (readonly [what: string, data: SchemaAndValue])[] {
  const without = (value: unknown): SchemaAndValue => ({ schema: null, value });
  return [
    ["a struct", { schema: ORDER, value: order(7) }],
    ["a struct with nulls", { schema: ORDER, value: sparse() }],
    ["an optional struct that is null", { schema: ADDRESS, value: null }],
    ["text", { schema: Schema.STRING, value: "text" }],
    ["optional text that is null", { schema: Schema.OPTIONAL_STRING, value: null }],
    ["a long beyond 2^53", { schema: Schema.INT64, value: 9007199254740993n }],
    ["bytes", { schema: Schema.BYTES, value: Uint8Array.of(0, 255) }],
    ["an array", { schema: LIST, value: [1, 2, 3] }],
    ["a map", { schema: TABLE, value: new Map([["k", "v"]]) }],
    [
      "a Map without schema",
      without(
        new Map<string, unknown>([
          ["id", 7],
          ["name", "Ada"],
          ["none", null],
          ["in", new Map([["city", "Zürich"]])],
        ]),
      ),
    ],
    ["a plain object without schema", without({ id: 7, name: "Ada", none: null, in: { city: "Zürich" } })],
    ["text without schema", without("text")],
    ["a number without schema", without(1.5)],
    ["no value and no schema (a tombstone)", without(null)],
  ];
}

const KEYS: readonly (() => SchemaAndValue)[] = [
  () => ({ schema: KEY, value: new Struct(KEY).put("id", 7) }),
  () => ({ schema: Schema.STRING, value: "key" }),
  () => ({ schema: null, value: new Map([["id", 7]]) }),
  () => ({ schema: null, value: null }),
];

export interface Sample<R extends ConnectRecord = ConnectRecord> {
  readonly what: string;
  readonly record: R;
}

/** Records of a source and of a sink; each call makes the same ones anew, with the same schema objects. */
export function sampleRecords(): Sample[] {
  return values().flatMap(([what, value], i) => {
    const key = KEYS[i % KEYS.length]!();
    return [
      { what: `a source record whose value is ${what}`, record: sourceRecord(key, value, i % 3 === 2) },
      { what: `a sink record whose value is ${what}`, record: sinkRecord(key, value, i) },
    ];
  });
}

function sourceRecord(key: SchemaAndValue, value: SchemaAndValue, bare: boolean): SourceRecord {
  const coordinates = { sourcePartition: { table: "orders" }, sourceOffset: { id: 7 }, topic: "orders" };
  if (bare) return { ...coordinates, valueSchema: value.schema, value: value.value };
  return {
    ...coordinates,
    partition: null,
    keySchema: key.schema,
    key: key.value,
    valueSchema: value.schema,
    value: value.value,
    timestamp: 1_700_000_000_000,
    headers: sampleHeaders(),
  };
}

function sinkRecord(key: SchemaAndValue, value: SchemaAndValue, offset: number): SinkRecord {
  return {
    topic: "orders",
    partition: 1,
    offset,
    keySchema: key.schema,
    key: key.value,
    valueSchema: value.schema,
    value: value.value,
    timestamp: 1_700_000_000_000,
    timestampType: "CreateTime",
    headers: sampleHeaders(),
    originalTopic: "orders",
    originalPartition: 1,
    originalOffset: offset,
  };
}

function sampleHeaders(): ConnectHeaders {
  return new ConnectHeaders()
    .add("trace", "a1", Schema.STRING)
    .add("trace", "b2", Schema.STRING)
    .add("retries", 3, Schema.INT32)
    .add("tags", ["x"], null)
    .add("nothing", null, null);
}
