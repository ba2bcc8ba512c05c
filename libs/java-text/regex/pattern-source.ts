// Pure: a pattern's text as the parser reads it: code point by code point, comments skipped where they are on.
import { PatternSyntaxError } from "../text-errors.ts";
import { unquoted } from "./quoting.ts";

export const Flag = {
  UNIX_LINES: 0x01,
  CASE_INSENSITIVE: 0x02,
  COMMENTS: 0x04,
  MULTILINE: 0x08,
  DOTALL: 0x20,
  UNICODE_CASE: 0x40,
  CANON_EQ: 0x80,
  UNICODE_CHARACTER_CLASS: 0x100,
} as const;

/** Two zeros follow the text, so that the parser may look ahead. */
const PADDING = 2;

/** Errors point at the character before the cursor, so every method takes exactly the characters that Java's takes. */
export class PatternSource {
  readonly pattern: string;
  readonly length: number;
  readonly #codePoints: number[];
  cursor = 0;
  flags = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
    const codePoints = unquoted(Array.from(pattern, (char) => char.codePointAt(0)!));
    this.length = codePoints.length;
    this.#codePoints = [...codePoints, ...new Array<number>(PADDING).fill(0)];
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  error(description: string): PatternSyntaxError {
    return new PatternSyntaxError(description, this.pattern, this.cursor - 1);
  }

  /** Comments are not skipped. Beyond the end: 0. */
  at(index: number): number {
    return this.#codePoints[index] ?? 0;
  }

  atEnd(): boolean {
    return this.cursor >= this.length;
  }

  /** Is there a surrogate, alone or in a pair, at `from` or after? */
  hasSupplementary(from: number): boolean {
    return this.#codePoints.slice(from, this.length).some((char) => char > 0xffff || (char & 0xf800) === 0xd800);
  }

  text(from: number, to: number): string {
    return String.fromCodePoint(...this.#codePoints.slice(from, to));
  }

  /** The character at the cursor, which moves past blanks and comments before it. */
  peek(): number {
    const char = this.at(this.cursor);
    return this.has(Flag.COMMENTS) ? this.#peekPastBlanks(char) : char;
  }

  /** Takes the character at the cursor. */
  read(): number {
    const char = this.at(this.cursor++);
    return this.has(Flag.COMMENTS) ? this.#readPastBlanks(char) : char;
  }

  /** Drops the character at the cursor and peeks at the one after. */
  next(): number {
    const char = this.at(++this.cursor);
    return this.has(Flag.COMMENTS) ? this.#peekPastBlanks(char) : char;
  }

  /** As `next`, where a blank is a character. */
  nextEscaped(): number {
    return this.at(++this.cursor);
  }

  /** Drops the character at the cursor and takes the one after, blank or not. */
  skip(): number {
    this.cursor += 2;
    return this.at(this.cursor - 1);
  }

  unread(): void {
    this.cursor -= 1;
  }

  /** Takes characters up to and with `end`. @returns what comes before it, or null when there is no end. */
  readUntil(end: number): { readonly from: number; readonly to: number } | null {
    const from = this.cursor;
    while (this.cursor <= this.length) {
      if (this.cursor === this.length) {
        this.cursor += 1;
        return null;
      }
      if (this.read() === end) return { from, to: this.cursor - 1 };
    }
    return null;
  }

  #peekPastBlanks(first: number): number {
    let char = first;
    while (isBlank(char) || char === HASH) {
      while (isBlank(char)) char = this.at(++this.cursor);
      if (char === HASH) char = this.#peekPastLine();
    }
    return char;
  }

  #readPastBlanks(first: number): number {
    let char = first;
    while (isBlank(char) || char === HASH) {
      while (isBlank(char)) char = this.at(this.cursor++);
      if (char === HASH) char = this.#readPastLine();
    }
    return char;
  }

  #peekPastLine(): number {
    let char = this.at(++this.cursor);
    while (char !== 0 && !this.#endsLine(char)) char = this.at(++this.cursor);
    if (char !== 0 || this.cursor <= this.length) return char;
    this.cursor = this.length;
    return this.at(this.cursor);
  }

  #readPastLine(): number {
    let char = this.at(this.cursor++);
    while (char !== 0 && !this.#endsLine(char)) char = this.at(this.cursor++);
    if (char !== 0 || this.cursor <= this.length) return char;
    this.cursor = this.length;
    return this.at(this.cursor++);
  }

  #endsLine(char: number): boolean {
    return this.has(Flag.UNIX_LINES) ? char === 0x0a : isLineTerminator(char);
  }
}

const HASH = 0x23;

function isBlank(char: number): boolean {
  return char === 0x20 || (char >= 0x09 && char <= 0x0d);
}

/** What ends a line unless `(?d)` is on. */
export function isLineTerminator(char: number): boolean {
  return char === 0x0a || char === 0x0d || char === 0x85 || char === 0x2028 || char === 0x2029;
}
