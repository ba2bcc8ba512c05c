// Pure: UTF-8 as Java has it, which differs from JavaScript's where text or bytes are not valid.

const LONE_SURROGATE = /\p{Surrogate}/gu;
/** A surrogate half in three bytes; the last may be missing. */
const ENCODED_SURROGATE = /\xed[\xa0-\xbf][\x80-\xbf]?/g;
const REPLACEMENT = "\ufffd";
const isWellFormed = (String.prototype as unknown as { isWellFormed(this: string): boolean }).isWellFormed;

/** The text with every half of a surrogate pair that stands alone as `?`: what Java writes for it. */
export function encodable(text: string): string {
  return isWellFormed.call(text) ? text : text.replace(LONE_SURROGATE, "?");
}

/** Invalid bytes become U+FFFD, those of one surrogate half a single one. */
export function decodeUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  if (!text.includes(REPLACEMENT)) return text;
  return Buffer.from(buffer.toString("latin1").replace(ENCODED_SURROGATE, "\xff"), "latin1").toString("utf8");
}
