// Pure: the data of recorded cases as Connect data.
import {
  ConnectHeaders,
  type ConnectRecord,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Schema,
  type SchemaAndValue,
  type SchemaType,
  type SinkRecord,
  type SourceRecord,
  Struct,
} from "@millrace/connect";
import type { GoldenRecord, Json, JsonObject, Typed } from "./golden-case.ts";

const TYPES: Readonly<Record<string, SchemaType>> = {
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float: "FLOAT32",
  double: "FLOAT64",
  boolean: "BOOLEAN",
  string: "STRING",
  bytes: "BYTES",
  array: "ARRAY",
  map: "MAP",
  struct: "STRUCT",
};

export function toTyped(typed: Typed): SchemaAndValue {
  const schema = toSchema(typed.schema);
  return { schema, value: toValue(typed.payload, schema) };
}

/** Source records have the partition and offset that every recorded one had. */
export function toRecord(record: GoldenRecord): ConnectRecord {
  const { topic, partition, timestamp, headers } = record;
  const key = toTyped(record.key);
  const value = toTyped(record.value);
  const both = {
    topic,
    keySchema: key.schema,
    key: key.value,
    valueSchema: value.schema,
    value: value.value,
    timestamp,
    headers: new ConnectHeaders(headers.map((header) => ({ key: header.key, ...toTyped(header.value) }))),
  };
  if (record.recordType === "source") {
    const source: SourceRecord = { sourcePartition: { p: "1" }, sourceOffset: { o: 1 }, partition, ...both };
    return source;
  }
  const sink: SinkRecord = {
    ...both,
    partition: partition as number,
    offset: record.kafkaOffset as number,
    timestampType: "CreateTime",
    originalTopic: topic,
    originalPartition: partition as number,
    originalOffset: record.kafkaOffset as number,
  };
  return sink;
}

export function toSchema(json: Json | undefined): Schema | null {
  if (json === null || json === undefined) return null;
  const object = json as JsonObject;
  const fields = (object.fields ?? []) as readonly JsonObject[];
  const bare = {
    type: TYPES[object.type as string]!,
    optional: object.optional as boolean,
    name: (object.name ?? null) as string | null,
    version: (object.version ?? null) as number | null,
    doc: (object.doc ?? null) as string | null,
    parameters: (object.parameters ?? null) as Readonly<Record<string, string>> | null,
    fields: fields.map((field, index) => ({ name: field.field as string, index, schema: toSchema(field)! })),
    keySchema: toSchema(object.keys),
    valueSchema: toSchema(object.type === "array" ? object.items : object.values),
  };
  return new Schema({ ...bare, default: toValue(object.default ?? null, new Schema(bare)) ?? undefined });
}

export function toValue(json: Json, schema: Schema | null): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((element) => toValue(element, schema?.valueSchema ?? null));
  const object = json as JsonObject;
  if (object.$type !== undefined) return toTaggedValue(object, schema);
  if (schema?.type === "STRUCT") return toStruct(object, schema);
  const values = schema?.valueSchema ?? null;
  return new Map(Object.entries(object).map(([key, value]) => [key, toValue(value, values)]));
}

function toStruct(object: JsonObject, schema: Schema): Struct {
  return Struct.of(
    schema,
    schema.fields.map(({ name, schema: field }) =>
      Object.hasOwn(object, name) ? toValue(object[name]!, field) : null,
    ),
  );
}

function toTaggedValue(object: JsonObject, schema: Schema | null): unknown {
  const text = object.v as string;
  switch (object.$type) {
    case "int8":
      return schema?.type === "INT8" ? Number(text) : new Int8(Number(text));
    case "int16":
      return schema?.type === "INT16" ? Number(text) : new Int16(Number(text));
    case "int32":
      return schema?.type === "INT32" ? Number(text) : new Int32(Number(text));
    case "int64":
      return toLong(BigInt(text), schema);
    case "float32":
      return schema?.type === "FLOAT32" ? Math.fround(Number(text)) : new Float32(Number(text));
    case "float64":
      return toDouble(Number(text), schema);
    case "bytes":
    case "bytebuffer":
      return new Uint8Array(Buffer.from(text, "base64"));
    case "decimal":
      return new Decimal(BigInt(object.unscaled as string), object.scale as number);
    case "date":
      return new Date(Number(text));
    case "bigint":
      return BigInt(text);
    case "map":
      return toMap(object.entries as readonly (readonly [Json, Json])[], schema);
    case "struct":
      return toStruct(object.fields as JsonObject, toSchema(object.schema)!);
    default:
      throw new Error(`Unknown tag ${String(object.$type)}`);
  }
}

/** Under the schema of another type a bigint: it cannot be taken for an int32. */
function toLong(value: bigint, schema: Schema | null): number | bigint {
  if (schema !== null && schema.type !== "INT64") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function toDouble(value: number, schema: Schema | null): number | Float64 {
  return schema?.type === "FLOAT64" || !Number.isSafeInteger(value) ? value : new Float64(value);
}

function toMap(entries: readonly (readonly [Json, Json])[], schema: Schema | null): Map<unknown, unknown> {
  const { keySchema = null, valueSchema = null } = schema ?? {};
  return new Map(entries.map(([key, value]) => [toValue(key, keySchema), toValue(value, valueSchema)]));
}
