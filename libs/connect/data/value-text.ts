// Pure: values as Java's toString shows them.

import { SimpleDateFormat } from "@millrace/java-text";
import { BoxedNumber } from "./boxed-number.ts";
import { entriesOf, isMap, type MapData } from "./map-data.ts";
import { doubleText, floatText } from "./number-text.ts";
import type { Schema } from "./schema.ts";

/** Of java.util.Date: `Thu Jan 01 00:00:00 UTC 1970`. Years before Christ have no sign. */
const DATE = new SimpleDateFormat("EEE MMM dd HH:mm:ss 'UTC' y", { nowMs: 0 });

/** With a schema, its type decides how a number reads (`1.0` under FLOAT64); without, the value rules of schema.ts. */
export function valueText(value: unknown, schema: Schema | null = null): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return numberText(value, schema);
  if (typeof value !== "object" || value instanceof BoxedNumber) return String(value);
  if (value instanceof Date) return DATE.format(value.getTime());
  if (value instanceof Uint8Array) return byteBufferText(value.length);
  if (Array.isArray(value)) return `[${value.map((element) => valueText(element, schema?.valueSchema)).join(", ")}]`;
  return isMap(value) ? mapText(value, schema) : String(value);
}

function numberText(value: number, schema: Schema | null): string {
  if (schema === null) return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : doubleText(value);
  if (schema.type === "FLOAT32") return floatText(value);
  return schema.type === "FLOAT64" || !Number.isSafeInteger(value) ? doubleText(value) : String(value);
}

/** Bytes are what Java has a ByteBuffer for; the text of its arrays has no meaning, and is another in every run. */
function byteBufferText(length: number): string {
  return `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`;
}

function mapText(map: MapData, schema: Schema | null): string {
  const parts: string[] = [];
  for (const [key, value] of entriesOf(map)) {
    parts.push(`${valueText(key, schema?.keySchema)}=${valueText(value, schema?.valueSchema)}`);
  }
  return `{${parts.join(", ")}}`;
}
