// Pure: any Connect data as JSON, for people to read: also what fits no schema.
import { BoxedNumber, Struct } from "@millrace/connect";

/** Deeper data is cut: it may go round. */
const DEPTH_MAX = 50;

/** Never throws. Bytes are base64, dates ISO texts; what JSON has no word for is its text. */
export function plainJson(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (value instanceof BoxedNumber) return plainJson(value.valueOf(), depth);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : `"${value.toISOString()}"`;
  if (typeof value !== "object" || depth > DEPTH_MAX) return JSON.stringify(String(value));
  if (Array.isArray(value)) return `[${value.map((element) => plainJson(element, depth + 1)).join(",")}]`;
  const entries = entriesOf(value);
  if (entries === null) return JSON.stringify(String(value));
  return `{${entries.map(([key, each]) => `${JSON.stringify(String(key))}:${plainJson(each, depth + 1)}`).join(",")}}`;
}

function entriesOf(value: object): (readonly [unknown, unknown])[] | null {
  if (value instanceof Struct) return value.schema.fields.map(({ name }) => [name, value.get(name)]);
  if (value instanceof Map) return [...value];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : null;
}
