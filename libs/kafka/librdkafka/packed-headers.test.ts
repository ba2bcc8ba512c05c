import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import { packHeaders, unpackHeaders } from "./packed-headers.ts";

test("packHeaders gives each name and value behind its length, in the machine's order", () => {
  const headers = [
    { key: "é", value: Uint8Array.of(7) },
    { key: "n", value: null },
    { key: "", value: new Uint8Array(0) },
  ];
  const packed = packHeaders(headers);
  const four = (length: number) => {
    const bytes = Buffer.alloc(4);
    if (endianness() === "LE") bytes.writeInt32LE(length);
    else bytes.writeInt32BE(length);
    return [...bytes];
  };
  assert.deepEqual([...packed], [four(2), 0xc3, 0xa9, four(1), 7, four(1), 0x6e, four(-1), four(0), four(0)].flat());
  assert.deepEqual(
    unpackHeaders(packed).map(({ key, value }) => ({ key, value: value && Uint8Array.from(value) })),
    headers,
  );
  assert.equal(packHeaders([]).length, 0);
  assert.deepEqual(unpackHeaders(new Uint8Array(0)), []);
});
