import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "@millrace/connect";
import fc from "fast-check";
import { base64Json } from "./json-text.ts";
import { isSmall, smallIntegerBase64Json, writeSmallIntegerBase64Json } from "./small-integer-base64.ts";

test("smallIntegerBase64Json equals Base64 of the bytes, for all of its range", () => {
  const edges = [7, 8, 15, 16, 23, 24, 31, 32, 39, 40, 47].flatMap((bits) => [2 ** bits - 1, -(2 ** bits)]);
  const check = (value: number): void => {
    const bytes = Decimal.fromLogical(Decimal.schema(0), new Decimal(value, 0));
    assert.equal(smallIntegerBase64Json(value), base64Json(bytes), String(value));
    const out = Buffer.alloc(12);
    assert.equal(out.toString("latin1", 1, writeSmallIntegerBase64Json(value, out, 1)), base64Json(bytes));
  };
  for (const edge of [0, ...edges]) check(edge);
  fc.assert(fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }), check));
});

test("isSmall is false beyond six bytes and for NaN", () => {
  assert.deepEqual([2 ** 47, -(2 ** 47) - 1, Number.NaN].map(isSmall), [false, false, false]);
});
