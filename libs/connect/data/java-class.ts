// Pure: the Java class a value would have in Kafka Connect, for messages that name it.
import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { DecimalValue } from "./decimal.ts";
import type { Schema, SchemaType } from "./schema.ts";
import { Struct } from "./struct.ts";

const NUMBER_CLASSES: Partial<Readonly<Record<SchemaType, string>>> = {
  INT8: "java.lang.Byte",
  INT16: "java.lang.Short",
  INT32: "java.lang.Integer",
  INT64: "java.lang.Long",
  FLOAT32: "java.lang.Float",
  FLOAT64: "java.lang.Double",
};

/** The fully qualified class name, e.g. `java.lang.Long`; "null" for no value. A schema says what a bare number is. */
export function javaClassName(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case "string":
      return "java.lang.String";
    case "boolean":
      return "java.lang.Boolean";
    case "number":
      return (
        NUMBER_CLASSES[schema?.type ?? "STRING"] ??
        (Number.isSafeInteger(value) ? "java.lang.Long" : "java.lang.Double")
      );
    case "bigint":
      return BigInt.asIntN(64, value) === value ? "java.lang.Long" : "java.math.BigInteger";
    case "object":
      return value === null ? "null" : objectClassName(value);
    default:
      return "java.lang.Object";
  }
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
