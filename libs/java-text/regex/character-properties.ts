// Pure: the character properties Java's patterns know by name.
import { anyCharacter, type CharacterTest, matching } from "./character-test.ts";

const CASED = "\\p{Lowercase}\\p{Uppercase}\\p{Lt}";
const ID_PART = "\\p{L}\\p{Sc}\\p{Pc}\\p{Nd}\\p{Nl}\\p{Mc}\\p{Mn}";
const IGNORABLE = "\\0-\\x08\\x0e-\\x1b\\x7f-\\x9f\\p{Cf}";

/** Of `\p{…}` as it is. The second form, where there is one, is for `(?i)`. */
const PROPERTIES: Readonly<Record<string, string | readonly [string, ignoringCase: string]>> = {
  L1: "\\0-\\xff",
  ASCII: "\\0-\\x7f",
  Alnum: "0-9A-Za-z",
  Alpha: "A-Za-z",
  Blank: " \\t",
  Cntrl: "\\0-\\x1f\\x7f",
  Digit: "0-9",
  Graph: "!-~",
  Lower: ["a-z", "A-Za-z"],
  Print: " -~",
  Punct: "!-\\/:-@\\[-`\\{-~",
  Space: "\\t-\\r ",
  Upper: ["A-Z", "A-Za-z"],
  XDigit: "0-9A-Fa-f",
  LD: "\\p{L}\\p{Nd}",
  javaLowerCase: ["\\p{Lowercase}", CASED],
  javaUpperCase: ["\\p{Uppercase}", CASED],
  javaTitleCase: ["\\p{Lt}", CASED],
  javaAlphabetic: "\\p{Alphabetic}",
  javaIdeographic: "\\p{Ideographic}",
  javaDigit: "\\p{Nd}",
  javaDefined: "\\P{Cn}",
  javaLetter: "\\p{L}",
  javaLetterOrDigit: "\\p{L}\\p{Nd}",
  javaJavaIdentifierStart: "\\p{L}\\p{Nl}\\p{Sc}\\p{Pc}",
  javaJavaIdentifierPart: ID_PART + IGNORABLE,
  javaUnicodeIdentifierStart: "\\p{ID_Start}\\u2e2f",
  javaUnicodeIdentifierPart: `\\p{ID_Continue}\\u2e2f${IGNORABLE}`,
  javaIdentifierIgnorable: IGNORABLE,
  javaSpaceChar: "\\p{Z}",
  javaWhitespace: "\\t-\\r\\x1c- \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000",
  javaISOControl: "\\0-\\x1f\\x7f-\\x9f",
  javaMirrored: "\\p{Bidi_Mirrored}",
};

const CATEGORIES = new Set(
  ("Cn Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf L M N Z C P S " + "LC").split(" "),
);
const CASED_CATEGORIES = new Set(["Lu", "Ll", "Lt"]);

/** Of `\p{Is…}`, and with `(?U)` of the POSIX names too. Upper case, as they are compared. */
const UNICODE_PROPERTIES: Readonly<Record<string, string | readonly [string, ignoringCase: string]>> = {
  ALPHABETIC: "\\p{Alphabetic}",
  ASSIGNED: "\\P{Cn}",
  CONTROL: "\\p{Cc}",
  HEXDIGIT: "\\p{Nd}\\p{Hex_Digit}",
  HEX_DIGIT: "\\p{Nd}\\p{Hex_Digit}",
  IDEOGRAPHIC: "\\p{Ideographic}",
  JOINCONTROL: "\\u200c\\u200d",
  JOIN_CONTROL: "\\u200c\\u200d",
  LETTER: "\\p{L}",
  LOWERCASE: ["\\p{Lowercase}", CASED],
  NONCHARACTERCODEPOINT: "\\p{Noncharacter_Code_Point}",
  NONCHARACTER_CODE_POINT: "\\p{Noncharacter_Code_Point}",
  TITLECASE: ["\\p{Lt}", CASED],
  PUNCTUATION: "\\p{P}",
  UPPERCASE: ["\\p{Uppercase}", CASED],
  WHITESPACE: "\\p{Z}\\t-\\r\\x85",
  WHITE_SPACE: "\\p{Z}\\t-\\r\\x85",
  WORD: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d",
};

const POSIX_UNICODE: typeof UNICODE_PROPERTIES = {
  ALPHA: "\\p{Alphabetic}",
  LOWER: ["\\p{Lowercase}", CASED],
  UPPER: ["\\p{Uppercase}", CASED],
  SPACE: "\\p{Z}\\t-\\r\\x85",
  PUNCT: "\\p{P}",
  XDIGIT: "\\p{Nd}\\p{Hex_Digit}",
  ALNUM: "\\p{Alphabetic}\\p{Nd}",
  CNTRL: "\\p{Cc}",
  DIGIT: "\\p{Nd}",
  BLANK: "\\p{Zs}\\t",
  GRAPH: "\\P{Cn}",
  PRINT: "\\P{Cn}",
};
/** Taken from GRAPH and PRINT again. */
const NOT_GRAPH = matching("\\p{Z}\\p{Cc}\\p{Cs}");
const NOT_PRINT = matching("\\p{Zl}\\p{Zp}\\p{Cc}\\p{Cs}");

/** `\p{name}`: categories, POSIX names for ASCII, `java…` methods. Null: not known. */
export function propertyTest(name: string, ignoreCase: boolean): CharacterTest | null {
  if (name === "all") return anyCharacter;
  if (CATEGORIES.has(name)) return matching(`\\p{${name}}`);
  if (CASED_CATEGORIES.has(name)) return matching(`\\p{${ignoreCase ? "LC" : name}}`);
  return lookUp(PROPERTIES, name, ignoreCase);
}

/** `\p{Isname}`. */
export function unicodePropertyTest(name: string, ignoreCase: boolean): CharacterTest | null {
  return lookUp(UNICODE_PROPERTIES, name.toUpperCase(), ignoreCase) ?? posixTest(name, ignoreCase);
}

/** `\p{name}` under `(?U)`. */
export function posixTest(name: string, ignoreCase: boolean): CharacterTest | null {
  const upper = name.toUpperCase();
  const test = lookUp(POSIX_UNICODE, upper, ignoreCase);
  if (upper === "GRAPH") return (codePoint) => test!(codePoint) && !NOT_GRAPH(codePoint);
  if (upper === "PRINT") return (codePoint) => test!(codePoint) && !NOT_PRINT(codePoint);
  return test;
}

/** By full name with underscores or four letter code, in any case. Null: not known. */
export function scriptTest(name: string): CharacterTest | null {
  const titled = name.toLowerCase().replace(/(^|_)[a-z]/g, (start) => start.toUpperCase());
  const script = titled === "Signwriting" ? "SignWriting" : titled;
  try {
    return matching(`\\p{Script=${script}}`);
  } catch {
    return null;
  }
}

function lookUp(table: typeof UNICODE_PROPERTIES, name: string, ignoreCase: boolean): CharacterTest | null {
  if (!Object.hasOwn(table, name)) return null;
  const entry = table[name]!;
  return matching(typeof entry === "string" ? entry : entry[ignoreCase ? 1 : 0]);
}
