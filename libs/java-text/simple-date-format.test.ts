import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { SimpleDateFormat } from "./simple-date-format.ts";

interface Vector {
  readonly pattern: string;
  readonly ms?: string;
  readonly text?: string;
  readonly given?: string;
  readonly parsed?: string;
  readonly formatted?: string;
  readonly error?: string;
}

const vectors = JSON.parse(readFileSync(new URL("./simple-date-format.vectors.json", import.meta.url), "utf8"));
const { nowMs, cases } = vectors as { readonly nowMs: number; readonly cases: readonly Vector[] };
const open = (pattern: string): SimpleDateFormat => new SimpleDateFormat(pattern, { nowMs });

test("SimpleDateFormat formats as Java did when it was recorded", () => {
  const formatted = cases.filter(({ text }) => text !== undefined);
  assert.ok(formatted.length > 80);
  for (const { pattern, ms, text } of formatted)
    assert.equal(open(pattern).format(toMs(ms!)), text, `${pattern} ${ms}`);
});

test("SimpleDateFormat parses as Java did when it was recorded", () => {
  const parsed = cases.filter(({ given }) => given !== undefined);
  assert.ok(parsed.length > 80);
  for (const { pattern, given, parsed: ms, formatted, error } of parsed) {
    const format = open(pattern);
    if (error !== undefined) {
      assert.throws(() => format.parse(given!), { message: error, javaClass: "java.text.ParseException" });
      continue;
    }
    const result = format.parse(given!);
    assert.equal(result, toMs(ms!), `${given} by ${pattern}`);
    assert.equal(format.format(result), formatted, `${given} by ${pattern} and back`);
  }
});

test("SimpleDateFormat refuses the patterns that Java refused", () => {
  const patterns = cases.filter(({ ms, given }) => ms === undefined && given === undefined);
  assert.ok(patterns.length > 5);
  for (const { pattern, error } of patterns) {
    if (error === undefined) open(pattern);
    else assert.throws(() => open(pattern), { message: error, javaClass: "java.lang.IllegalArgumentException" });
  }
});

function toMs(text: string): number | bigint {
  const ms = Number(text);
  return Number.isSafeInteger(ms) ? ms : BigInt(text);
}

test("SimpleDateFormat reads back what it wrote", () => {
  const patterns = [
    "G yyyy-MM-dd HH:mm:ss.SSS",
    "G yyyyMMddHHmmssSSS",
    "G yyyy D K:m:s.S a",
    "EEE, d MMM yyyy G H:m:s,SSS Z",
  ];
  const ms = fc.integer({ min: -3e14, max: 2.5e14 });
  fc.assert(
    fc.property(fc.constantFrom(...patterns), ms, (pattern, epochMs) => {
      const format = open(pattern);
      assert.equal(format.parse(format.format(epochMs)), epochMs);
    }),
  );
});

test("SimpleDateFormat takes two digit years for those from 80 years before to 20 years after now", () => {
  const format = new SimpleDateFormat("yy", { nowMs: Date.UTC(2020, 5, 15) });
  const yearOf = (text: string): number => new Date(Number(format.parse(text))).getUTCFullYear();
  assert.deepEqual(["39", "40", "41", "99", "00"].map(yearOf), [2039, 2040, 1941, 1999, 2000]);
});

test("SimpleDateFormat keeps the zone a text has named", () => {
  const format = open("HH:mm z");
  assert.equal(format.format(0), "00:00 UTC");
  format.parse("10:00 PST");
  assert.equal(format.format(0), "16:00 PST");
});
