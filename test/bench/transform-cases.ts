// Pure: what the benchmark of transforms gives each one: a typical configuration and records.
import {
  ConnectHeaders,
  type ConnectRecord,
  Float64,
  Int32,
  Schema,
  SchemaBuilder,
  type SourceRecord,
  Struct,
  Timestamp,
} from "@millrace/connect";

export type Shape = "order" | "envelope" | "outbox";

export interface TransformCase {
  readonly config: Readonly<Record<string, string>>;
  /** Default: "order". */
  readonly shape?: Shape;
  /** Why there is nothing to measure without schemas. */
  readonly schemaOnly?: true;
}

/** By class, without `$Key` or `$Value`: both get the same. */
export const CASES: Readonly<Record<string, TransformCase>> = {
  "org.apache.kafka.connect.transforms.Cast": { config: { spec: "quantity:int64,amount:string,paid:string" } },
  "org.apache.kafka.connect.transforms.DropHeaders": { config: { headers: "trace" } },
  "org.apache.kafka.connect.transforms.ExtractField": { config: { field: "customer" } },
  "org.apache.kafka.connect.transforms.Filter": { config: {} },
  "org.apache.kafka.connect.transforms.Flatten": { config: { delimiter: "_" } },
  "org.apache.kafka.connect.transforms.HeaderFrom": {
    config: { fields: "customer,quantity", headers: "customer,quantity", operation: "copy" },
  },
  "org.apache.kafka.connect.transforms.HoistField": { config: { field: "order" } },
  "org.apache.kafka.connect.transforms.InsertField": {
    config: { "topic.field": "topic", "timestamp.field": "ts", "static.field": "origin", "static.value": "shop" },
  },
  "org.apache.kafka.connect.transforms.InsertHeader": { config: { header: "origin", "value.literal": "shop" } },
  "org.apache.kafka.connect.transforms.MaskField": { config: { fields: "customer,amount" } },
  "org.apache.kafka.connect.transforms.RegexRouter": { config: { regex: "(.*)-raw", replacement: "$1" } },
  "org.apache.kafka.connect.transforms.ReplaceField": {
    config: { exclude: "note,paid", renames: "customer:client" },
  },
  "org.apache.kafka.connect.transforms.SetSchemaMetadata": {
    config: { "schema.name": "shop.Order", "schema.version": "2" },
    schemaOnly: true,
  },
  "org.apache.kafka.connect.transforms.TimestampConverter": {
    config: { field: "created", "target.type": "string", format: "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'" },
  },
  "org.apache.kafka.connect.transforms.TimestampRouter": { config: {} },
  "org.apache.kafka.connect.transforms.ValueToKey": { config: { fields: "id,customer" } },
  "io.debezium.transforms.ExtractNewRecordState": {
    config: { "add.fields": "op,source.ts_ms" },
    shape: "envelope",
    schemaOnly: true,
  },
  "io.debezium.transforms.outbox.EventRouter": { config: {}, shape: "outbox", schemaOnly: true },
};

const ADDRESS = SchemaBuilder.struct().field("street", Schema.STRING).field("city", Schema.STRING).build();
const orderFields = () =>
  SchemaBuilder.struct()
    .name("order")
    .field("id", Schema.INT64)
    .field("customer", Schema.STRING)
    .field("quantity", Schema.INT32)
    .field("amount", Schema.FLOAT64)
    .field("paid", Schema.BOOLEAN)
    .field("note", Schema.OPTIONAL_STRING)
    .field("created", Timestamp.SCHEMA)
    .field("address", ADDRESS);
const ORDER = orderFields().build();

const SOURCE = SchemaBuilder.struct()
  .name("io.debezium.connector.postgresql.Source")
  .field("ts_ms", Schema.INT64)
  .field("schema", Schema.STRING)
  .field("table", Schema.STRING)
  .build();
const OUTBOX_ROW = SchemaBuilder.struct()
  .name("outbox.Value")
  .optional()
  .field("id", Schema.STRING)
  .field("aggregatetype", Schema.STRING)
  .field("aggregateid", Schema.STRING)
  .field("type", Schema.STRING)
  .field("payload", Schema.OPTIONAL_STRING)
  .build();
const ORDER_ENVELOPE = envelopeSchema(orderFields().optional().build());
const OUTBOX_ENVELOPE = envelopeSchema(OUTBOX_ROW);

/** `count` records that differ, under one schema object, or under none. */
export function makeRecords(shape: Shape, withSchema: boolean, count: number): SourceRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const [valueSchema, value] = withSchema ? structOf(shape, i) : [null, order(i)];
    return {
      sourcePartition: { table: "orders" },
      sourceOffset: { id: i },
      topic: "orders-raw",
      partition: null,
      keySchema: valueSchema,
      key: value,
      valueSchema,
      value,
      timestamp: 1_700_000_000_000 + i,
      headers: new ConnectHeaders([
        { key: "trace", value: `t${i}`, schema: Schema.STRING },
        { key: "tenant", value: "a", schema: Schema.STRING },
      ]),
    } satisfies ConnectRecord & SourceRecord;
  });
}

function structOf(shape: Shape, i: number): [Schema, Struct] {
  if (shape === "order") return [ORDER, Struct.of(ORDER, orderValues(i))];
  if (shape === "envelope") return [ORDER_ENVELOPE, envelope(ORDER_ENVELOPE, orderValues(i), i)];
  const row = [`e${i}`, "order", String(i), "OrderCreated", `{"id":${i}}`];
  return [OUTBOX_ENVELOPE, envelope(OUTBOX_ENVELOPE, row, i)];
}

function orderValues(i: number): unknown[] {
  const address = Struct.of(ADDRESS, [`${i} Mill Lane`, "Ulm"]);
  return [i, `customer ${i}`, i % 10, i + 0.25, i % 2 === 0, null, new Date(1_700_000_000_000 + i), address];
}

function order(i: number): Map<string, unknown> {
  return new Map<string, unknown>([
    ["id", i],
    ["customer", `customer ${i}`],
    ["quantity", new Int32(i % 10)],
    ["amount", new Float64(i + 0.25)],
    ["paid", i % 2 === 0],
    ["note", null],
    ["created", 1_700_000_000_000 + i],
    [
      "address",
      new Map([
        ["street", `${i} Mill Lane`],
        ["city", "Ulm"],
      ]),
    ],
  ]);
}

function envelopeSchema(row: Schema): Schema {
  return SchemaBuilder.struct()
    .name("shop.public.orders.Envelope")
    .field("before", row)
    .field("after", row)
    .field("source", SOURCE)
    .field("op", Schema.STRING)
    .field("ts_ms", Schema.OPTIONAL_INT64)
    .build();
}

function envelope(schema: Schema, row: unknown[], i: number): Struct {
  const after = Struct.of(schema.field("after")!.schema, row);
  const source = Struct.of(SOURCE, [1_700_000_000_000 + i, "public", "orders"]);
  return Struct.of(schema, [null, after, source, "c", 1_700_000_000_500 + i]);
}
