import assert from "node:assert/strict";
import { test } from "node:test";
import { JavaPattern } from "@millrace/java-text";
import fc from "fast-check";
import { isPlainPattern } from "./plain-pattern.ts";

test("isPlainPattern takes what people write", () => {
  const plain = [
    "orders",
    "orders.*",
    "orders-.*-v\\d+",
    "db\\.public\\.(users|orders)",
    "(?:a|b)+",
    "[a-z0-9_.-]+",
    "[A-Z][a-z]{2,5}\\.x{3}",
    "a?b*c+",
    "((a|b)c)*d",
  ];
  for (const pattern of plain) assert.ok(isPlainPattern(pattern), pattern);
});

test("isPlainPattern leaves alone what dialects disagree about", () => {
  const special = [
    "",
    "(?i)orders",
    "(?!x).*",
    "a*?",
    "a++",
    "a**",
    "^a",
    "a$",
    "\\Qa.b\\E",
    "(a)\\1",
    "[^a]",
    "[a&&b]",
    "[\\w-]",
    "[a-]b]",
    "\\p{Alpha}",
    "a|",
    "|a",
    "(a|)",
    "()",
    "(a",
    "a)",
    "(?<name>a)",
    "*a",
    "(*a)",
    "ä",
    "\\s",
    "a{,2}",
    "[]",
  ];
  for (const pattern of special) assert.ok(!isPlainPattern(pattern), pattern);
});

test("isPlainPattern: JavaScript and Java agree on every pattern it takes", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "\\.",
    "[ab.]",
    "[a-c-]",
    "\\d",
    "\\w",
    "(",
    "(?:",
    ")",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "-",
    "1",
  );
  const name = fc.string({ unit: fc.constantFrom("a", "b", "c", ".", "-", "1", "_"), maxLength: 8 });
  let taken = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(name, { minLength: 3, maxLength: 10 }), (pieces, names) => {
      const pattern = pieces.join("");
      if (!isPlainPattern(pattern)) return;
      taken++;
      const java = new JavaPattern(pattern);
      const js = new RegExp(`^(?:${pattern})$`);
      for (const each of names) assert.equal(js.test(each), java.matches(each), `${pattern} of ${each}`);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(taken > 100, `${taken} were tried`);
});
