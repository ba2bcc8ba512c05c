// Pure: the headers of a record as `packed-records` takes and gives them.
import type { RecordHeader } from "../client.ts";

/** In the machine's order, as a struct of C has it. */
const LITTLE = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
const LENGTH_BYTES = 4;
const text = new TextDecoder();

/** Names and values in turns: each its length in four bytes, -1 for null, and its bytes. */
export function packHeaders(headers: readonly RecordHeader[]): Uint8Array {
  const parts = headers.flatMap(({ key, value }) => [...part(Buffer.from(key, "utf8")), ...part(value)]);
  return Buffer.concat(parts);
}

function part(bytes: Uint8Array | null): Uint8Array[] {
  const length = Buffer.alloc(LENGTH_BYTES);
  if (LITTLE) length.writeInt32LE(bytes?.length ?? -1);
  else length.writeInt32BE(bytes?.length ?? -1);
  return bytes === null ? [length] : [length, bytes];
}

/** Values are views of the packed bytes. */
export function unpackHeaders(packed: Uint8Array): RecordHeader[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const headers: RecordHeader[] = [];
  let at = 0;
  const next = (): Uint8Array | null => {
    const length = view.getInt32(at, LITTLE);
    at += LENGTH_BYTES;
    if (length < 0) return null;
    const start = at;
    at += length;
    return packed.subarray(start, at);
  };
  while (at < packed.length) headers.push({ key: text.decode(next()!), value: next() });
  return headers;
}
