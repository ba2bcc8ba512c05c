// Pure: values as Java objects, whose class says their type wherever they go.
import {
  ConnectDate,
  Decimal,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  isMap,
  type Schema,
  type SchemaType,
  Time,
  Timestamp,
} from "@millrace/connect";
import { entriesOf } from "./map-data.ts";
import type { MapData } from "./requirements.ts";

/**
 * Under a schema 1 may be an int8 or a double. Here it becomes the value that means the same without a schema and fits
 * no other type's schema: a boxed number, or a bigint for INT64.
 */
export function asJavaObject(schema: Schema | null, value: unknown): unknown {
  if (typeof value === "number") return asJavaNumber(schema, value);
  if (Array.isArray(value)) return value.map((each) => asJavaObject(schema?.valueSchema ?? null, each));
  if (!isMap(value)) return value;
  const { keySchema = null, valueSchema = null } = schema ?? {};
  const entries = entriesOf(value as MapData);
  return new Map(Array.from(entries, ([key, each]) => [asJavaObject(keySchema, key), asJavaObject(valueSchema, each)]));
}

function asJavaNumber(schema: Schema | null, value: number): unknown {
  switch (schema?.type) {
    case "INT8":
      return new Int8(value);
    case "INT16":
      return new Int16(value);
    case "INT32":
      return new Int32(value);
    case "INT64":
      return BigInt(value);
    case "FLOAT32":
      return new Float32(value);
    case "FLOAT64":
      return new Float64(value);
    default:
      return value;
  }
}

/** The class of every value of the schema, as javaClassName gives it for schemaless ones. */
export function javaClassOf(schema: Schema): string {
  return (schema.name === null ? undefined : LOGICAL_CLASSES.get(schema.name)) ?? CLASSES[schema.type];
}

const LOGICAL_CLASSES: ReadonlyMap<string, string> = new Map([
  [Decimal.LOGICAL_NAME, "java.math.BigDecimal"],
  [ConnectDate.LOGICAL_NAME, "java.util.Date"],
  [Time.LOGICAL_NAME, "java.util.Date"],
  [Timestamp.LOGICAL_NAME, "java.util.Date"],
]);

const CLASSES: Readonly<Record<SchemaType, string>> = {
  INT8: "java.lang.Byte",
  INT16: "java.lang.Short",
  INT32: "java.lang.Integer",
  INT64: "java.lang.Long",
  FLOAT32: "java.lang.Float",
  FLOAT64: "java.lang.Double",
  BOOLEAN: "java.lang.Boolean",
  STRING: "java.lang.String",
  BYTES: "[B",
  ARRAY: "java.util.ArrayList",
  MAP: "java.util.HashMap",
  STRUCT: "org.apache.kafka.connect.data.Struct",
};
