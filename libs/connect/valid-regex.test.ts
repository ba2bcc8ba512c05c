import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidRegex } from "./valid-regex.ts";

const wrong: [pattern: string, problem: string][] = [
  ["a(b", "Unclosed group near index 3\na(b"],
  ["ab[c", "Unclosed character class near index 3\nab[c\n   ^"],
  ["*a", "Dangling meta character '*' near index 0\n*a\n^"],
  ["a)", "Unmatched closing ')' near index 0\na)\n^"],
  ["(?<n>a)(?<n>b)", "Named capturing group <n> is already defined near index 11\n(?<n>a)(?<n>b)\n           ^"],
];

for (const [pattern, problem] of wrong) {
  test(`ValidRegex tells what is wrong with ${pattern} as Java does`, () => {
    const message = `Invalid value ${pattern} for configuration r: Invalid regex: ${problem}`;
    assert.throws(() => ValidRegex.ensureValid("r", pattern), { message });
  });
}

for (const pattern of ["", "a.*", "(?i)abc", "a*+b", "\\Q(\\E", "(?>a)", "\\p{Alpha}", "[a-z&&[^b]]"]) {
  test(`ValidRegex lets ${pattern === "" ? "nothing at all" : pattern} pass`, () => {
    ValidRegex.ensureValid("r", pattern);
  });
}

test("ValidRegex refuses null", () => {
  assert.throws(() => ValidRegex.ensureValid("r", null), {
    message: "Invalid value null for configuration r: Invalid regex: null",
  });
});
