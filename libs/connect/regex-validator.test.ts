import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidRegex } from "./regex-validator.ts";

const wrong: [pattern: string, problem: string][] = [
  ["(", "Unclosed group near index 1\n("],
  ["a(b", "Unclosed group near index 3\na(b"],
  ["[", "Unclosed character class near index 0\n[\n^"],
  ["ab[c", "Unclosed character class near index 3\nab[c\n   ^"],
  ["*a", "Dangling meta character '*' near index 0\n*a\n^"],
  ["a)", "Unmatched closing ')' near index 0\na)\n^"],
  [")", "Unmatched closing ')'\n)"],
  ["\\", "Unescaped trailing backslash near index 1\n\\"],
];

for (const [pattern, problem] of wrong) {
  test(`ValidRegex tells what is wrong with ${pattern} as Java does`, () => {
    const message = `Invalid value ${pattern} for configuration r: Invalid regex: ${problem}`;
    assert.throws(() => ValidRegex.ensureValid("r", pattern), { message });
  });
}

for (const pattern of [
  "",
  "a.*",
  "(a|b)[c]",
  "(?i)abc",
  "(?i:a)b",
  "a*+b",
  "\\Q(\\E",
  "(?>a)",
  "(?<n>a)",
  "\\p{Alpha}",
  "a\\+",
]) {
  test(`ValidRegex lets ${pattern === "" ? "nothing at all" : pattern} pass`, () => {
    ValidRegex.ensureValid("r", pattern);
  });
}
