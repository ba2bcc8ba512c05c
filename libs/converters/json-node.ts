// Pure: what a JsonNode is to Jackson, and numbers read with and without a schema.
import { compactInt64, DataError, Decimal, Float64, nearestFloat32 } from "@millrace/connect";
import type { JsonNode, JsonNumbers } from "./json-parser.ts";

/** A number with a point or an exponent, in its own words. */
export class JsonFraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toNumber(): number {
    return fractionToNumber(this.text);
  }

  /** Rounded once. */
  toFloat32(): number {
    return nearestFloat32(this.text, this.toNumber());
  }

  toDecimal(): Decimal {
    return Decimal.fromString(this.text);
  }

  toInt64(): bigint {
    return this.toDecimal().toInt64();
  }
}

/** Keeps numbers for a schema to read. */
export const TREE_NUMBERS: JsonNumbers = {
  integer: (value) => value,
  fraction: (text) => new JsonFraction(text),
};

/** Numbers as schemaless values: int64 (wrapping, as Java does) and float64. */
export const SCHEMALESS_NUMBERS: JsonNumbers = {
  integer: compactInt64,
  fraction: (text) => float64(fractionToNumber(text)),
};

/** Jackson reads through BigDecimal, which has no -0; but something tiny and negative becomes that. */
function fractionToNumber(text: string): number {
  const number = Number(text);
  return Object.is(number, -0) && /^[-0.]*([eE]|$)/.test(text) ? 0 : number;
}

/** A tree without a schema: the same in place, with its numbers as schemaless values. */
export function schemalessValue(node: JsonNode, numbers: JsonNumbers): unknown {
  if (typeof node === "bigint") return numbers.integer(node);
  if (node instanceof JsonFraction) return numbers.fraction(node.text);
  if (Array.isArray(node)) return node.map((element) => schemalessValue(element, numbers));
  if (!(node instanceof Map)) return node ?? null;
  for (const [key, value] of node) node.set(key, schemalessValue(value, numbers));
  return node;
}

function float64(value: number): number | Float64 {
  return Number.isSafeInteger(value) ? new Float64(value) : value;
}

/** Jackson's name for the kind of node, for messages. */
export function nodeType(node: JsonNode): string {
  if (node === undefined) return "MISSING";
  if (node === null) return "NULL";
  if (typeof node === "string") return "STRING";
  if (typeof node === "boolean") return "BOOLEAN";
  if (Array.isArray(node)) return "ARRAY";
  return node instanceof Map ? "OBJECT" : "NUMBER";
}

const ONE_RUN = /^[A-Za-z0-9+/]*={0,2}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Jackson skips everything up to the space
const BLOCKS = /^(?:[\u0000-\u0020]*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==))*[\u0000-\u0020]*$/;

/** Jackson's Base64: padding required, whitespace only between blocks of four. @throws DataError */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 === 0 && ONE_RUN.test(text)) return Buffer.from(text, "base64");
  if (!BLOCKS.test(text)) throw new DataError("Not Base64");
  const runs = text.match(/[A-Za-z0-9+/\s]+=*/g) ?? [];
  return Buffer.concat(runs.map((run) => Buffer.from(run, "base64")));
}
