import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import { packHeaders } from "./pack-headers.ts";

test("packHeaders gives each name and value behind its length, in the machine's order", () => {
  const packed = packHeaders([
    { key: "é", value: Uint8Array.of(7) },
    { key: "n", value: null },
    { key: "", value: new Uint8Array(0) },
  ]);
  const four = (length: number) => {
    const bytes = Buffer.alloc(4);
    if (endianness() === "LE") bytes.writeInt32LE(length);
    else bytes.writeInt32BE(length);
    return [...bytes];
  };
  assert.deepEqual([...packed], [four(2), 0xc3, 0xa9, four(1), 7, four(1), 0x6e, four(-1), four(0), four(0)].flat());
  assert.equal(packHeaders([]).length, 0);
});
