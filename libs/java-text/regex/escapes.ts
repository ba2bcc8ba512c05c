// Pure: what a backslash begins.
import { posixTest, unicodePropertyTest } from "./character-properties.ts";
import { type CharacterTest, not, within } from "./character-test.ts";
import type { Anchor, PatternNode } from "./pattern-node.ts";
import { Flag, type PatternSource } from "./pattern-source.ts";

type Escape =
  | { readonly type: "character"; readonly codePoint: number }
  | { readonly type: "class"; readonly test: CharacterTest }
  | { readonly type: "node"; readonly node: PatternNode }
  /** `\1` to `\9`: how many more digits belong to it depends on the groups there are. */
  | { readonly type: "group-number"; readonly digit: number }
  | { readonly type: "group-name"; readonly name: string };

interface Place {
  readonly inClass: boolean;
  /** At either end of a range, where `\v` is a single character. */
  readonly inRange: boolean;
}

/**
 * Takes an escape other than `\p`; the cursor is at the backslash.
 * @throws PatternSyntaxError where Java has no such escape, or not there.
 */
export function readEscape(source: PatternSource, { inClass, inRange }: Place): Escape {
  const letter = String.fromCodePoint(source.skip());
  if (letter === "v" && inRange) return character(0x0b);
  const single = SINGLES[letter];
  if (single !== undefined) return character(single);
  const predefined = classTest(source, letter);
  if (predefined !== null) return { type: "class", test: predefined };
  switch (letter) {
    case "0":
      return character(readOctal(source));
    case "c":
      return character(readControl(source));
    case "u":
      return character(readUnicode(source));
    case "x":
      return character(readHex(source));
    case "N":
      return refuseName(source);
  }
  if (!/[A-Za-z1-9]/.test(letter)) return character(letter.codePointAt(0)!);
  if (inClass) throw illegalEscape(source);
  return readOutsideClass(source, letter);
}

/** Takes a group's name and the `>` after it. */
export function readGroupName(source: PatternSource): string {
  let char = source.read();
  if (!/[A-Za-z]/.test(String.fromCodePoint(char))) {
    throw source.error("capturing group name does not start with a Latin letter");
  }
  let name = "";
  do {
    name += String.fromCodePoint(char);
    char = source.read();
  } while (/[A-Za-z0-9]/.test(String.fromCodePoint(char)));
  if (char !== GREATER) throw source.error("named capturing group is missing trailing '>'");
  return name;
}

const [SMALL_G, SMALL_U, BACKSLASH, LESS, GREATER, OPEN_BRACE, CLOSE_BRACE] = [
  0x67, 0x75, 0x5c, 0x3c, 0x3e, 0x7b, 0x7d,
] as const;

const SINGLES: Readonly<Record<string, number>> = { a: 0x07, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 };

const ANCHORS: Readonly<Record<string, readonly [Anchor, withFlag: Anchor]>> = {
  A: ["begin", "begin"],
  B: ["no-word-bound", "no-unicode-word-bound"],
  G: ["last-match", "last-match"],
  Z: ["final-dollar", "unix-final-dollar"],
  b: ["word-bound", "unicode-word-bound"],
  z: ["end", "end"],
};

function readOutsideClass(source: PatternSource, letter: string): Escape {
  if (letter >= "1" && letter <= "9") return { type: "group-number", digit: Number(letter) };
  if (letter === "R") return { type: "node", node: { type: "line-ending" } };
  if (letter === "X") return { type: "node", node: { type: "grapheme" } };
  if (letter === "k") return readNameReference(source);
  if (letter === "b" && source.peek() === OPEN_BRACE) {
    const bound = readGraphemeBound(source);
    if (bound !== null) return bound;
  }
  const anchors = ANCHORS[letter];
  if (anchors === undefined) throw illegalEscape(source);
  const flag = letter === "Z" ? Flag.UNIX_LINES : Flag.UNICODE_CHARACTER_CLASS;
  return { type: "node", node: { type: "anchor", anchor: anchors[source.has(flag) ? 1 : 0] } };
}

/** `\b{g}`; null when the brace belongs to something else. */
function readGraphemeBound(source: PatternSource): Escape | null {
  if (source.skip() !== SMALL_G) {
    source.cursor -= 2;
    return null;
  }
  if (source.read() !== CLOSE_BRACE) throw illegalEscape(source);
  return { type: "node", node: { type: "anchor", anchor: "grapheme-bound" } };
}

function readNameReference(source: PatternSource): Escape {
  if (source.read() !== LESS) throw source.error("\\k is not followed by '<' for named capturing group");
  return { type: "group-name", name: readGroupName(source) };
}

const horizontalSpace: CharacterTest = (char) =>
  char === 0x20 ||
  char === 0x09 ||
  char === 0xa0 ||
  char === 0x1680 ||
  char === 0x180e ||
  (char >= 0x2000 && char <= 0x200a) ||
  char === 0x202f ||
  char === 0x205f ||
  char === 0x3000;
const verticalSpace: CharacterTest = (char) =>
  (char >= 0x0a && char <= 0x0d) || char === 0x85 || char === 0x2028 || char === 0x2029;
const asciiSpace: CharacterTest = (char) => char === 0x20 || (char >= 0x09 && char <= 0x0d);
const asciiWord: CharacterTest = (char) =>
  (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a) || (char >= 0x30 && char <= 0x39) || char === 0x5f;

/** `\d \h \s \v \w` and their opposites. */
function classTest(source: PatternSource, letter: string): CharacterTest | null {
  const lower = letter.toLowerCase();
  const test = predefinedTest(lower, source.has(Flag.UNICODE_CHARACTER_CLASS));
  return test === null || lower === letter ? test : not(test);
}

function predefinedTest(letter: string, unicode: boolean): CharacterTest | null {
  switch (letter) {
    case "d":
      return unicode ? posixTest("DIGIT", false) : within(0x30, 0x39);
    case "h":
      return horizontalSpace;
    case "s":
      return unicode ? posixTest("SPACE", false) : asciiSpace;
    case "v":
      return verticalSpace;
    case "w":
      return unicode ? unicodePropertyTest("WORD", false) : asciiWord;
    default:
      return null;
  }
}

/** `\0n`, `\0nn`, `\0mnn` with m up to 3. */
function readOctal(source: PatternSource): number {
  const first = octalDigit(source.read());
  if (first < 0) throw source.error("Illegal octal escape sequence");
  const second = octalDigit(source.read());
  if (second < 0) {
    source.unread();
    return first;
  }
  const third = octalDigit(source.read());
  if (third >= 0 && first <= 3) return first * 64 + second * 8 + third;
  source.unread();
  return first * 8 + second;
}

function octalDigit(char: number): number {
  return char >= 0x30 && char <= 0x37 ? char - 0x30 : -1;
}

function readControl(source: PatternSource): number {
  if (source.atEnd()) throw source.error("Illegal control escape sequence");
  return source.read() ^ 64;
}

/** `\xhh` or `\x{h…h}`. */
function readHex(source: PatternSource): number {
  const first = source.read();
  if (hexDigit(first) >= 0) {
    const second = hexDigit(source.read());
    if (second >= 0) return hexDigit(first) * 16 + second;
  } else if (first === OPEN_BRACE && hexDigit(source.peek()) >= 0) {
    return readBracedHex(source);
  }
  throw source.error("Illegal hexadecimal escape sequence");
}

function readBracedHex(source: PatternSource): number {
  let codePoint = 0;
  let char = source.read();
  for (; hexDigit(char) >= 0; char = source.read()) {
    codePoint = codePoint * 16 + hexDigit(char);
    if (codePoint > 0x10ffff) throw source.error("Hexadecimal codepoint is too big");
  }
  if (char !== CLOSE_BRACE) throw source.error("Unclosed hexadecimal escape sequence");
  return codePoint;
}

/** `\uhhhh`; two of them that are a surrogate pair are one code point. */
function readUnicode(source: PatternSource): number {
  const high = readFourHex(source);
  if (high < 0xd800 || high > 0xdbff) return high;
  const after = source.cursor;
  if (source.read() === BACKSLASH && source.read() === SMALL_U) {
    const low = readFourHex(source);
    if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(high, low).codePointAt(0)!;
  }
  source.cursor = after;
  return high;
}

function readFourHex(source: PatternSource): number {
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigit(source.read());
    if (digit < 0) throw source.error("Illegal Unicode escape sequence");
    unit = unit * 16 + digit;
  }
  return unit;
}

function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x66 && char < 0x80 ? lower - 0x57 : -1;
}

/** Names of characters are a table that JavaScript does not have. */
function refuseName(source: PatternSource): never {
  if (source.read() !== OPEN_BRACE) throw source.error("Illegal character name escape sequence");
  const name = source.readUntil(CLOSE_BRACE);
  if (name === null) throw source.error("Unclosed character name escape sequence");
  const text = source.text(name.from, name.to);
  throw source.error(`\\N{${text}} is not supported: give the character itself, or its number as \\x{h...h}`);
}

function illegalEscape(source: PatternSource): Error {
  return source.error("Illegal/unsupported escape sequence");
}

function character(codePoint: number): Escape {
  return { type: "character", codePoint };
}
