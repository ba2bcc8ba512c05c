// Pure: one schema for the elements of a parsed array or map, and the elements made to fit it.
import type { SchemaAndValue } from "../converter.ts";
import { DataError } from "../errors.ts";
import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { parseDecimal } from "./decimal.ts";
import { javaClassName } from "./java-class.ts";
import { Decimal } from "./logical.ts";
import type { Schema, SchemaType } from "./schema.ts";

const NUMBER_ORDER: readonly SchemaType[] = ["INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64"];

/** The wider of two number types; the later of two of the same type; null when they have nothing in common. */
export function commonSchema(previous: Schema | null, latest: SchemaAndValue | null): Schema | null {
  if (latest === null || latest.schema === null) return previous;
  const next = latest.schema;
  if (previous === null || previous.type === next.type) return next;
  const before = NUMBER_ORDER.indexOf(previous.type);
  const after = NUMBER_ORDER.indexOf(next.type);
  if (before < 0 || after < 0) return null;
  return before < after ? next : previous;
}

/**
 * The value as the merged schema has it; with no merged schema, boxed so that its width is not lost.
 * @throws DataError for null under a schema, and for text where the schema wants a number that it is not.
 */
export function alignTo(schema: Schema | null, element: SchemaAndValue | null): unknown {
  if (schema === null) return element === null ? null : boxed(element.schema, element.value);
  if (element === null) throw new DataError("Unable to convert a null value to a schema that requires a value");
  if (schema.name !== null || !NUMBER_ORDER.includes(schema.type)) {
    return schema.equals(element.schema) ? element.value : boxed(element.schema, element.value);
  }
  const number = toNumber(element.value);
  if (schema.type === "FLOAT32") return Math.fround(Number(number));
  return schema.type === "FLOAT64" ? Number(number) : number;
}

/** A value of a schema as a schemaless value. */
function boxed(schema: Schema | null, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => boxed(schema?.valueSchema ?? null, each));
  if (value instanceof Map) {
    const { keySchema = null, valueSchema = null } = schema ?? {};
    return new Map([...value].map(([key, each]) => [boxed(keySchema, key), boxed(valueSchema, each)]));
  }
  return typeof value === "number" ? boxedNumber(schema, value) : value;
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

function toNumber(value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Decimal) return value.toNumber();
  const parts = typeof value === "string" ? parseDecimal(value) : null;
  if (parts !== null) return new Decimal(parts.unscaled, parts.scale).toNumber();
  throw new DataError(`Unable to convert ${value} (class ${javaClassName(value)}) to a number`);
}
