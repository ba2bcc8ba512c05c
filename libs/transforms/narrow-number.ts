// Pure: numbers as Java's casts between number types make them. Integers wrap around, floating point numbers stop at
// the ends of the range, fractions go, NaN becomes 0.
import { Decimal } from "@millrace/connect";

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;

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

export function floatToInt64(value: number): number | bigint {
  const whole = Math.trunc(value) || 0;
  if (Number.isSafeInteger(whole)) return whole;
  if (whole >= 2 ** 63) return INT64_MAX;
  return whole <= -(2 ** 63) ? -INT64_MAX - 1n : BigInt(whole);
}

export function integerToFloat32(value: number | bigint): number {
  return typeof value === "number" ? Math.fround(value) : new Decimal(value, 0).toFloat32();
}

/** An int64 the way schemas keep it: a number when that is exact. */
export function compactInt64(value: number | bigint): number | bigint {
  if (typeof value === "number") return value;
  const wrapped = BigInt.asIntN(64, value);
  const number = Number(wrapped);
  return Number.isSafeInteger(number) ? number : wrapped;
}
