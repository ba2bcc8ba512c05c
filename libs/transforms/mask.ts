// Pure: what MaskField puts in place of a value, by the Java class of the value.
import { DataError, Decimal, Float32, Float64, Int8, Int16, Int32 } from "@millrace/connect";

/** Gives a schemaless value, new for each call where it could be changed. @throws DataError when there is no mask. */
export type Mask = () => unknown;

/** The empty value of a class, or the replacement as a value of that class. */
export function maskFor(javaClass: string, replacement: string | null): Mask {
  return replacement === null ? emptyMask(javaClass) : replacementMask(javaClass, replacement);
}

const EMPTY: ReadonlyMap<string, Mask> = new Map<string, Mask>([
  ["java.lang.Boolean", constant(false)],
  ["java.lang.Byte", constant(new Int8(0))],
  ["java.lang.Short", constant(new Int16(0))],
  ["java.lang.Integer", constant(new Int32(0))],
  ["java.lang.Long", constant(0)],
  ["java.lang.Float", constant(new Float32(0))],
  ["java.lang.Double", constant(new Float64(0))],
  ["java.math.BigInteger", constant(0n)],
  ["java.math.BigDecimal", constant(new Decimal(0, 0))],
  ["java.lang.String", constant("")],
  ["java.util.Date", () => new Date(0)],
  ["java.util.ArrayList", () => []],
  ["java.util.HashMap", () => new Map()],
]);

function emptyMask(javaClass: string): Mask {
  const refuse = (): never => {
    throw new DataError(`Cannot mask value of type: class ${javaClass}`);
  };
  return EMPTY.get(javaClass) ?? refuse;
}

const CONVERSIONS: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ["java.lang.Byte", (text) => new Int8(toInteger(text, 8))],
  ["java.lang.Short", (text) => new Int16(toInteger(text, 16))],
  ["java.lang.Integer", (text) => new Int32(toInteger(text, 32))],
  ["java.lang.Long", toLong],
  ["java.lang.Float", (text) => new Float32(toDouble(text))],
  ["java.lang.Double", (text) => asSchemaless(toDouble(text))],
  ["java.lang.String", (text) => text],
  ["java.math.BigDecimal", (text) => parse(text, "number")],
  ["java.math.BigInteger", toBigInteger],
]);

function replacementMask(javaClass: string, replacement: string): Mask {
  const convert = CONVERSIONS.get(javaClass);
  if (convert === undefined) {
    return () => {
      throw new DataError(`Cannot mask value of type class ${javaClass} with custom replacement.`);
    };
  }
  try {
    return constant(convert(replacement));
  } catch {
    return () => convert(replacement);
  }
}

function constant(value: unknown): Mask {
  return () => value;
}

/** The low bits, as Java's narrowing gives them. */
function toInteger(text: string, bits: number): number {
  return Number(BigInt.asIntN(bits, wholePart(parse(text, "a number"))));
}

function toLong(text: string): number | bigint {
  const long = BigInt.asIntN(64, wholePart(parse(text, "a number")));
  return Number.isSafeInteger(Number(long)) ? Number(long) : long;
}

function toDouble(text: string): number {
  return parse(text, "a number").toNumber();
}

function asSchemaless(double: number): number | Float64 {
  return Number.isSafeInteger(double) ? new Float64(double) : double;
}

function toBigInteger(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw notConvertible(text, "number");
  return BigInt(text.replace("+", ""));
}

function parse(text: string, target: string): Decimal {
  try {
    return Decimal.fromString(text);
  } catch (cause) {
    throw notConvertible(text, target, cause);
  }
}

/** Modulo 2^64 exact; no more than that, so that a huge exponent costs nothing. */
function wholePart({ unscaled, scale }: Decimal): bigint {
  if (scale <= -64) return 0n;
  if (scale <= 0) return unscaled * 10n ** BigInt(-scale);
  return scale >= String(unscaled).length + 1 ? 0n : unscaled / 10n ** BigInt(scale);
}

function notConvertible(text: string, target: string, cause?: unknown): DataError {
  return new DataError(`Unable to convert ${text} (class java.lang.String) to ${target}`, { cause });
}
