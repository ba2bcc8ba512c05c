// Pure: the Java class a value would have in Kafka Connect, for messages that name it.
import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { DecimalValue } from "./decimal.ts";
import { fitsInt64 } from "./int64.ts";
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from "./logical-names.ts";
import type { Schema, SchemaType } from "./schema.ts";
import { Struct } from "./struct.ts";

const NUMBER_CLASSES = {
  INT8: "java.lang.Byte",
  INT16: "java.lang.Short",
  INT32: "java.lang.Integer",
  INT64: "java.lang.Long",
  FLOAT32: "java.lang.Float",
  FLOAT64: "java.lang.Double",
} as const;

const CLASSES: Readonly<Record<SchemaType, string>> = {
  ...NUMBER_CLASSES,
  BOOLEAN: "java.lang.Boolean",
  STRING: "java.lang.String",
  BYTES: "[B",
  ARRAY: "java.util.ArrayList",
  MAP: "java.util.HashMap",
  STRUCT: "org.apache.kafka.connect.data.Struct",
};

const LOGICAL_CLASSES: ReadonlyMap<string, string> = new Map([
  [DECIMAL_NAME, "java.math.BigDecimal"],
  [DATE_NAME, "java.util.Date"],
  [TIME_NAME, "java.util.Date"],
  [TIMESTAMP_NAME, "java.util.Date"],
]);

/** The fully qualified class name, e.g. `java.lang.Long`; "null" for no value. A schema says what a bare number is. */
export function javaClassName(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case "string":
      return "java.lang.String";
    case "boolean":
      return "java.lang.Boolean";
    case "number":
      if (schema !== null && schema.type in NUMBER_CLASSES) return CLASSES[schema.type];
      return Number.isSafeInteger(value) ? "java.lang.Long" : "java.lang.Double";
    case "bigint":
      return fitsInt64(value) ? "java.lang.Long" : "java.math.BigInteger";
    case "object":
      return value === null ? "null" : objectClassName(value);
    default:
      return "java.lang.Object";
  }
}

/** The class of every value of a schema, as `javaClassName` gives it. */
export function javaClassOf({ name, type }: Schema): string {
  return (name === null ? undefined : LOGICAL_CLASSES.get(name)) ?? CLASSES[type];
}

function objectClassName(value: object): string {
  if (value instanceof Struct) return "org.apache.kafka.connect.data.Struct";
  if (value instanceof DecimalValue) return "java.math.BigDecimal";
  if (value instanceof Date) return "java.util.Date";
  if (value instanceof Uint8Array) return "[B";
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (value instanceof Map) return "java.util.HashMap";
  if (value instanceof Int8) return "java.lang.Byte";
  if (value instanceof Int16) return "java.lang.Short";
  if (value instanceof Int32) return "java.lang.Integer";
  if (value instanceof Float32) return "java.lang.Float";
  if (value instanceof Float64) return "java.lang.Double";
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? "java.util.HashMap" : "java.lang.Object";
}
