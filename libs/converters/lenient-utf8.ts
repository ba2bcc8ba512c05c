// Pure: bytes that are not quite UTF-8, as Jackson reads them: up to where it has to give up, and no stricter than it.

/** No JSON goes on with a letter after a value or inside a string that then ends. */
const UNREADABLE = "x";
const CHUNK_UNITS = 4096;

/**
 * Overlong forms pass, halves of surrogate pairs do not. Bytes behind the JSON value never matter, so what cannot be read is
 * no error here: the text ends there, with a letter that any parser stumbles over that gets so far.
 */
export function lenientUtf8(bytes: Uint8Array): string {
  let text = "";
  let units: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes[i]!);
    const code = length === 0 ? null : decode(bytes, i, length);
    if (code === null) return text + String.fromCharCode(...units) + UNREADABLE;
    if (length < 4) units.push(code);
    else units.push(0xd800 | ((code - 0x10000) >> 10), 0xdc00 | ((code - 0x10000) & 0x3ff));
    i += length;
    if (units.length >= CHUNK_UNITS) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** 0 where no sequence begins. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  return (first & 0xf8) === 0xf0 ? 4 : 0;
}

/** Null when one of the bytes that have to follow does not, and for half a surrogate pair. */
function decode(bytes: Uint8Array, start: number, length: number): number | null {
  let code = length === 1 ? bytes[start]! : bytes[start]! & (0xff >> (length + 1));
  for (let i = start + 1; i < start + length; i++) {
    const byte = bytes[i];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return null;
    code = (code << 6) | (byte & 0x3f);
  }
  return length === 3 && code >= 0xd800 && code <= 0xdfff ? null : code;
}
