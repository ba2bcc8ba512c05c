// Pure: values as Java's toString shows them.
import { BoxedNumber } from "./boxed-number.ts";
import { doubleText, floatText } from "./number-text.ts";
import type { Schema } from "./schema.ts";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** With a schema, its type decides how a number reads (`1.0` under FLOAT64); without, the value rules of schema.ts. */
export function valueText(value: unknown, schema: Schema | null = null): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return numberText(value, schema);
  if (typeof value !== "object" || value instanceof BoxedNumber) return String(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) return "[B@0";
  if (Array.isArray(value)) return `[${value.map((element) => valueText(element, schema?.valueSchema)).join(", ")}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Map || prototype === Object.prototype || prototype === null) return mapText(value, schema);
  return String(value);
}

function numberText(value: number, schema: Schema | null): string {
  if (schema === null) return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : doubleText(value);
  if (schema.type === "FLOAT32") return floatText(value);
  return schema.type === "FLOAT64" ? doubleText(value) : String(value);
}

function mapText(map: object, schema: Schema | null): string {
  const entries: Iterable<[unknown, unknown]> = map instanceof Map ? map : Object.entries(map);
  const parts: string[] = [];
  for (const [key, value] of entries) {
    parts.push(`${valueText(key, schema?.keySchema)}=${valueText(value, schema?.valueSchema)}`);
  }
  return `{${parts.join(", ")}}`;
}

/** `Thu Jan 01 00:00:00 UTC 1970`, as java.util.Date in UTC. */
function dateText(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const day = `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  return `${day} ${time} UTC ${date.getUTCFullYear()}`;
}
