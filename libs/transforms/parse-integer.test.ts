import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseInteger } from "./parse-integer.ts";

test("every int64 reads back, as a bigint only beyond the safe integers", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(3), (value, zeros) => {
      const text = `${value < 0n ? "-" : "+"}${"0".repeat(zeros)}${value < 0n ? -value : value}`;
      const parsed = parseInteger(text, 64);
      assert.equal(BigInt(parsed!), value);
      assert.equal(typeof parsed, Number.isSafeInteger(Number(value)) ? "number" : "bigint");
    }),
  );
});

test("the bits are a limit, both ways", () => {
  assert.deepEqual(
    ["127", "-128", "128", "-129"].map((text) => parseInteger(text, 8)),
    [127, -128, null, null],
  );
  assert.deepEqual([parseInteger("2147483647", 32), parseInteger("2147483648", 32)], [2147483647, null]);
  assert.deepEqual(
    [parseInteger("-9223372036854775808", 64), parseInteger("9223372036854775808", 64)],
    [-(2n ** 63n), null],
  );
  assert.equal(parseInteger("9".repeat(100_000), 64), null);
});

test("digits of any script count, those of two UTF-16 units do not", () => {
  assert.equal(parseInteger("-٣۵１", 32), -351);
  assert.equal(parseInteger("𝟘", 32), null);
});

test("there is no -0", () => {
  assert.ok(Object.is(parseInteger("-0", 8), 0));
});

test("anything else is no integer", () => {
  for (const text of ["", "+", "-", " 5", "5 ", "5.0", "1e3", "0x10", "1_000", "+-5", "٣x"]) {
    assert.equal(parseInteger(text, 64), null, text);
  }
});
