// Pure: bytea in each binary.handling.mode.
import { SchemaBuilder } from "@millrace/connect";
import type { ValueSettings } from "../config/settings.ts";
import { type RowBytes, readBytes, type ValueReader } from "./row-bytes.ts";
import { plainCodec, type ValueCodec } from "./value-codec.ts";

/** `hex`: the server sends `\x…`; else the text itself is what there is. */
export function binaryCodec({ binaries, placeholder }: ValueSettings, hex: boolean): ValueCodec {
  const bytesOf: (row: RowBytes, from: number, to: number) => Uint8Array = hex
    ? readBytes
    : ({ bytes }, from, to) => Buffer.from(bytes.subarray(from, to));
  const marker = Buffer.from(placeholder);
  if (binaries === "bytes") {
    return plainCodec({
      builder: SchemaBuilder.bytes,
      read: bytesOf,
      fallback: new Uint8Array(0),
      placeholder: marker,
    });
  }
  const encoding = binaries === "base64-url-safe" ? "base64url" : binaries;
  const read: ValueReader = (row, from, to) => encoded(bytesOf(row, from, to), encoding);
  return plainCodec({
    builder: SchemaBuilder.string,
    read,
    fallback: "",
    placeholder: encoded(marker, encoding),
  });
}

/** Java's URL-safe encoder writes the padding that Node leaves out. */
function encoded(bytes: Uint8Array, encoding: "base64" | "base64url" | "hex"): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  return encoding === "base64url" ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text;
}
