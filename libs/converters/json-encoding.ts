// Pure: which Unicode encoding JSON bytes are in, found as Jackson finds it: by byte order mark, else by zero bytes.
import { isAscii, isUtf8 } from "node:buffer";
import { lenientUtf8 } from "./lenient-utf8.ts";

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";

/** Null when the bytes are not valid in their encoding; UTF-8 is never refused as such (see lenientUtf8). */
export function jsonText(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { encoding, start } = detect(buffer);
  if (encoding === "utf-8") return utf8Text(buffer, start);
  if (encoding === "utf-32le" || encoding === "utf-32be") return utf32(buffer.subarray(start), encoding);
  return decodeUtf16(buffer.subarray(start), encoding);
}

/** From `start` on. UTF-8 is never refused (see lenientUtf8). */
export function utf8Text(bytes: Buffer, start: number): string {
  if (isAscii(bytes)) return bytes.toString("latin1", start);
  return isUtf8(bytes) ? bytes.toString("utf8", start) : lenientUtf8(bytes.subarray(start));
}

function detect(bytes: Buffer): { readonly encoding: Encoding; readonly start: number } {
  if (bytes.length >= 4) {
    const first = bytes.readUInt32BE(0);
    if (first === 0x0000feff) return { encoding: "utf-32be", start: 4 };
    if (first === 0xfffe0000) return { encoding: "utf-32le", start: 4 };
    if (first >>> 16 === 0xfeff) return { encoding: "utf-16be", start: 2 };
    if (first >>> 16 === 0xfffe) return { encoding: "utf-16le", start: 2 };
    if (first >>> 8 === 0xefbbbf) return { encoding: "utf-8", start: 3 };
    if (first >>> 8 === 0) return { encoding: "utf-32be", start: 0 };
    if ((first & 0xffffff) === 0) return { encoding: "utf-32le", start: 0 };
  }
  if (bytes.length >= 2) {
    if (bytes[0] === 0) return { encoding: "utf-16be", start: 0 };
    if (bytes[1] === 0) return { encoding: "utf-16le", start: 0 };
  }
  return { encoding: "utf-8", start: 0 };
}

function decodeUtf16(bytes: Buffer, encoding: "utf-16le" | "utf-16be"): string | null {
  if (bytes.length % 2 !== 0) return null;
  return (encoding === "utf-16be" ? Buffer.from(bytes).swap16() : bytes).toString("utf16le");
}

function utf32(bytes: Buffer, encoding: "utf-32le" | "utf-32be"): string | null {
  if (bytes.length % 4 !== 0) return null;
  let text = "";
  for (let i = 0; i < bytes.length; i += 4) {
    const code = encoding === "utf-32be" ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i);
    if (code > 0x10ffff) return null;
    text += String.fromCodePoint(code);
  }
  return text;
}
