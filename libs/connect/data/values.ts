// Pure: text to typed values and back, and values of one type as another, as Connect's Values class.

import { DataError } from "../errors.ts";
import { boxed } from "./boxed-value.ts";
import type { Decimal } from "./logical.ts";
import { entriesOf, isMap } from "./map-data.ts";
import type { Schema } from "./schema.ts";
import { Struct } from "./struct.ts";
import { dateFormatFor } from "./temporal-text.ts";
import {
  inconvertible,
  toDate,
  toDecimal,
  toDouble,
  toInt64,
  toInteger,
  toTime,
  toTimestamp,
} from "./values-convert.ts";
import { inferSchema } from "./values-infer.ts";
import { parseString } from "./values-parser.ts";
import { convertToString } from "./values-text.ts";

/**
 * `schema` is the value's own, or null. Results are values of the type in the method's name, by the rules of Schema's
 * doc comment; lists and maps read from text are schemaless values. Null gives null for booleans, numbers and text; a
 * date, Decimal or container it cannot be.
 * @throws DataError when the value cannot be converted.
 */
export const Values = {
  parseString,
  inferSchema,
  dateFormatFor,
  convertToString,
  convertToBoolean,
  convertToByte: (schema: Schema | null, value: unknown): number | null => integer(8, schema, value),
  convertToShort: (schema: Schema | null, value: unknown): number | null => integer(16, schema, value),
  convertToInteger: (schema: Schema | null, value: unknown): number | null => integer(32, schema, value),
  convertToLong: (schema: Schema | null, value: unknown): number | bigint | null =>
    isNull(value) ? null : toInt64(schema, value),
  convertToFloat: (schema: Schema | null, value: unknown): number | null =>
    isNull(value) ? null : Math.fround(toDouble(schema, value)),
  convertToDouble: (schema: Schema | null, value: unknown): number | null =>
    isNull(value) ? null : toDouble(schema, value),
  convertToDecimal: (schema: Schema | null, value: unknown, scale: number): Decimal =>
    toDecimal(schema, required(value), scale),
  convertToDate: (schema: Schema | null, value: unknown): Date => converted(toDate, schema, value),
  convertToTime: (schema: Schema | null, value: unknown): Date => converted(toTime, schema, value),
  convertToTimestamp: (schema: Schema | null, value: unknown): Date => converted(toTimestamp, schema, value),
  convertToList,
  convertToMap,
  convertToStruct,
} as const;

function convertToBoolean(schema: Schema | null, value: unknown): boolean | null {
  if (isNull(value)) return null;
  if (typeof value === "boolean") return value;
  const parsed = typeof value === "string" ? parseString(value)?.value : undefined;
  return typeof parsed === "boolean" ? parsed : BigInt(toInt64(schema, value)) !== 0n;
}

/** A list is given back as it is, under its own schema. */
function convertToList(schema: Schema | null, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const { own, value: found } = textRead(schema, required(value));
  if (Array.isArray(found)) return boxed(own, found) as unknown[];
  throw inconvertible(found, own, "Schema{ARRAY}");
}

/** A Map is given back as it is, under its own schema. */
function convertToMap(schema: Schema | null, value: unknown): Map<unknown, unknown> {
  if (value instanceof Map) return value;
  if (isMap(value)) return new Map(entriesOf(value));
  const { own, value: found } = textRead(schema, required(value));
  if (found instanceof Map) return boxed(own, found) as Map<unknown, unknown>;
  throw inconvertible(found, own, "Schema{MAP}");
}

function convertToStruct(schema: Schema | null, value: unknown): Struct {
  if (value instanceof Struct) return value;
  throw inconvertible(required(value), schema, "Schema{STRUCT}");
}

function integer(bits: 8 | 16 | 32, schema: Schema | null, value: unknown): number | null {
  return isNull(value) ? null : toInteger(bits, schema, value);
}

function converted(
  convert: (from: Schema | null, value: unknown, own: Schema | null) => Date,
  schema: Schema | null,
  value: unknown,
): Date {
  const { own, value: found } = textRead(schema, required(value));
  return convert(schema, found, own);
}

/** Text as what it parses to; `null` as a word stays text. Anything else as it is. */
function textRead(schema: Schema | null, value: unknown): { readonly own: Schema | null; readonly value: unknown } {
  const parsed = typeof value === "string" ? parseString(value) : null;
  return parsed === null ? { own: schema, value } : { own: parsed.schema, value: parsed.value };
}

function required(value: unknown): unknown {
  if (!isNull(value)) return value;
  throw new DataError("Unable to convert a null value to a schema that requires a value");
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
