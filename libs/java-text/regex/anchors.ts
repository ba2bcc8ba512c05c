// Pure: places in a text: lines, words, and the like.
import { matching } from "./character-test.ts";
import { codePointAt, type MatchRun, startBefore } from "./match-run.ts";
import type { Anchor } from "./pattern-node.ts";
import { isLineTerminator } from "./pattern-source.ts";

type Holds = (run: MatchRun, at: number) => boolean;

export const anchorHolds: Readonly<Record<Anchor, Holds>> = {
  begin: (_, at) => at === 0,
  end: ({ text }, at) => at === text.length,
  "last-match": ({ previousEnd }, at) => at === previousEnd,
  caret: ({ text }, at) => at < text.length && (at === 0 || beginsLine(text, at)),
  "unix-caret": ({ text }, at) => at < text.length && (at === 0 || text[at - 1] === "\n"),
  dollar: ({ text }, at) => at === text.length || endsLine(text, at),
  "unix-dollar": ({ text }, at) => at === text.length || text[at] === "\n",
  "final-dollar": ({ text }, at) => at === text.length || (endsLine(text, at) && isLastTerminator(text, at)),
  "unix-final-dollar": ({ text }, at) => at === text.length || (text[at] === "\n" && at === text.length - 1),
  "word-bound": ({ text }, at) => wordBefore(text, at, isWord) !== wordAfter(text, at, isWord),
  "no-word-bound": ({ text }, at) => wordBefore(text, at, isWord) === wordAfter(text, at, isWord),
  "unicode-word-bound": ({ text }, at) => wordBefore(text, at, isUnicodeWord) !== wordAfter(text, at, isUnicodeWord),
  "no-unicode-word-bound": ({ text }, at) => wordBefore(text, at, isUnicodeWord) === wordAfter(text, at, isUnicodeWord),
  // Java counts clusters from where the last match or atomic part ended, not from the text's begin.
  "grapheme-bound": ({ text, last }, at) => at === 0 || at === text.length || graphemeEnd(text, last) <= at,
};

/** The end of the grapheme cluster that begins at `at`. */
export function graphemeEnd(text: string, at: number): number {
  const [first] = graphemes.segment(text.slice(at));
  return at + (first?.segment.length ?? 0);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Between the two characters of a line's end is no beginning. */
function beginsLine(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return isLineTerminator(before) && !(before === 0x0d && text[at] === "\n");
}

function endsLine(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return isLineTerminator(unit) && !(unit === 0x0a && text[at - 1] === "\r");
}

function isLastTerminator(text: string, at: number): boolean {
  return at === text.length - 1 || (at === text.length - 2 && text[at] === "\r" && text[at + 1] === "\n");
}

const isLetterOrDigit = matching("\\p{L}\\p{Nd}");
const isMark = matching("\\p{Mn}");
const isUnicodeWord = matching("\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d");

/** Up to Java 18 a bound minds all letters and digits, though `\w` is ASCII. */
function isWord(char: number): boolean {
  return char === 0x5f || isLetterOrDigit(char);
}

function wordBefore(text: string, at: number, test: (char: number) => boolean): boolean {
  if (at === 0) return false;
  const char = codePointAt(text, startBefore(text, at));
  return test(char) || (isMark(char) && hasBase(text, at - 1));
}

function wordAfter(text: string, at: number, test: (char: number) => boolean): boolean {
  if (at >= text.length) return false;
  const char = codePointAt(text, at);
  return test(char) || (isMark(char) && hasBase(text, at));
}

/** Do the marks that end at `at` stand on a letter or digit? */
function hasBase(text: string, at: number): boolean {
  for (let index = at; index >= 0; index--) {
    const char = codePointAt(text, index);
    if (isLetterOrDigit(char)) return true;
    if (!isMark(char)) return false;
  }
  return false;
}
