import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type JavaMatch, JavaPattern } from "./java-pattern.ts";

interface Thrown {
  readonly class: string;
  readonly message: string;
}

interface Vector {
  readonly pattern: string;
  readonly text: string;
  readonly replacement: string;
  readonly error?: string;
  readonly match: readonly (string | null)[] | null;
  readonly finds: readonly (readonly (string | null)[])[];
  readonly replaceFirst: string | Thrown;
  readonly replaceAll: string | Thrown;
}

const vectors = JSON.parse(readFileSync(new URL("./java-pattern.vectors.json", import.meta.url), "utf8"));

test("JavaPattern answers as java.util.regex did when it was recorded", () => {
  for (const vector of vectors.cases as readonly Vector[]) {
    const { pattern, text, replacement, error, match, finds } = vector;
    if (error !== undefined) {
      assert.throws(() => new JavaPattern(pattern), { message: error }, pattern);
      continue;
    }
    const compiled = new JavaPattern(pattern);
    const whole = compiled.match(text);
    const found = [...compiled.findAll(text)].map((each) => [`${each.start}-${each.end}`, ...groupsOf(compiled, each)]);
    assert.deepEqual(whole === null ? null : groupsOf(compiled, whole), match, `${pattern} matching ${text}`);
    assert.deepEqual(found, finds, `${pattern} found in ${text}`);
    assertReplaces(() => compiled.replaceFirst(text, replacement), vector.replaceFirst, pattern);
    assertReplaces(() => compiled.replaceAll(text, replacement), vector.replaceAll, pattern);
  }
});

function groupsOf(pattern: JavaPattern, match: JavaMatch): (string | null)[] {
  return Array.from({ length: pattern.groupCount }, (_, i) => match.group(i + 1));
}

function assertReplaces(replace: () => string, expected: string | Thrown, pattern: string): void {
  if (typeof expected === "string") assert.equal(replace(), expected, pattern);
  else assert.throws(replace, { javaClass: expected.class, message: expected.message }, pattern);
}

test("JavaPattern gives a quoted text no meaning", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const pattern = new JavaPattern(`\\Q${text.replaceAll("\\E", "")}\\E`);
      assert.equal(pattern.matches(other), text.replaceAll("\\E", "") === other);
      assert.ok(pattern.matches(text.replaceAll("\\E", "")));
    }),
  );
});

test("JavaPattern agrees with JavaScript where both mean the same", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\d", "(a)", "(b|ab)", "(?:a|b)", "(?=a)", "(?!b)");
  const piece = fc
    .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "*?", "{2}", "{1,2}"))
    .map((parts) => parts.join(""));
  const text = fc.array(fc.constantFrom("a", "b", "1", "c"), { maxLength: 8 }).map((chars) => chars.join(""));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), text, (pieces, given) => {
      const pattern = pieces.join("");
      assert.equal(new JavaPattern(pattern).matches(given), new RegExp(`^(?:${pattern})$`).test(given), pattern);
    }),
    { numRuns: 500 },
  );
});

test("JavaPattern refuses what it cannot translate", () => {
  assert.throws(() => new JavaPattern("\\N{LATIN SMALL LETTER A}"), {
    message: /is not supported: give the character/,
  });
  assert.throws(() => new JavaPattern("(?c)a"), { message: /canonical equivalence, is not supported/ });
});

test("JavaPattern does not take exponential time for nested repetitions", () => {
  const longText = `${"a".repeat(500)}c`;
  for (const pattern of ["(a|aa)+$", "(a*)*$", "(?:a+b?)*$"]) assert.ok(!new JavaPattern(pattern).matches(longText));
});

test("JavaPattern finds characters by block, script and category", () => {
  assert.ok(new JavaPattern("\\p{InGreek}\\p{IsGreek}\\p{InGREEK AND COPTIC}\\p{Ll}").matches("αβγδ"));
  assert.ok(!new JavaPattern("\\p{InCyrillic}").matches("α"));
});
