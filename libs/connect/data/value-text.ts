// Pure: values as Java's toString shows them.
import { BoxedNumber } from "./boxed-number.ts";
import { type CalendarDay, CUTOVER_DAY, julianDate } from "./julian-calendar.ts";
import { doubleText, floatText } from "./number-text.ts";
import type { Schema } from "./schema.ts";

const DAY_MS = 86_400_000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** With a schema, its type decides how a number reads (`1.0` under FLOAT64); without, the value rules of schema.ts. */
export function valueText(value: unknown, schema: Schema | null = null): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return numberText(value, schema);
  if (typeof value !== "object" || value instanceof BoxedNumber) return String(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) return byteBufferText(value.length);
  if (Array.isArray(value)) return `[${value.map((element) => valueText(element, schema?.valueSchema)).join(", ")}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Map || prototype === Object.prototype || prototype === null) return mapText(value, schema);
  return String(value);
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

function mapText(map: object, schema: Schema | null): string {
  const entries: Iterable<[unknown, unknown]> = map instanceof Map ? map : Object.entries(map);
  const parts: string[] = [];
  for (const [key, value] of entries) {
    parts.push(`${valueText(key, schema?.keySchema)}=${valueText(value, schema?.valueSchema)}`);
  }
  return `{${parts.join(", ")}}`;
}

/** `Thu Jan 01 00:00:00 UTC 1970`, as java.util.Date in UTC: years before Christ have no sign. */
function dateText(date: Date): string {
  const { year, month, day } = calendarDay(date);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(":");
  return `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[month]} ${twoDigits(day)} ${time} UTC ${year > 0 ? year : 1 - year}`;
}

function calendarDay(date: Date): CalendarDay {
  const epochDay = Math.floor(date.getTime() / DAY_MS);
  if (epochDay < CUTOVER_DAY) return julianDate(epochDay);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}
