// Pure: what MaskField puts in place of a value, by the Java class of the value.
import { DataError, Decimal, Float32, Float64, Int8, Int16, Int32, Values } from "@millrace/connect";

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
  ["java.lang.Byte", (text) => new Int8(Values.convertToByte(null, text)!)],
  ["java.lang.Short", (text) => new Int16(Values.convertToShort(null, text)!)],
  ["java.lang.Integer", (text) => new Int32(Values.convertToInteger(null, text)!)],
  ["java.lang.Long", (text) => Values.convertToLong(null, text)],
  ["java.lang.Float", (text) => new Float32(Values.convertToFloat(null, text)!)],
  ["java.lang.Double", (text) => asSchemaless(Values.convertToDouble(null, text)!)],
  ["java.lang.String", (text) => text],
  ["java.math.BigDecimal", toBigDecimal],
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

function asSchemaless(double: number): number | Float64 {
  return Number.isSafeInteger(double) ? new Float64(double) : double;
}

function toBigDecimal(text: string): Decimal {
  try {
    return Decimal.fromString(text);
  } catch (cause) {
    throw new DataError(notConvertible(text), { cause });
  }
}

function toBigInteger(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new DataError(notConvertible(text));
  return BigInt(text.replace("+", ""));
}

function notConvertible(text: string): string {
  return `Unable to convert ${text} (class java.lang.String) to number`;
}
