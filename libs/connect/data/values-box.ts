// Pure: values of a schema made schemaless, boxed where a bare number would mean another type.
import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import type { Schema } from "./schema.ts";

/** Looks into arrays and Maps; a Struct has its own schema. */
export function boxed(schema: Schema | null, value: unknown): unknown {
  if (typeof value === "number") return boxedNumber(schema, value);
  if (Array.isArray(value)) return value.map((each) => boxed(schema?.valueSchema ?? null, each));
  if (!(value instanceof Map)) return value;
  const { keySchema = null, valueSchema = null } = schema ?? {};
  return new Map([...value].map(([key, each]) => [boxed(keySchema, key), boxed(valueSchema, each)]));
}

function boxedNumber(schema: Schema | null, value: number): unknown {
  switch (schema?.type) {
    case "INT8":
      return new Int8(value);
    case "INT16":
      return new Int16(value);
    case "INT32":
      return new Int32(value);
    case "FLOAT32":
      return new Float32(value);
    case "FLOAT64":
      return Number.isSafeInteger(value) ? new Float64(value) : value;
    default:
      return value;
  }
}
