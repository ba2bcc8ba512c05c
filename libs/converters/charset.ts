// Pure: the text encodings StringConverter knows, under their Java names.
import { SerializationError } from "@millrace/connect";
import { decodeUtf8, encodable } from "./java-utf8.ts";

export interface Charset {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

const REPLACEMENT = 0x3f;
const UNREADABLE = "\ufffd";
const SURROGATE = /[\ud800-\udfff]/;
const UTF_16: Charset = { encode: (text) => utf16be(text === "" ? "" : `\ufeff${text}`), decode: decodeUtf16 };
const UTF_16BE: Charset = { encode: utf16be, decode: decodeUtf16be };
const UTF_16LE: Charset = { encode: utf16le, decode: (bytes) => decodeUtf16le(bytes) };
const UTF_8: Charset = { encode: (text) => Buffer.from(encodable(text), "utf8"), decode: decodeUtf8 };
const LATIN_1: Charset = {
  encode: (text) => singleBytes(text, (code) => (code < 0x100 ? code : REPLACEMENT)),
  decode: (bytes) => view(bytes).toString("latin1"),
};
const ASCII: Charset = {
  encode: (text) => singleBytes(text, (code) => (code < 0x80 ? code : REPLACEMENT)),
  decode: (bytes) => Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd")).join(""),
};
const WINDOWS_1252: Charset = {
  encode: (text) => singleBytes(text, (code) => WINDOWS_1252_BYTES.get(code) ?? REPLACEMENT),
  decode: (bytes) => Array.from(bytes, (byte) => WINDOWS_1252_CHARS[byte]).join(""),
};

const CHARSETS: Readonly<Record<string, Charset>> = {
  "UTF-8": UTF_8,
  UTF8: UTF_8,
  "UTF-16": UTF_16,
  UTF16: UTF_16,
  "UTF-16BE": UTF_16BE,
  "UTF-16LE": UTF_16LE,
  "ISO-8859-1": LATIN_1,
  ISO8859_1: LATIN_1,
  LATIN1: LATIN_1,
  "US-ASCII": ASCII,
  ASCII,
  "WINDOWS-1252": WINDOWS_1252,
  CP1252: WINDOWS_1252,
};

/** Case does not matter. @throws SerializationError for an encoding not listed here. */
export function charsetFor(name: string): Charset {
  const charset = CHARSETS[name.toUpperCase()];
  if (charset === undefined) throw new SerializationError(`Unsupported encoding ${name}`);
  return charset;
}

/** Is this the encoding Kafka uses by itself? */
export function isUtf8Name(name: string): boolean {
  return charsetFor(name) === UTF_8;
}

/** Bytes 0x80 to 0x9f; the rest is Latin-1. Written out: some TextDecoders take the label for Latin-1. */
const WINDOWS_1252_UPPER =
  "\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd" +
  "\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178";
const WINDOWS_1252_CHARS = Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252_UPPER[byte - 0x80]! : String.fromCharCode(byte);
});
const WINDOWS_1252_BYTES = new Map(
  WINDOWS_1252_CHARS.map((char, byte) => [char.charCodeAt(0), char === "\ufffd" ? REPLACEMENT : byte]),
);

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A character beyond the BMP is one replacement, as in Java. */
function singleBytes(text: string, byteOf: (code: number) => number): Uint8Array {
  return Uint8Array.from([...text], (char) => byteOf(char.codePointAt(0)!));
}

function utf16be(text: string): Uint8Array {
  return utf16le(text).swap16();
}

function utf16le(text: string): Buffer {
  return Buffer.from(SURROGATE.test(text) ? text.replace(/\p{Surrogate}/gu, UNREADABLE) : text, "utf16le");
}

function decodeUtf16be(bytes: Uint8Array): string {
  return decodeUtf16le(Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16(), bytes.length % 2 === 1);
}

/** @param cut is there another byte behind these, half of a character? */
function decodeUtf16le(bytes: Uint8Array, cut = bytes.length % 2 === 1): string {
  const text = view(bytes).toString("utf16le");
  const [valid, open] = SURROGATE.test(text) ? replaceHalves(text) : [text, false];
  return cut && !open ? valid + UNREADABLE : valid;
}

/**
 * Java reads half of a surrogate pair as one U+FFFD; a first half takes along what follows it, whatever that is.
 * @returns the text, and whether its last half still takes something along.
 */
function replaceHalves(text: string): [string, boolean] {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    const half = code >= 0xd800 && code <= 0xdfff;
    result += half ? UNREADABLE : String.fromCodePoint(code);
    if (code > 0xffff || (half && code <= 0xdbff)) i++;
    if (i === text.length) return [result, true];
  }
  return [result, false];
}

/** Big-endian unless a byte order mark, which is dropped, says otherwise. */
function decodeUtf16(bytes: Uint8Array): string {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  const big = bytes[0] === 0xfe && bytes[1] === 0xff;
  const rest = little || big ? bytes.subarray(2) : bytes;
  return little ? UTF_16LE.decode(rest) : UTF_16BE.decode(rest);
}
