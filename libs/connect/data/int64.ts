// Pure: int64 the way schemas keep it: a number when that is a safe integer, else a bigint.

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

/** Is it an int64, and no larger? */
export function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** Modulo 2^64, as Java's longs wrap around. */
export function compactInt64(value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(64, value);
  const number = Number(wrapped);
  return Number.isSafeInteger(number) ? number : wrapped;
}

/** Java's cast from double to long: the fraction goes, NaN is 0, and what does not fit becomes the nearest end. */
export function doubleToInt64(value: number): number | bigint {
  const whole = Math.trunc(value) || 0;
  if (Number.isSafeInteger(whole)) return whole;
  if (whole >= 2 ** 63) return INT64_MAX;
  return whole <= -(2 ** 63) ? INT64_MIN : BigInt(whole);
}
