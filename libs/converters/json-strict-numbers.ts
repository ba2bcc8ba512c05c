// Pure: reading that refuses to change a number where Java's JsonConverter changes it without a word.
import {
  DataError,
  Decimal,
  fitsInt64,
  type Schema,
  type SchemaType,
  STRICT_NUMBERS_KEY,
  Timestamp,
} from "@millrace/connect";
import { JsonFraction, nodeType, SCHEMALESS_NUMBERS } from "./json-node.ts";
import type { JsonNode, JsonNumbers } from "./json-parser.ts";

const TEXT_SHOWN_MAX = 100;

/** Schemaless numbers that stay what they are: no int64 that wrapped around, no fraction that became 0 or infinite. */
export const STRICT_SCHEMALESS_NUMBERS: JsonNumbers = {
  integer(value) {
    const read = SCHEMALESS_NUMBERS.integer(value);
    if (!fitsInt64(value)) throw changed(value, read, "a schemaless value");
    return read;
  },
  fraction(text) {
    const read = SCHEMALESS_NUMBERS.fraction(text);
    if (!isKeptByFloat(new JsonFraction(text), Number(read))) {
      throw changed(new JsonFraction(text), read, "a schemaless value");
    }
    return read;
  },
};

/**
 * The same reader with a check behind it: a number is read as that number, and only a number is read as one. A fraction
 * may be rounded to the nearest float.
 * @param place what is read, for messages: `field "age"`.
 */
export function strictReader(
  schema: Schema,
  place: string,
  read: (node: JsonNode) => unknown,
): (node: JsonNode) => unknown {
  const isKept = schema.name === Timestamp.LOGICAL_NAME ? isKeptByTimestamp : IS_KEPT[schema.type];
  if (isKept === null || schema.name === Decimal.LOGICAL_NAME) return read;
  return (node) => {
    const value = read(node);
    if (isKept(node, value)) return value;
    throw changed(node, value, `${place}, ${schema.type}`);
  };
}

type IsKept = (node: JsonNode, value: unknown) => boolean;

/** Null for types whose readers refuse other nodes by themselves. */
const IS_KEPT: Readonly<Record<SchemaType, IsKept | null>> = {
  INT8: isKeptByInteger,
  INT16: isKeptByInteger,
  INT32: isKeptByInteger,
  INT64: isKeptByInteger,
  FLOAT32: isKeptByFloat,
  FLOAT64: isKeptByFloat,
  BOOLEAN: isNoNumber,
  STRING: isNoNumber,
  BYTES: isNoNumber,
  ARRAY: isNoNumber,
  MAP: null,
  STRUCT: null,
};

/** Date and Time have been read by then: their readers take whole numbers that fit, and give a Date. */
function isKeptByInteger(node: JsonNode, value: unknown): boolean {
  if (value instanceof Date) return true;
  if (node instanceof JsonFraction) return node.toDecimal().isNumber(value as number | bigint);
  return (typeof node === "number" || typeof node === "bigint") && BigInt(node) === BigInt(value as number | bigint);
}

function isKeptByFloat(node: JsonNode, value: unknown): boolean {
  if (typeof node === "number") return true;
  if (typeof node === "bigint") return Number.isFinite(value);
  return node instanceof JsonFraction && Number.isFinite(value) && (value !== 0 || node.toDecimal().unscaled === 0n);
}

function isKeptByTimestamp(node: JsonNode): boolean {
  return typeof node !== "bigint" || fitsInt64(node);
}

function isNoNumber(node: JsonNode): boolean {
  return typeof node !== "number" && typeof node !== "bigint" && !(node instanceof JsonFraction);
}

function changed(node: JsonNode, value: unknown, place: string): DataError {
  const read = Array.isArray(value) ? "[]" : String(value);
  return new DataError(
    `Reading ${nodeText(node)} as ${place} would change it to ${read}. Correct the message or its schema, or set ` +
      `${STRICT_NUMBERS_KEY.name} to false to have it changed as Kafka Connect does.`,
  );
}

function nodeText(node: JsonNode): string {
  if (node instanceof JsonFraction) return node.text;
  if (typeof node !== "string") return typeof node === "object" ? `an ${nodeType(node)}` : String(node);
  return JSON.stringify(node.length > TEXT_SHOWN_MAX ? `${node.slice(0, TEXT_SHOWN_MAX)}…` : node);
}
