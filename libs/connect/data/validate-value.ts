// Pure: does a value fit a schema? With the answers of ConnectSchema.validateValue.

import { DataError } from "../errors.ts";
import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { DecimalValue } from "./decimal.ts";
import { fitsInt64 } from "./int64.ts";
import { javaClassName } from "./java-class.ts";
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from "./logical-names.ts";
import { entriesOf, isMap, type MapData } from "./map-data.ts";
import type { Schema, SchemaType } from "./schema.ts";
import { Struct } from "./struct.ts";

const DATE_NAMES: ReadonlySet<string> = new Set([DATE_NAME, TIME_NAME, TIMESTAMP_NAME]);

/**
 * @param location what the message calls the place, e.g. `field: "id"` or `element of array field: "ids"`.
 * @param fieldName the struct field, when the value is directly one.
 * @throws DataError naming schema, value class and place.
 */
export function validateValue(schema: Schema | null, value: unknown, location = "value", fieldName?: string): void {
  requireSchema(schema, location);
  if (value === null || value === undefined) {
    if (schema.optional) return;
    const subject = fieldName === undefined ? location : `field: "${fieldName}"`;
    throw new DataError(`Invalid value: null used for required ${subject}, schema type: ${schema.type}`);
  }
  if (!isInstance(schema, value)) {
    const name = schema.name === null ? "" : ` "${schema.name}"`;
    throw new DataError(
      `Invalid Java object for schema${name} with type ${schema.type}: class ${javaClassName(value)} for ${location}`,
    );
  }
  if (schema.type === "STRUCT") validateStruct(schema, value as Struct);
  else if (schema.type === "ARRAY") validateElements(schema, value as unknown[], location);
  else if (schema.type === "MAP") validateEntries(schema, value as MapData, location);
}

function validateStruct(schema: Schema, struct: Struct): void {
  if (!struct.schema.equals(schema)) throw new DataError("Struct schemas do not match.");
  struct.validate();
}

function validateElements(schema: Schema, elements: readonly unknown[], location: string): void {
  const place = `element of array ${location}`;
  requireSchema(schema.valueSchema, place);
  for (const element of elements) validateValue(schema.valueSchema, element, place);
}

function validateEntries(schema: Schema, map: MapData, location: string): void {
  const keyPlace = `key of map ${location}`;
  const valuePlace = `value of map ${location}`;
  requireSchema(schema.keySchema, keyPlace);
  requireSchema(schema.valueSchema, valuePlace);
  for (const [key, value] of entriesOf(map)) {
    validateValue(schema.keySchema, key, keyPlace);
    validateValue(schema.valueSchema, value, valuePlace);
  }
}

/** Asked even of an empty array or map. */
function requireSchema(schema: Schema | null, location: string): asserts schema is Schema {
  if (schema === null) throw new DataError(`No schema defined for ${location}`);
}

/** Is the value, by itself, one this schema can hold? Nested values are not looked at. */
export function isInstance(schema: Schema, value: unknown): boolean {
  if (schema.name !== null) {
    if (schema.name === DECIMAL_NAME) return value instanceof DecimalValue;
    if (DATE_NAMES.has(schema.name)) return value instanceof Date;
  }
  return isOfType(schema.type, value);
}

/** As `isInstance` of a schema that has no name. */
export function isOfType(type: SchemaType, value: unknown): boolean {
  return FITS[type](value);
}

const FITS: Readonly<Record<SchemaType, (value: unknown) => boolean>> = {
  INT8: (value) => isIntegerWithin(value, -128, 127) || value instanceof Int8,
  INT16: (value) => isIntegerWithin(value, -32768, 32767) || value instanceof Int16,
  INT32: (value) => isIntegerWithin(value, -2147483648, 2147483647) || value instanceof Int32,
  INT64: (value) =>
    typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "bigint" && fitsInt64(value),
  FLOAT32: (value) => typeof value === "number" || value instanceof Float32,
  FLOAT64: (value) => typeof value === "number" || value instanceof Float64,
  BOOLEAN: (value) => typeof value === "boolean",
  STRING: (value) => typeof value === "string",
  BYTES: (value) => value instanceof Uint8Array,
  ARRAY: (value) => Array.isArray(value),
  MAP: isMap,
  STRUCT: (value) => value instanceof Struct,
};

function isIntegerWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}
