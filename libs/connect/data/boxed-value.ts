// Pure: values of a schema as values that say their type themselves.

import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { entriesOf, isMap } from "./map-data.ts";
import type { Schema } from "./schema.ts";

type Box = (schema: Schema | null, value: number) => unknown;

/**
 * Made schemaless: boxed where a bare number would mean another type. Looks into arrays and maps, which become Maps; a
 * Struct has its own schema.
 */
export function boxed(schema: Schema | null, value: unknown): unknown {
  return withNumbers(boxedNumber, schema, value);
}

/**
 * As a Java object, whose class is its type wherever it goes: the same without a schema, and no value for a schema of
 * any other type. Boxed even where a bare number would do, and INT64 always a bigint.
 */
export function asJavaObject(schema: Schema | null, value: unknown): unknown {
  return withNumbers(javaNumber, schema, value);
}

function withNumbers(box: Box, schema: Schema | null, value: unknown): unknown {
  if (typeof value === "number") return box(schema, value);
  if (Array.isArray(value)) return value.map((each) => withNumbers(box, schema?.valueSchema ?? null, each));
  if (!isMap(value)) return value;
  const { keySchema = null, valueSchema = null } = schema ?? {};
  const copy = new Map<unknown, unknown>();
  for (const [key, each] of entriesOf(value)) {
    copy.set(withNumbers(box, keySchema, key), withNumbers(box, valueSchema, each));
  }
  return copy;
}

function boxedNumber(schema: Schema | null, value: number): unknown {
  if (schema?.type === "INT64") return value;
  return schema?.type === "FLOAT64" && !Number.isSafeInteger(value) ? value : javaNumber(schema, value);
}

function javaNumber(schema: Schema | null, value: number): unknown {
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
