// Pure: the headers of a record as `record-producer.cc` takes them.
import type { RecordHeader } from "../client.ts";

/** In the machine's order, as a struct of C has it. */
const LITTLE = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** Names and values in turns: each its length in four bytes, -1 for null, and its bytes. */
export function packHeaders(headers: readonly RecordHeader[]): Uint8Array {
  const parts = headers.flatMap(({ key, value }) => [...part(Buffer.from(key, "utf8")), ...part(value)]);
  return Buffer.concat(parts);
}

function part(bytes: Uint8Array | null): Uint8Array[] {
  const length = Buffer.alloc(4);
  if (LITTLE) length.writeInt32LE(bytes?.length ?? -1);
  else length.writeInt32BE(bytes?.length ?? -1);
  return bytes === null ? [length] : [length, bytes];
}
