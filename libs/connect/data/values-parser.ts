// Pure: text to a typed value by the grammar of Connect's Values.parseString.

import { digitValue, javaTrim } from "@millrace/java-text";
import type { SchemaAndValue } from "../converter.ts";
import { DataError } from "../errors.ts";
import { parseDecimal } from "./decimal.ts";
import { compactInt64, fitsInt64 } from "./int64.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./logical.ts";
import { Schema } from "./schema.ts";
import { parseDateText, parseTimestampText, parseTimeText } from "./temporal-text.ts";
import { TokenReader } from "./token-reader.ts";
import { alignTo, CommonSchema, ParsedEntries } from "./values-merge.ts";

const TIME_LENGTH = 13;
const DATE_LENGTH = 10;
const TIMESTAMP_LENGTH = 24;
const INT64_RANGE = 1e19;
/** As deep as JSON may be for JsonConverter; Java's stack ends somewhere deeper. */
const DEPTH_MAX = 1000;

/**
 * Null for the text `null`. Whatever is nothing else is a STRING, unchanged; so is what opens more than 1,000 brackets
 * within one another.
 */
export function parseString(text: string): SchemaAndValue | null {
  if (text === "") return { schema: Schema.STRING, value: text };
  return parse(new TokenReader(text), 0);
}

/** @param depth how many brackets are open. */
function parse(tokens: TokenReader, depth: number): SchemaAndValue | null {
  const embedded = depth > 0;
  if (!tokens.hasNext()) return null;
  if (embedded && tokens.take('"')) return parseQuoted(tokens);
  if (takeLiteral(tokens, embedded, "null")) return null;
  if (takeLiteral(tokens, embedded, "true")) return { schema: Schema.BOOLEAN, value: true };
  if (takeLiteral(tokens, embedded, "false")) return { schema: Schema.BOOLEAN, value: false };
  const start = tokens.mark();
  try {
    if (tokens.take("[")) return parseArray(tokens, depth + 1);
    if (tokens.take("{")) return parseMap(tokens, depth + 1);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    tokens.rewind(start);
  }
  return parseSimple(tokens, embedded);
}

/** At the top, a literal counts only when nothing follows. */
function takeLiteral(tokens: TokenReader, embedded: boolean, literal: string): boolean {
  const start = tokens.mark();
  if (tokens.take(literal) && (embedded || !tokens.hasNext())) return true;
  tokens.rewind(start);
  return false;
}

function parseQuoted(tokens: TokenReader): SchemaAndValue {
  let content = "";
  while (tokens.hasNext() && !tokens.take('"')) content += tokens.next();
  return parseTemporal(content) ?? { schema: Schema.STRING, value: content };
}

function parseArray(tokens: TokenReader, depth: number): SchemaAndValue {
  refuseTooDeep(depth);
  const elements: (SchemaAndValue | null)[] = [];
  const common = new CommonSchema();
  while (tokens.hasNext()) {
    if (tokens.take("]")) {
      const schema = new Schema({ type: "ARRAY", valueSchema: common.schema });
      return { schema, value: elements.map((element) => alignTo(common.schema, element)) };
    }
    if (tokens.take(",")) throw new DataError(`Unable to parse an empty array element: ${tokens.text}`);
    const element = parse(tokens, depth);
    common.add(element);
    elements.push(element);
    const position = tokens.mark();
    if (tokens.take("]")) tokens.rewind(position);
    else if (!tokens.take(",")) throw new DataError("Array elements missing ',' delimiter");
  }
  if (tokens.previous === ",") throw new DataError(`Array is missing element after ',': ${tokens.text}`);
  throw new DataError(`Array is missing terminating ']': ${tokens.text}`);
}

function parseMap(tokens: TokenReader, depth: number): SchemaAndValue {
  refuseTooDeep(depth);
  const entries = new ParsedEntries();
  const keys = new CommonSchema();
  const values = new CommonSchema();
  while (tokens.hasNext()) {
    if (tokens.take("}")) {
      const keySchema = keys.schema;
      const valueSchema = keySchema === null ? null : values.schema;
      const schema = new Schema({ type: "MAP", keySchema, valueSchema });
      return { schema, value: entries.alignTo(keySchema, valueSchema) };
    }
    if (tokens.take(",")) {
      throw new DataError(`Unable to parse a map entry with no key or value: ${tokens.text}`);
    }
    const key = parse(tokens, depth);
    if (key === null || key.value === null) {
      throw new DataError(`Map entry may not have a null key: ${tokens.text}`);
    }
    if (!tokens.take(":")) {
      throw new DataError(`Map entry is missing ':' at ${tokens.position} in ${tokens.text}`);
    }
    const value = parse(tokens, depth);
    entries.put(key, value);
    tokens.take(",");
    keys.add(key);
    values.add(value);
  }
  if (tokens.previous === ",") throw new DataError(`Map is missing element after ',': ${tokens.text}`);
  throw new DataError(`Map is missing terminating '}': ${tokens.text}`);
}

function refuseTooDeep(depth: number): void {
  if (depth > DEPTH_MAX) throw new DataError(`Nested deeper than ${DEPTH_MAX}`);
}

function parseSimple(tokens: TokenReader, embedded: boolean): SchemaAndValue {
  const raw = tokens.next();
  const token = javaTrim(raw);
  if (token === "") return { schema: Schema.STRING, value: raw };
  const startsWithDigit = digitValue(token.charCodeAt(0)) >= 0;
  if (startsWithDigit) {
    const temporal = parseTemporalTokens(tokens, token);
    if (temporal !== null) return temporal;
  }
  const number = startsWithDigit || token[0] === "+" || token[0] === "-" ? parseNumber(token) : null;
  if (number !== null) return number;
  if (embedded) throw new DataError("Failed to parse embedded value");
  return { schema: Schema.STRING, value: tokens.text };
}

/** Colons separate tokens, so a time is five of them: try those before the one. */
function parseTemporalTokens(tokens: TokenReader, token: string): SchemaAndValue | null {
  const position = tokens.mark();
  const rest = tokens.nextMany(4);
  const long = rest === null ? null : parseTemporal(token + rest);
  if (long !== null) return long;
  tokens.rewind(position);
  return parseTemporal(token);
}

function parseTemporal(token: string): SchemaAndValue | null {
  const text = token.replaceAll("\\:", ":");
  if (text.length === TIME_LENGTH) return temporal(Time.SCHEMA, parseTimeText(text));
  if (text.length === TIMESTAMP_LENGTH) return temporal(Timestamp.SCHEMA, parseTimestampText(text));
  return text.length === DATE_LENGTH ? temporal(ConnectDate.SCHEMA, parseDateText(text)) : null;
}

function temporal(schema: Schema, value: Date | null): SchemaAndValue | null {
  return value === null ? null : { schema, value };
}

/** The narrowest type: an integer if it is whole, else float32 (losing digits!), float64, Decimal. */
function parseNumber(token: string): SchemaAndValue | null {
  const parts = parseDecimal(token);
  if (parts === null) return null;
  const decimal = new Decimal(parts.unscaled, parts.scale);
  const double = decimal.toNumber();
  const whole = wholeNumber(decimal, double);
  if (whole !== null) return whole;
  const float = decimal.toFloat32();
  if (decimal.scale !== 0 && Number.isFinite(float)) return { schema: Schema.FLOAT32, value: float };
  if (decimal.scale !== 0 && Number.isFinite(double)) return { schema: Schema.FLOAT64, value: double };
  return { schema: Decimal.schema(decimal.scale), value: decimal };
}

function wholeNumber(decimal: Decimal, double: number): SchemaAndValue | null {
  const size = Math.abs(double);
  if (decimal.unscaled === 0n) return { schema: Schema.INT8, value: 0 };
  if (size > INT64_RANGE || size < 1) return null;
  const { unscaled, scale } = decimal;
  const unit = 10n ** BigInt(Math.max(scale, 0));
  if (unscaled % unit !== 0n) return null;
  const value = (unscaled / unit) * 10n ** BigInt(Math.max(-scale, 0));
  if (BigInt.asIntN(8, value) === value) return { schema: Schema.INT8, value: Number(value) };
  if (BigInt.asIntN(16, value) === value) return { schema: Schema.INT16, value: Number(value) };
  if (BigInt.asIntN(32, value) === value) return { schema: Schema.INT32, value: Number(value) };
  return fitsInt64(value) ? { schema: Schema.INT64, value: compactInt64(value) } : null;
}
