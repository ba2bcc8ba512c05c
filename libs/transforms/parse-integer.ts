// Pure: whole numbers from text, with the answers of Java's Byte.parseByte to Long.parseLong.
import { digitValue } from "@millrace/java-text";

const PLUS = 0x2b;
const MINUS = 0x2d;
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
    const digit = digitValue(text.charCodeAt(i));
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
  for (let i = start; i < text.length; i++) digits += digitValue(text.charCodeAt(i));
  const value = negative ? -BigInt(digits) : BigInt(digits);
  return BigInt.asIntN(64, value) === value ? value : null;
}
