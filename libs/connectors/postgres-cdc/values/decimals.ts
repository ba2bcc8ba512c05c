// Pure: numeric and money.
import { Decimal, type Schema, SchemaBuilder, Struct } from "@millrace/connect";
import { type RowBytes, readFloat, type ValueReader } from "./row-bytes.ts";

const SAFE_DIGITS = 15;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

export function variableScaleDecimal(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name("io.debezium.data.VariableScaleDecimal")
    .version(1)
    .doc("Variable scaled decimal")
    .field("scale", SchemaBuilder.int32().build())
    .field("value", SchemaBuilder.bytes().build());
}

/** The bytes of a whole number, two's complement, as short as possible. */
function unscaledBytes(value: bigint): Uint8Array {
  return Decimal.fromLogical(Decimal.schema(0), new Decimal(value, 0));
}

/** Zeros at the end of a fraction do not count. NaN and infinities are null. */
export function variableScaleReader(schema: Schema): ValueReader {
  return ({ latin1 }, from, to) => {
    const text = latin1.substring(from, to);
    if (!isNumber(text)) return null;
    const [whole = "", fraction = ""] = text.split(".");
    const kept = fraction.replace(/0+$/, "");
    return Struct.of(schema, [kept.length, unscaledBytes(BigInt(whole + kept))]);
  };
}

/** NaN and infinities are null. Digits beyond the scale, which a column of that scale cannot have, are cut. */
export function decimalReader(scale: number): ValueReader {
  const unscaled = unscaledReader(scale);
  return ({ bytes, latin1 }, from, to) => {
    const value = unscaled(bytes, from, to);
    return Number.isNaN(value) ? rescaled(latin1.substring(from, to), scale) : new Decimal(value, scale);
  };
}

/** The unscaled integer of a usual number; NaN for all others. */
export function unscaledReader(scale: number): (bytes: Uint8Array, from: number, to: number) => number {
  return (bytes, from, to) => {
    if (scale < 0 || to - from > SAFE_DIGITS) return Number.NaN;
    const negative = bytes[from] === MINUS;
    let value = 0;
    let fraction = -1;
    for (let i = negative ? from + 1 : from; i < to; i++) {
      const byte = bytes[i]!;
      if (fraction >= 0) fraction++;
      if (byte === POINT) fraction = 0;
      else if (byte >= ZERO && byte < ZERO + 10) value = value * 10 + byte - ZERO;
      else return Number.NaN;
    }
    if (Math.max(fraction, 0) !== scale) return Number.NaN;
    return negative && value !== 0 ? -value : value;
  };
}

function rescaled(text: string, scale: number): Decimal | null {
  if (!isNumber(text)) return null;
  const [whole = "", fraction = ""] = text.split(".");
  if (scale >= 0) return new Decimal(BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0")), scale);
  return new Decimal(BigInt(whole) / 10n ** BigInt(-scale), scale);
}

function isNumber(text: string): boolean {
  return /^-?\d/.test(text);
}

/** As text; NaN and infinities as Debezium names them. */
export function readDecimalText({ latin1 }: RowBytes, from: number, to: number): string {
  const text = latin1.substring(from, to);
  if (text === "NaN") return "NAN";
  if (text === "Infinity") return "POSITIVE_INFINITY";
  return text === "-Infinity" ? "NEGATIVE_INFINITY" : text;
}

/** Of a column with a scale, in text: as many digits after the point. */
export function scaledTextReader(scale: number): ValueReader {
  return (row, from, to) => {
    const text = readDecimalText(row, from, to);
    if (scale <= 0 || !isNumber(text)) return text;
    const [whole = "", fraction = ""] = text.split(".");
    return `${whole}.${fraction.padEnd(scale, "0")}`;
  };
}

export const readDecimalDouble: ValueReader = readFloat;

/** `-$1,234.56` of locale C. */
export function moneyText({ latin1 }: RowBytes, from: number, to: number): string {
  const text = latin1.substring(from, to).replace(/[$,() ]/g, "");
  return text;
}

export function moneyReader(fractionDigits: number): ValueReader {
  return (row, from, to) => rescaled(moneyText(row, from, to), fractionDigits);
}

export function moneyTextReader(fractionDigits: number): ValueReader {
  return (row, from, to) => rescaled(moneyText(row, from, to), fractionDigits)!.toPlainString();
}
