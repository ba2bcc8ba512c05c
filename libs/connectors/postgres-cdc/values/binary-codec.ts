// Pure: bytea in each binary.handling.mode.
import { SchemaBuilder } from "@millrace/connect";
import type { ValueSettings } from "../config/settings.ts";
import type { RowBytes, ValueReader } from "./row-bytes.ts";
import { plainCodec, type ValueCodec } from "./value-codec.ts";

export type BytesReader = (row: RowBytes, from: number, to: number) => Uint8Array;

/** Of types without another form: the text itself is what there is. */
export const readTextBytes: BytesReader = ({ bytes }, from, to) => Buffer.from(bytes.subarray(from, to));

export function binaryCodec({ binaries, placeholder }: ValueSettings, bytesOf: BytesReader): ValueCodec {
  if (binaries === "bytes") {
    return plainCodec({
      builder: SchemaBuilder.bytes,
      read: bytesOf,
      fallback: new Uint8Array(0),
      placeholder: placeholder.bytes,
    });
  }
  const encoding = binaries === "base64-url-safe" ? "base64url" : binaries;
  const read: ValueReader = (row, from, to) => encoded(bytesOf(row, from, to), encoding);
  return plainCodec({
    builder: SchemaBuilder.string,
    read,
    fallback: "",
    placeholder: placeholder.text,
  });
}

/** Java's URL-safe encoder writes the padding that Node leaves out. */
function encoded(bytes: Uint8Array, encoding: "base64" | "base64url" | "hex"): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  return encoding === "base64url" ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text;
}
