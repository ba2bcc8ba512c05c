// Pure: `[…]` and `\p{…}`.

import { posixTest, propertyTest, scriptTest, unicodePropertyTest } from "./character-properties.ts";
import { both, type CharacterTest, either, not, within } from "./character-test.ts";
import { readEscape } from "./escapes.ts";
import { Flag, type PatternSource } from "./pattern-source.ts";
import { foldCase, toLower, toUpper } from "./simple-case.ts";
import { blockTest } from "./unicode-blocks.ts";

const [AMPERSAND, MINUS, OPEN, BACKSLASH, CLOSE, CARET, OPEN_BRACE, CLOSE_BRACE] = [
  0x26, 0x2d, 0x5b, 0x5c, 0x5d, 0x5e, 0x7b, 0x7d,
] as const;
const [SMALL_P, CAPITAL_P] = [0x70, 0x50] as const;

/**
 * Characters below 256 that stand in a class by themselves, collected while it is read. What an intersection was built
 * from goes on collecting: in `[ab&&[b]&c]` the single & adds to both sides, as it does in Java.
 */
class Latin {
  readonly #members = new Uint8Array(256);
  readonly test: CharacterTest = (char) => char < 256 && this.#members[char] === 1;
  /** Some member is not yet part of the class. */
  pending = false;

  add(char: number, source: PatternSource): void {
    this.pending = true;
    this.#members[char] = 1;
    if (!source.has(Flag.CASE_INSENSITIVE)) return;
    if (char >= 0x80 && !source.has(Flag.UNICODE_CASE)) return;
    this.#members[toLower(char)] = 1;
    this.#members[toUpper(char)] = 1;
  }
}

/** Takes a class; the cursor is at its `[`, or before the first item of a right side of `&&`, which has no brackets. */
export function readClass(source: PatternSource, bracketed = true): CharacterTest {
  const latin = new Latin();
  let sum: CharacterTest | null = null;
  let latest: CharacterTest | null = null;
  let char = source.next();
  const negated = char === CARET && source.at(source.cursor - 1) === OPEN;
  if (negated) char = source.next();
  for (;;) {
    if (char === OPEN) {
      latest = readClass(source);
      sum = sum === null ? latest : either(sum, latest);
      char = source.peek();
      continue;
    }
    if (char === AMPERSAND && source.next() === AMPERSAND) {
      const right = readRightSide(source);
      if (latin.pending) {
        sum = sum === null ? latin.test : either(sum, latin.test);
        if (sum === latin.test) latest = sum;
        latin.pending = false;
      }
      latest = right ?? latest;
      if (sum === null && right === null) throw source.error("Bad class syntax");
      if (sum !== null && latest === null) throw source.error("Bad intersection syntax");
      sum = sum === null ? right! : both(sum, latest!);
      char = source.peek();
      continue;
    }
    if (char === AMPERSAND) source.unread();
    if (char === 0 && source.atEnd()) throw source.error("Unclosed character class");
    if (char === CLOSE && (sum !== null || latin.pending)) {
      if (bracketed) source.next();
      if (sum === null) sum = latin.test;
      else if (latin.pending) sum = either(sum, latin.test);
      return negated ? not(sum) : sum;
    }
    latest = readItem(source, latin);
    if (latest !== null) sum = sum === null ? latest : either(sum, latest);
    char = source.peek();
  }
}

/** After `&&`: classes and items up to `]` or `&`. Null for nothing. */
function readRightSide(source: PatternSource): CharacterTest | null {
  let right: CharacterTest | null = null;
  let char = source.next();
  while (char !== CLOSE && char !== AMPERSAND) {
    if (char !== OPEN) source.unread();
    const part = readClass(source, char === OPEN);
    right = right === null ? part : either(right, part);
    char = source.peek();
  }
  return right;
}

/** A character, a range or a predefined class. Null: it went into `latin`. */
function readItem(source: PatternSource, latin: Latin): CharacterTest | null {
  let char = source.peek();
  if (char === BACKSLASH) {
    const letter = source.nextEscaped();
    if (letter === SMALL_P || letter === CAPITAL_P) return readProperty(source);
    const inRange = source.at(source.cursor + 1) === MINUS;
    source.unread();
    const escaped = readEscape(source, { inClass: true, inRange });
    if (escaped.type === "class") return escaped.test;
    char = escaped.type === "character" ? escaped.codePoint : 0;
  } else {
    source.next();
  }
  if (source.peek() === MINUS) {
    const following = source.at(source.cursor + 1);
    if (following !== OPEN && following !== CLOSE) return readRange(source, char);
  }
  if (char >= 256 || (isFolded(source) && LATIN_WITH_OTHERS.has(char))) return singleTest(source, char);
  latin.add(char, source);
  return null;
}

/** Below 256, but the same letter as some character that is not: I, K, S, i, k, s, µ, Å, å, ÿ. */
const LATIN_WITH_OTHERS = new Set([0x49, 0x4b, 0x53, 0x69, 0x6b, 0x73, 0xb5, 0xc5, 0xe5, 0xff]);

function readRange(source: PatternSource, first: number): CharacterTest {
  source.next();
  let last = source.peek();
  if (last === BACKSLASH) {
    const escaped = readEscape(source, { inClass: true, inRange: true });
    last = escaped.type === "character" ? escaped.codePoint : -1;
  } else {
    source.next();
  }
  if (last < first) throw source.error("Illegal character range");
  const exact = within(first, last);
  if (!source.has(Flag.CASE_INSENSITIVE)) return exact;
  if (!source.has(Flag.UNICODE_CASE)) {
    return (char) => exact(char) || (char < 0x80 && (exact(toUpper(char)) || exact(toLower(char))));
  }
  return (char) => exact(char) || exact(toUpper(char)) || exact(foldCase(char));
}

/** One character by the case rule in force. */
export function singleTest(source: PatternSource, char: number): CharacterTest {
  if (isFolded(source)) {
    const folded = foldCase(char);
    if (toUpper(char) !== folded) return (other) => other === folded || foldCase(other) === folded;
  } else if (source.has(Flag.CASE_INSENSITIVE) && char < 0x80) {
    const lower = toLower(char);
    const upper = toUpper(char);
    return (other) => other === lower || other === upper;
  }
  return (other) => other === char;
}

function isFolded(source: PatternSource): boolean {
  return source.has(Flag.CASE_INSENSITIVE) && source.has(Flag.UNICODE_CASE);
}

/** Takes `\p{name}`, `\p{name=value}`, `\pN` or the same with `\P`; the cursor is at the p. */
export function readProperty(source: PatternSource): CharacterTest {
  const opposite = source.at(source.cursor) === CAPITAL_P;
  const braced = source.next() === OPEN_BRACE;
  if (!braced) source.unread();
  source.next();
  const test = namedTest(source, braced ? bracedName(source) : oneLetterName(source));
  return opposite ? not(test) : test;
}

function oneLetterName(source: PatternSource): string {
  const name = source.text(source.cursor, source.cursor + 1);
  source.read();
  return name;
}

function bracedName(source: PatternSource): string {
  const name = source.readUntil(CLOSE_BRACE);
  if (name === null) throw source.error("Unclosed character family");
  if (name.from >= name.to) throw source.error("Empty character family");
  return source.text(name.from, name.to);
}

function namedTest(source: PatternSource, name: string): CharacterTest {
  const ignoreCase = source.has(Flag.CASE_INSENSITIVE);
  const equals = name.indexOf("=");
  if (equals >= 0) {
    const property = name.slice(0, equals).toLowerCase();
    const value = name.slice(equals + 1);
    const test = valueTest(property, value, ignoreCase);
    if (test !== null) return test;
    throw source.error(`Unknown Unicode property {name=<${property}>, value=<${value}>}`);
  }
  const test = nameTest(name, ignoreCase, source.has(Flag.UNICODE_CHARACTER_CLASS));
  if (test !== null) return test;
  throw source.error(`Unknown character property name {${name}}`);
}

function valueTest(property: string, value: string, ignoreCase: boolean): CharacterTest | null {
  switch (property) {
    case "sc":
    case "script":
      return scriptTest(value);
    case "blk":
    case "block":
      return blockTest(value);
    case "gc":
    case "general_category":
      return propertyTest(value, ignoreCase);
    default:
      return null;
  }
}

function nameTest(name: string, ignoreCase: boolean, unicode: boolean): CharacterTest | null {
  if (name.startsWith("In")) return blockTest(name.slice(2));
  if (name.startsWith("Is")) {
    const rest = name.slice(2);
    return unicodePropertyTest(rest, ignoreCase) ?? propertyTest(rest, ignoreCase) ?? scriptTest(rest);
  }
  return (unicode ? posixTest(name, ignoreCase) : null) ?? propertyTest(name, ignoreCase);
}
