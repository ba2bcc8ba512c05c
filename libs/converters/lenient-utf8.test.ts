import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonConverter } from "./json-converter.ts";
import { lenientUtf8 } from "./lenient-utf8.ts";

test("valid UTF-8 reads as ever", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(lenientUtf8(Buffer.from(text, "utf8")), Buffer.from(text, "utf8").toString("utf8"));
    }),
  );
});

test("bytes behind the value do not matter, those inside do", () => {
  assert.equal(read(Uint8Array.of(0x22, 0x61, 0x22, 0xff)), "a");
  assert.throws(() => read(Uint8Array.of(0x22, 0x61, 0xff, 0x22)));
  assert.throws(() => read(Uint8Array.of(0x31, 0xff)));
  assert.throws(() => read(Uint8Array.of(0xff)));
});

test("overlong forms pass and halves of surrogate pairs do not, as in Jackson", () => {
  assert.equal(read(Uint8Array.of(0x22, 0xc1, 0xa1, 0x22)), "a");
  assert.throws(() => read(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)));
});

function read(bytes: Uint8Array): unknown {
  const converter = new JsonConverter();
  converter.configure({ "schemas.enable": "false" }, false);
  return converter.toConnectData("t", bytes).value;
}
