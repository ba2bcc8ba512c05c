// Pure: text to a typed value by the grammar of Connect's Values.parseString.
import type { SchemaAndValue } from "../converter.ts";
import { DataError } from "../errors.ts";
import { parseDecimal } from "./decimal.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./logical.ts";
import { Schema } from "./schema.ts";
import { parseDateText, parseTimestampText, parseTimeText } from "./temporal-text.ts";
import { TokenReader } from "./token-reader.ts";
import { alignTo, commonSchema } from "./values-merge.ts";

const TIME_LENGTH = 13;
const DATE_LENGTH = 10;
const TIMESTAMP_LENGTH = 24;
const INT64_RANGE = 1e19;
const LOGICAL_NAMES: ReadonlySet<string | null> = new Set([
  ConnectDate.LOGICAL_NAME,
  Time.LOGICAL_NAME,
  Timestamp.LOGICAL_NAME,
]);

/** Null for the text `null`. Whatever is nothing else is a STRING, unchanged. */
export function parseString(text: string): SchemaAndValue | null {
  if (text === "") return { schema: Schema.STRING, value: text };
  return parse(new TokenReader(text), false);
}

function parse(tokens: TokenReader, embedded: boolean): SchemaAndValue | null {
  if (!tokens.hasNext()) return null;
  if (embedded && tokens.take('"')) return parseQuoted(tokens);
  if (takeLiteral(tokens, embedded, "null")) return null;
  if (takeLiteral(tokens, embedded, "true")) return { schema: Schema.BOOLEAN, value: true };
  if (takeLiteral(tokens, embedded, "false")) return { schema: Schema.BOOLEAN, value: false };
  const start = tokens.mark();
  try {
    if (tokens.take("[")) return parseArray(tokens);
    if (tokens.take("{")) return parseMap(tokens);
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
  const parsed = parseString(content);
  if (parsed?.schema && LOGICAL_NAMES.has(parsed.schema.name)) return parsed;
  return { schema: Schema.STRING, value: content };
}

function parseArray(tokens: TokenReader): SchemaAndValue {
  const elements: (SchemaAndValue | null)[] = [];
  let elementSchema: Schema | null = null;
  while (tokens.hasNext()) {
    if (tokens.take("]")) {
      const schema = new Schema({ type: "ARRAY", valueSchema: elementSchema });
      return { schema, value: alignAll(elementSchema, elements) };
    }
    if (tokens.take(",")) throw new DataError(`Unable to parse an empty array element: ${tokens.text}`);
    const element = parse(tokens, true);
    elementSchema = commonSchema(elementSchema, element);
    elements.push(element);
    const position = tokens.mark();
    if (tokens.take("]")) tokens.rewind(position);
    else if (!tokens.take(",")) throw new DataError("Array elements missing ',' delimiter");
  }
  if (tokens.previous === ",") throw new DataError(`Array is missing element after ',': ${tokens.text}`);
  throw new DataError(`Array is missing terminating ']': ${tokens.text}`);
}

function alignAll(schema: Schema | null, elements: readonly (SchemaAndValue | null)[]): unknown[] {
  return elements.map((element) => alignTo(schema, element));
}

function parseMap(tokens: TokenReader): SchemaAndValue {
  const keys: SchemaAndValue[] = [];
  const values: (SchemaAndValue | null)[] = [];
  let keySchema: Schema | null = null;
  let valueSchema: Schema | null = null;
  while (tokens.hasNext()) {
    if (tokens.take("}")) {
      if (keySchema === null) valueSchema = null;
      const alignedKeys = alignAll(keySchema, keys);
      const alignedValues = alignAll(valueSchema, values);
      const map = new Map(alignedKeys.map((key, i) => [key, alignedValues[i]]));
      return { schema: new Schema({ type: "MAP", keySchema, valueSchema }), value: map };
    }
    if (tokens.take(",")) {
      throw new DataError(`Unable to parse a map entry with no key or value: ${tokens.text}`);
    }
    const key = parse(tokens, true);
    if (key === null || key.value === null) {
      throw new DataError(`Map entry may not have a null key: ${tokens.text}`);
    }
    if (!tokens.take(":")) {
      throw new DataError(`Map entry is missing ':' at ${tokens.position} in ${tokens.text}`);
    }
    const value = parse(tokens, true);
    keys.push(key);
    values.push(value);
    tokens.take(",");
    keySchema = commonSchema(keySchema, key);
    valueSchema = commonSchema(valueSchema, value);
  }
  if (tokens.previous === ",") throw new DataError(`Map is missing element after ',': ${tokens.text}`);
  throw new DataError(`Map is missing terminating '}': ${tokens.text}`);
}

function parseSimple(tokens: TokenReader, embedded: boolean): SchemaAndValue {
  const raw = tokens.next();
  const token = raw.trim();
  if (token === "") return { schema: Schema.STRING, value: raw };
  const startsWithDigit = /^\p{Nd}/u.test(token);
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
  const text = asciiDigits(token);
  const parts = parseDecimal(text);
  if (parts === null) return null;
  const decimal = new Decimal(parts.unscaled, parts.scale);
  const double = decimal.unscaled === 0n ? 0 : Number(text);
  const whole = wholeNumber(decimal, double);
  if (whole !== null) return whole;
  if (decimal.scale !== 0 && Number.isFinite(Math.fround(double))) {
    return { schema: Schema.FLOAT32, value: Math.fround(double) };
  }
  if (decimal.scale !== 0 && Number.isFinite(double)) return { schema: Schema.FLOAT64, value: double };
  return { schema: Decimal.schema(decimal.scale), value: decimal };
}

function wholeNumber(decimal: Decimal, double: number): SchemaAndValue | null {
  const size = Math.abs(double);
  if (size === 0) return { schema: Schema.INT8, value: 0 };
  if (size > INT64_RANGE || size < 1) return null;
  const { unscaled, scale } = decimal;
  const unit = 10n ** BigInt(Math.max(scale, 0));
  if (unscaled % unit !== 0n) return null;
  const value = (unscaled / unit) * 10n ** BigInt(Math.max(-scale, 0));
  if (BigInt.asIntN(8, value) === value) return { schema: Schema.INT8, value: Number(value) };
  if (BigInt.asIntN(16, value) === value) return { schema: Schema.INT16, value: Number(value) };
  if (BigInt.asIntN(32, value) === value) return { schema: Schema.INT32, value: Number(value) };
  if (BigInt.asIntN(64, value) !== value) return null;
  return { schema: Schema.INT64, value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}

/** Java takes any script's digits. */
function asciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    let value = 0;
    while (value < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(code - value - 1))) value++;
    return String(value);
  });
}
