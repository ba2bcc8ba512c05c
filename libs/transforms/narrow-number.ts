// Pure: numbers as Java's casts between number types make them. Integers wrap around, floating point numbers stop at
// the ends of the range, fractions go, NaN becomes 0.
import { Decimal } from "@millrace/connect";

const INT32_MAX = 2 ** 31 - 1;

/** Bits of an integer as a number with sign. */
export function wrapInteger(value: number | bigint, bits: 8 | 16 | 32): number {
  const shift = 32 - bits;
  return typeof value === "number" ? (value << shift) >> shift : Number(BigInt.asIntN(bits, value));
}

/** To int32 first, then wrapped: as Java narrows a double to a byte. */
export function floatToInteger(value: number, bits: 8 | 16 | 32): number {
  const int32 = Math.max(Math.min(value, INT32_MAX), -INT32_MAX - 1);
  const shift = 32 - bits;
  return (int32 << shift) >> shift;
}

export function integerToFloat32(value: number | bigint): number {
  return typeof value === "number" ? Math.fround(value) : new Decimal(value, 0).toFloat32();
}
