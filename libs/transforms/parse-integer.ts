// Pure: whole numbers from text, with the answers of Java's Byte.parseByte to Long.parseLong.

const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
/** The first digit beyond ASCII is U+0660. */
const OTHER_DIGITS = 0x660;
/** More than any int64, far less than what takes long to turn into a bigint. */
const MAGNITUDE_MAX = 1e20;

/**
 * Digits of any script, after a sign or none, and nothing else. A bigint only where the number is no safe integer.
 * @returns null when the text is no such number, or one that does not fit into the bits.
 */
export function parseInteger(text: string, bits: 8 | 16 | 32 | 64): number | bigint | null {
  const first = text.charCodeAt(0);
  const start = first === MINUS || first === PLUS ? 1 : 0;
  if (text.length === start) return null;
  let magnitude = 0;
  for (let i = start; i < text.length; i++) {
    const digit = digitAt(text, i);
    if (digit < 0) return null;
    magnitude = magnitude * 10 + digit;
  }
  const negative = first === MINUS;
  if (magnitude > Number.MAX_SAFE_INTEGER) return bits === 64 ? parseLarge(text, start, negative, magnitude) : null;
  const value = negative ? 0 - magnitude : magnitude;
  const limit = 2 ** (bits - 1);
  return value < limit && value >= -limit ? value : null;
}

function parseLarge(text: string, start: number, negative: boolean, magnitude: number): bigint | null {
  if (magnitude > MAGNITUDE_MAX) return null;
  let digits = "";
  for (let i = start; i < text.length; i++) digits += digitAt(text, i);
  const value = negative ? -BigInt(digits) : BigInt(digits);
  return BigInt.asIntN(64, value) === value ? value : null;
}

/** Java's Character.digit of one UTF-16 unit: -1 for none. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code < OTHER_DIGITS) return code >= ZERO && code < ZERO + 10 ? code - ZERO : -1;
  if (!isDigit(code)) return -1;
  let value = 0;
  while (value < 9 && isDigit(code - value - 1)) value++;
  return value;
}

function isDigit(code: number): boolean {
  return /^\p{Nd}$/u.test(String.fromCharCode(code));
}
