// Pure: the decimal digits Java (up to JDK 18) chooses for a floating point number. Mostly the shortest that read back
// as the number, but not always, and not always the nearest of those: 2.0E23 becomes 1.9999999999999998E23 and 1.0E23
// 9.999999999999999E22. The search is Steele and White's, with Java's own stopping rules.

/** `digits[0] . digits[1..] x 10^exponent`, without zeros at the end. */
export interface DecimalDigits {
  readonly digits: string;
  readonly exponent: number;
}

/** A positive number as `fraction / 2^52 x 2^exponent`, 1 <= fraction / 2^52 < 2. */
interface Binary {
  readonly fraction: bigint;
  readonly exponent: number;
  readonly significantBits: number;
}

const FRACTION_BITS = 52;
const HIDDEN_BIT = 1n << 52n;
const LONG_BITS_MAX = 62;
const view = new DataView(new ArrayBuffer(8));

export function doubleDigits(magnitude: number): DecimalDigits {
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  return digitsOf(normalize(bits & (HIDDEN_BIT - 1n), Number(bits >> 52n), 1023, FRACTION_BITS));
}

/** @param magnitude a float32. */
export function floatDigits(magnitude: number): DecimalDigits {
  view.setFloat32(0, magnitude);
  const bits = view.getUint32(0);
  return digitsOf(normalize(BigInt(bits & 0x7fffff) << 29n, bits >>> 23, 127, 23));
}

function normalize(fraction: bigint, biasedExponent: number, bias: number, fractionBits: number): Binary {
  if (biasedExponent > 0) {
    return { fraction: fraction | HIDDEN_BIT, exponent: biasedExponent - bias, significantBits: fractionBits + 1 };
  }
  const shift = FRACTION_BITS + 1 - bitLength(fraction);
  const significantBits = fractionBits + 1 - shift;
  return { fraction: fraction << BigInt(shift), exponent: 1 - shift - bias, significantBits };
}

function digitsOf(binary: Binary): DecimalDigits {
  const tailZeros = trailingZeros(binary.fraction);
  const fractionBits = FRACTION_BITS + 1 - tailZeros;
  const belowPoint = Math.max(0, fractionBits - binary.exponent - 1);
  if (belowPoint === 0 && binary.exponent <= LONG_BITS_MAX) return wholeDigits(binary);
  return searchDigits(binary, tailZeros, fractionBits, belowPoint);
}

/** A whole number below 2^63: all its digits, less those that the lost bits make meaningless. */
function wholeDigits({ fraction, exponent, significantBits }: Binary): DecimalDigits {
  const shift = BigInt(exponent - FRACTION_BITS);
  let whole = shift >= 0n ? fraction << shift : fraction >> -shift;
  const lostBits = exponent > significantBits ? exponent - significantBits - 1 : 0;
  const dropped = lostBits > 1 ? Math.floor(lostBits * Math.LOG10E * Math.LN2) : 0;
  if (dropped > 0) {
    const unit = 10n ** BigInt(dropped);
    const rest = whole % unit;
    whole = whole / unit + (rest >= unit / 2n ? 1n : 0n);
  }
  const text = String(whole);
  return { digits: withoutEndZeros(text), exponent: text.length - 1 + dropped };
}

/** Digits one by one as `value / scale`, until the rest is within half a unit in the last place. */
function searchDigits(binary: Binary, tailZeros: number, fractionBits: number, belowPoint: number): DecimalDigits {
  let exponent = estimateExponent(binary);
  const fives = Math.max(0, -exponent);
  let valueTwos = fives + belowPoint + binary.exponent;
  let scaleTwos = Math.max(0, exponent) + belowPoint;
  let marginTwos = valueTwos - binary.significantBits;
  valueTwos -= fractionBits - 1;
  const common = Math.min(valueTwos, scaleTwos);
  valueTwos -= common;
  scaleTwos -= common;
  marginTwos -= common + (fractionBits === 1 ? 1 : 0);
  if (marginTwos < 0) {
    valueTwos -= marginTwos;
    scaleTwos -= marginTwos;
    marginTwos = 0;
  }
  const scaleFives = Math.max(0, exponent);
  const scale = (5n ** BigInt(scaleFives)) << BigInt(scaleTwos);
  const ten = scale * 10n;
  let value = ((binary.fraction >> BigInt(tailZeros)) * 5n ** BigInt(fives)) << BigInt(valueTwos);
  let margin = (5n ** BigInt(fives)) << BigInt(marginTwos);
  const width = arithmeticWidth(fractionBits + valueTwos + fiveBits(fives), scaleTwos + 1 + fiveBits(scaleFives + 1));
  const wrap = (number: bigint): bigint => (width === null ? number : BigInt.asIntN(width, number));
  let digits = "";
  let low = false;
  let high = false;
  const step = (): number => {
    const quotient = value / scale;
    value = (value % scale) * 10n;
    margin = wrap(margin * 10n);
    low = value < margin;
    high = width === null ? value + margin >= ten : wrap(value + margin) > ten;
    return Number(quotient);
  };
  const first = step();
  if (first === 0 && !high) exponent--;
  else digits = String(first);
  if (exponent < -3 || exponent >= 8) low = high = false;
  while (!low && !high) {
    digits += step();
    if (margin <= 0n) low = high = true;
  }
  const beyondHalf = wrap(wrap(value * 2n) - ten);
  const roundUp = high && (!low || beyondHalf > 0n || (beyondHalf === 0n && Number(digits.at(-1)) % 2 === 1));
  return roundUp ? roundedUp(digits, exponent) : { digits: withoutEndZeros(digits), exponent };
}

/**
 * Java calculates with int or long where it thinks the numbers fit, and there wants the rest to be above the upper
 * limit, where big numbers have to reach it. Sums that do not fit wrap around, which now and then shows in the last
 * digit. Null: big numbers.
 */
function arithmeticWidth(valueBits: number, scaleBits: number): 32 | 64 | null {
  const bits = Math.max(valueBits, scaleBits);
  if (bits < 32) return 32;
  return bits < 64 ? 64 : null;
}

function roundedUp(digits: string, exponent: number): DecimalDigits {
  const next = String(BigInt(digits) + 1n);
  return { digits: withoutEndZeros(next), exponent: exponent + next.length - digits.length };
}

/** Of the first digit: right, or one too high. */
function estimateExponent({ fraction, exponent }: Binary): number {
  const mantissa = Number(fraction) / 2 ** FRACTION_BITS;
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981);
}

/** Bits of 5^n, as Java's table and its estimate beyond have them. */
function fiveBits(n: number): number {
  return n < 28 ? bitLength(5n ** BigInt(n)) : n * 3;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function trailingZeros(value: bigint): number {
  let zeros = 0;
  for (let rest = value; (rest & 1n) === 0n; rest >>= 1n) zeros++;
  return zeros;
}

function withoutEndZeros(digits: string): string {
  let end = digits.length;
  while (end > 1 && digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
