// Pure: JSON as bytes from values that are bytes already, byte for byte as `json-text.ts` writes it.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const LOWER_U = 0x75;
const HEX = Buffer.from("0123456789ABCDEF", "latin1");
/** What UTF-8 text becomes at most: a byte of it `\u001F`. */
export const QUOTED_BYTES_PER_BYTE = 6;
export const QUOTES_BYTES = 2;
/** Of a safe integer, with its sign. */
export const INTEGER_BYTES_MAX = 17;

const WORD_BYTES = 4;

const PLAIN = 0;
const CONTROL = 1;
const NOT_ASCII = 2;
/** By byte: PLAIN, NOT_ASCII, CONTROL, or the letter of a short escape. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 ? NOT_ASCII : byte < 0x20 ? CONTROL : PLAIN,
);
for (const [letter, byte] of Object.entries({ '"': 34, "\\": 92, b: 8, t: 9, n: 10, f: 12, r: 13 })) {
  CLASSES[byte] = letter.charCodeAt(0);
}

/** Bytes, and the same as words. */
export interface ByteView<B extends Uint8Array = Uint8Array> {
  readonly bytes: B;
  readonly words: DataView;
}

export function byteView<B extends Uint8Array>(bytes: B): ByteView<B> {
  return { bytes, words: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** @returns where it ends. */
export function copyBytes(bytes: Uint8Array, from: number, to: number, out: Uint8Array, start: number): number {
  let at = start;
  for (let i = from; i < to; i++) out[at++] = bytes[i]!;
  return at;
}

/** Up to this, a loop is faster than the runtime. */
export const SHORT_TEXT_LENGTH = 64;

/** Short text as a JSON string. @returns where it ends; -1: it is longer, or holds what is not written by this. */
export function quoteAscii(text: string, out: Uint8Array, start: number): number {
  if (text.length > SHORT_TEXT_LENGTH) return -1;
  let at = start;
  out[at++] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit >= 0x80) return -1;
    if (unit === QUOTE || unit === BACKSLASH) out[at++] = BACKSLASH;
    out[at++] = unit;
  }
  out[at++] = QUOTE;
  return at;
}

/** UTF-8 as a JSON string. @returns where it ends; -1 when it is not valid UTF-8, and what was written is of no use. */
export function quoteUtf8(source: ByteView, from: number, to: number, target: ByteView, start: number): number {
  const { bytes, words } = source;
  const out = target.bytes;
  let at = start;
  out[at++] = QUOTE;
  for (let i = from; i < to; i++) {
    for (; i + WORD_BYTES <= to; i += WORD_BYTES, at += WORD_BYTES) {
      const word = words.getInt32(i);
      if (!isPlainWord(word)) break;
      target.words.setInt32(at, word);
    }
    if (i === to) break;
    const byte = bytes[i]!;
    const kind = CLASSES[byte]!;
    if (kind === PLAIN) out[at++] = byte;
    else if (kind === NOT_ASCII) {
      const length = sequenceLength(bytes, i, to);
      if (length === 0) return -1;
      at = length === 4 ? escapePair(bytes, i, out, at) : copyBytes(bytes, i, i + length, out, at);
      i += length - 1;
    } else if (kind === CONTROL) at = escapeUnit(byte, out, at);
    else {
      out[at++] = BACKSLASH;
      out[at++] = kind;
    }
  }
  out[at++] = QUOTE;
  return at;
}

/**
 * Four bytes that are written as they are. Each test sets the highest bit of a byte that fails, perhaps also of the one above
 * it, and of no other: from 0x80 on, below a blank, a quote, a backslash.
 */
function isPlainWord(word: number): boolean {
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((word | (word - 0x20202020) | quotes | backslashes) & 0x80808080) === 0;
}

/** Of the character of two to four bytes at `i`; 0 when it is not valid (RFC 3629). */
function sequenceLength(bytes: Uint8Array, i: number, to: number): number {
  const lead = bytes[i]!;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || i + length > to) return 0;
  const second = bytes[i + 1]!;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let j = i + 2; j < i + length; j++) if ((bytes[j]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** Each half of the surrogate pair becomes its own \uXXXX, as Jackson does. */
function escapePair(bytes: Uint8Array, i: number, out: Uint8Array, at: number): number {
  const point =
    ((bytes[i]! & 7) << 18) | ((bytes[i + 1]! & 63) << 12) | ((bytes[i + 2]! & 63) << 6) | (bytes[i + 3]! & 63);
  const offset = point - 0x10000;
  return escapeUnit(0xdc00 | (offset & 0x3ff), out, escapeUnit(0xd800 | (offset >>> 10), out, at));
}

function escapeUnit(unit: number, out: Uint8Array, at: number): number {
  out[at] = BACKSLASH;
  out[at + 1] = LOWER_U;
  out[at + 2] = HEX[unit >>> 12]!;
  out[at + 3] = HEX[(unit >>> 8) & 15]!;
  out[at + 4] = HEX[(unit >>> 4) & 15]!;
  out[at + 5] = HEX[unit & 15]!;
  return at + 6;
}

/** A safe integer's digits. @returns where they end. */
export function writeInteger(value: number, out: Uint8Array, start: number): number {
  let at = start;
  if (value < 0) out[at++] = MINUS;
  const magnitude = Math.abs(value);
  if (magnitude < 1e9) return writeDigits(magnitude, digitCount(magnitude), out, at);
  const low = magnitude % 1e9;
  const high = (magnitude - low) / 1e9;
  return writeDigits(low, 9, out, writeDigits(high, digitCount(high), out, at));
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}

function writeDigits(value: number, count: number, out: Uint8Array, at: number): number {
  let rest = value | 0;
  for (let i = at + count - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    out[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + count;
}
