// Pure: values as numbers and dates, by the rules of Connect's Values class. `from` is what the caller says the schema
// is, or null; `own` is the schema a value really has, where text was parsed in between. Messages need both.
import { DataError } from "../errors.ts";
import { BoxedNumber } from "./boxed-number.ts";
import { DecimalValue, parseDecimal } from "./decimal.ts";
import { compactInt64, doubleToInt64 } from "./int64.ts";
import { javaClassName } from "./java-class.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./logical.ts";
import { doubleText } from "./number-text.ts";
import type { Schema } from "./schema.ts";
import { valueText } from "./value-text.ts";

const DAY_MS = 86_400_000;
/** Of the year 1. */
const CHRIST_MS = -62_135_769_600_000;

/** Any number, text or date as int64: fractions towards zero, too large ones as Java's casts have them. */
export function toInt64(from: Schema | null, value: unknown, own = from): number | bigint {
  if (typeof value === "number") return doubleToInt64(value);
  if (value instanceof BoxedNumber) return doubleToInt64(value.value);
  if (typeof value === "bigint") return compactInt64(value);
  if (value instanceof DecimalValue) return compactInt64(value.toInt64());
  const decimal = typeof value === "string" ? parseDecimal(value) : null;
  if (decimal !== null) return compactInt64(new DecimalValue(decimal.unscaled, decimal.scale).toInt64());
  if (value instanceof Date && from !== null) {
    if (from.name === ConnectDate.LOGICAL_NAME) return ConnectDate.fromLogical(from, value);
    if (from.name === Time.LOGICAL_NAME) return Time.fromLogical(from, value);
    if (from.name === Timestamp.LOGICAL_NAME) return Timestamp.fromLogical(from, value);
  }
  throw inconvertible(value, own, from === null ? "a number" : String(from));
}

/** The low bits of the value's int64. */
export function toInteger(bits: 8 | 16 | 32, from: Schema | null, value: unknown, own = from): number {
  return lowBits(bits, toInt64(from, value, own));
}

export function toDouble(from: Schema | null, value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof BoxedNumber) return value.value;
  if (value instanceof DecimalValue) return value.toNumber();
  const decimal = typeof value === "string" ? parseDecimal(value) : null;
  if (decimal !== null) return new DecimalValue(decimal.unscaled, decimal.scale).toNumber();
  return Number(typeof value === "bigint" ? value : toInt64(from, value));
}

/** The day of a timestamp; days from a number. A date without a schema stays as it is. */
export function toDate(from: Schema | null, value: unknown, own = from): Date {
  if (value instanceof Date) {
    if (from === null || from.name === ConnectDate.LOGICAL_NAME) return value;
    if (from.name === Timestamp.LOGICAL_NAME) {
      return ConnectDate.toLogical(ConnectDate.SCHEMA, lowBits(32, Math.trunc(value.getTime() / DAY_MS)));
    }
  }
  return ConnectDate.toLogical(ConnectDate.SCHEMA, toInteger(32, from, value, own));
}

/** The time of day of a timestamp; milliseconds from a number. A date without a schema stays as it is. */
export function toTime(from: Schema | null, value: unknown, own = from): Date {
  if (value instanceof Date) {
    if (from === null || from.name === Time.LOGICAL_NAME) return value;
    if (from.name === Timestamp.LOGICAL_NAME) return Time.toLogical(Time.SCHEMA, timeOfDay(value.getTime()));
  }
  return Time.toLogical(Time.SCHEMA, toInteger(32, from, value, own));
}

/** Milliseconds from a number. A date without a schema stays as it is. */
export function toTimestamp(from: Schema | null, value: unknown, own = from): Date {
  if (value instanceof Date) {
    if (from === null || from.name === Timestamp.LOGICAL_NAME) return value;
    if (from.name === ConnectDate.LOGICAL_NAME) {
      return Timestamp.toLogical(Timestamp.SCHEMA, ConnectDate.fromLogical(from, value) * DAY_MS);
    }
    if (from.name === Time.LOGICAL_NAME) return Timestamp.toLogical(Timestamp.SCHEMA, Time.fromLogical(from, value));
  }
  return Timestamp.toLogical(Timestamp.SCHEMA, toInt64(from, value, own));
}

/**
 * Bytes are an unscaled value and take the scale; a Decimal keeps its own, and so does text. Other numbers go by way of
 * a float64 and have the digits it prints.
 */
export function toDecimal(from: Schema | null, value: unknown, scale: number): Decimal {
  if (value instanceof DecimalValue) return value;
  if (value instanceof Uint8Array) return Decimal.toLogical(Decimal.schema(scale), value);
  if (typeof value === "string") return Decimal.fromString(value);
  if (typeof value === "number" || typeof value === "bigint" || value instanceof BoxedNumber) {
    return Decimal.fromString(doubleText(toDouble(from, value)));
  }
  throw inconvertible(value, from, String(Decimal.schema(scale)));
}

export function inconvertible(value: unknown, own: Schema | null, target: string): DataError {
  const className = javaClassName(value, own);
  return new DataError(`Unable to convert ${valueText(value, own)} (class ${className}) to ${target}`);
}

/** Java moves the date to 1970 of its own era: before Christ no time of day comes out, which is refused. */
function timeOfDay(ms: number): number {
  return ms < CHRIST_MS ? -1 : ((ms % DAY_MS) + DAY_MS) % DAY_MS;
}

function lowBits(bits: 8 | 16 | 32, value: number | bigint): number {
  return Number(BigInt.asIntN(bits, BigInt(value)));
}
