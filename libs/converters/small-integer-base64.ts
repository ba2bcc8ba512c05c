// Pure: Base64 of an integer's big-endian two's complement bytes without making the bytes. Decimals of everyday size are
// on the hot path of JsonConverter, where a bigint and a buffer for each cost more than the rest of the row.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALPHABET_BYTES = Buffer.from(ALPHABET, "latin1");
const QUOTE = 0x22;
const PADDING = 0x3d;
const LIMIT = 2 ** 47;

/** What `writeSmallIntegerBase64Json` writes at most. */
export const SMALL_INTEGER_BASE64_BYTES_MAX = 10;

/** Fits six bytes; false for NaN. */
export function isSmall(value: number): boolean {
  return value >= -LIMIT && value < LIMIT;
}

/** @param value an integer for which `isSmall` holds. */
export function smallIntegerBase64Json(value: number): string {
  const count = byteCount(value);
  const padding = (3 - (count % 3)) % 3;
  const bits = bitsOf(value, count, padding);
  const low = bits % 2 ** 24;
  const text = count > 3 ? fourChars((bits - low) / 2 ** 24) + fourChars(low) : fourChars(low);
  if (padding === 0) return `"${text}"`;
  return padding === 1 ? `"${text.slice(0, -1)}="` : `"${text.slice(0, -2)}=="`;
}

/** The same as bytes. @returns where they end. */
export function writeSmallIntegerBase64Json(value: number, out: Uint8Array, start: number): number {
  const count = byteCount(value);
  const padding = (3 - (count % 3)) % 3;
  const bits = bitsOf(value, count, padding);
  const low = bits % 2 ** 24;
  let at = start;
  out[at++] = QUOTE;
  if (count > 3) at = writeFourChars((bits - low) / 2 ** 24, out, at);
  at = writeFourChars(low, out, at);
  for (let i = 1; i <= padding; i++) out[at - i] = PADDING;
  out[at++] = QUOTE;
  return at;
}

/** The least number of bytes that leaves room for the sign. */
function byteCount(value: number): number {
  const magnitude = value < 0 ? -value - 1 : value;
  if (magnitude < 2 ** 23) return magnitude < 2 ** 7 ? 1 : magnitude < 2 ** 15 ? 2 : 3;
  return magnitude < 2 ** 31 ? 4 : magnitude < 2 ** 39 ? 5 : 6;
}

/** Whole groups of 24: as many zeros behind as there is padding. */
function bitsOf(value: number, count: number, padding: number): number {
  const unsigned = value < 0 ? value + 2 ** (8 * count) : value;
  return unsigned * 256 ** padding;
}

function fourChars(bits24: number): string {
  return (
    ALPHABET[bits24 >>> 18]! + ALPHABET[(bits24 >>> 12) & 63]! + ALPHABET[(bits24 >>> 6) & 63]! + ALPHABET[bits24 & 63]!
  );
}

function writeFourChars(bits24: number, out: Uint8Array, at: number): number {
  out[at] = ALPHABET_BYTES[bits24 >>> 18]!;
  out[at + 1] = ALPHABET_BYTES[(bits24 >>> 12) & 63]!;
  out[at + 2] = ALPHABET_BYTES[(bits24 >>> 6) & 63]!;
  out[at + 3] = ALPHABET_BYTES[bits24 & 63]!;
  return at + 4;
}
