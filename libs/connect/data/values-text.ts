// Pure: values as text, as Connect's Values.convertToString.

import { DataError } from "../errors.ts";
import { BoxedNumber } from "./boxed-number.ts";
import { DecimalValue } from "./decimal.ts";
import { javaClassName } from "./java-class.ts";
import { entriesOf, isMap, type MapData } from "./map-data.ts";
import type { Schema } from "./schema.ts";
import { Struct } from "./struct.ts";
import { temporalText } from "./temporal-text.ts";
import { valueText } from "./value-text.ts";

/**
 * Text is itself at the top and quoted inside a container; bytes are Base64. Null for null.
 * @throws DataError for a value that is not Connect data.
 */
export function convertToString(schema: Schema | null, value: unknown): string | null {
  return value === null || value === undefined ? null : textOf(schema, value, false);
}
function textOf(schema: Schema | null, value: unknown, embedded: boolean): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return embedded ? quote(value) : value;
  if (typeof value !== "object" || value instanceof BoxedNumber || value instanceof DecimalValue) {
    return valueText(value, schema);
  }
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
    return embedded ? `"${base64}"` : base64;
  }
  if (Array.isArray(value))
    return `[${value.map((each) => textOf(schema?.valueSchema ?? null, each, true)).join(",")}]`;
  if (value instanceof Struct) return structText(value);
  if (value instanceof Date) return temporalText(value);
  if (isMap(value)) return mapText(schema, value);
  throw new DataError(`Failed to serialize unexpected value type ${javaClassName(value)}: ${value}`);
}

function structText(struct: Struct): string {
  const parts = struct.schema.fields.map(
    (field) => `${quote(field.name)}:${textOf(field.schema, struct.get(field), true)}`,
  );
  return `{${parts.join(",")}}`;
}

function mapText(schema: Schema | null, map: MapData): string {
  const parts = Array.from(entriesOf(map), ([key, value]) => {
    return `${textOf(schema?.keySchema ?? null, key, true)}:${textOf(schema?.valueSchema ?? null, value, true)}`;
  });
  return `{${parts.join(",")}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
