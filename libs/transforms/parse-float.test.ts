import assert from "node:assert/strict";
import { test } from "node:test";
import { doubleText, floatText } from "@millrace/connect";
import fc from "fast-check";
import { parseFloat32, parseFloat64 } from "./parse-float.ts";

test("what Java prints reads back", () => {
  fc.assert(fc.property(fc.double(), (value) => Object.is(parseFloat64(doubleText(value)), value)));
  fc.assert(fc.property(fc.float(), (value) => Object.is(parseFloat32(floatText(value)), value)));
});

test("signs, a lone point, exponents, suffixes and control characters around are taken", () => {
  const texts = ["+5", ".5", "5.", "-1e3", "1E-2f", "2d", "\u0000\t 7 \n", "-0", "+NaN", " -Infinity"];
  assert.deepEqual(texts.map(parseFloat64), [5, 0.5, 5, -1000, 0.01, 2, 7, -0, Number.NaN, Number.NEGATIVE_INFINITY]);
});

test("anything else is no number", () => {
  const texts = [
    "",
    " ",
    ".",
    "+",
    "e5",
    "1e",
    "1e+",
    "nan",
    "inf",
    "NaNf",
    "0x10",
    "0xp1",
    "1_0",
    "1,5",
    "٣",
    "\u00a05",
  ];
  for (const text of texts) assert.equal(parseFloat64(text), null, text);
});

test("hexadecimal numbers are rounded once, ties to even, down to the smallest and up to infinity", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["0x1p3", 8],
    ["-0X.8P1d", -1],
    ["0x1.00000000000008p0", 1],
    ["0x1.00000000000008000001p0", 1 + 2 ** -52],
    ["0x1.00000000000018p0", 1 + 2 ** -51],
    ["0x0.8p-1074", 0],
    ["0x1.8p-1075", 2 ** -1074],
    ["0x1p1024", Number.POSITIVE_INFINITY],
    ["0x1.fffffffffffff8p1023", Number.POSITIVE_INFINITY],
    ["0x1p-99999999999", 0],
    ["0x0p99999999999", 0],
  ];
  for (const [text, value] of cases) assert.equal(parseFloat64(text), value, text);
  assert.equal(parseFloat32("0x1.0000010000000000000001p0"), 1 + 2 ** -23);
  assert.equal(parseFloat32("0x1.000001p0"), 1);
  assert.equal(parseFloat32("0x1.ffffffp127"), Number.POSITIVE_INFINITY);
});

test("a float32 is not rounded twice", () => {
  const tie = "1.00000005960464477539062500000000000000000000000000";
  assert.equal(parseFloat32(tie), 1);
  assert.equal(parseFloat32(`${tie}1`), 1 + 2 ** -23);
  assert.equal(parseFloat32("3.40282356779733661637539395458142568447e38"), 3.4028234663852886e38);
  assert.equal(parseFloat32("3.40282356779733661637539395458142568448e38"), Number.POSITIVE_INFINITY);
  assert.equal(parseFloat32("1e400"), Number.POSITIVE_INFINITY);
});
