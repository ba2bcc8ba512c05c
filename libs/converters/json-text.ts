// Pure: JSON text of single values, byte for byte as Jackson writes it.
import { doubleText, floatText } from "@millrace/connect";

/** What Jackson escapes. Surrogates too: each half becomes its own \uXXXX, so no invalid UTF-8 can arise. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ESCAPED_AS_JACKSON_DOES = /[\u0000-\u001f\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const EACH_ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

export function quoted(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`;
  // JSON.stringify is faster, and differs only in these.
  return ESCAPED_AS_JACKSON_DOES.test(text) ? `"${text.replace(EACH_ESCAPED, escaped)}"` : JSON.stringify(text);
}

function escaped(unit: string): string {
  return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** NaN and the infinities come as text. */
export function doubleJson(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : `"${value}"`;
}

export function floatJson(value: number): string {
  const float = Math.fround(value);
  return Number.isFinite(float) ? floatText(float) : `"${float}"`;
}

export function base64Json(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}"`;
}
