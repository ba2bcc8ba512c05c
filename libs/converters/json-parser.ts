// Pure: JSON text to values, exactly: integers beyond 2^53 stay exact and 1.0 stays a fraction. Takes and refuses what
// Jackson does with JsonConverter's settings: leading zeros pass, anything after the first value is not looked at.
import { Decimal } from "@millrace/connect";
import { digitsEnd, digitsOf, exponentEnd, isDigit, shortInteger, ZERO } from "./json-digits.ts";

/** null, boolean, string, number or what `integer` gives, what `fraction` gives, arrays, Maps with string keys. */
export type JsonNode = unknown;

/** What numbers become. */
export interface JsonNumbers {
  /** @param value not a safe integer. */
  integer(value: bigint): unknown;
  /** @param text with a point or an exponent. */
  fraction(text: string): unknown;
}

export class JsonSyntaxError extends Error {
  constructor(problem: string, position: number) {
    super(`${problem} at character ${position}`);
    this.name = "JsonSyntaxError";
  }
}

const DEPTH_MAX = 1000;
const NAME_BYTES_MAX = 50_000;
const UTF8_BYTES_PER_UNIT = 3;
const NUMBER_DIGITS_MAX = 1000;
const SAFE_INTEGER_CHARS = 15;
/** The scale of a number that is short enough cannot overflow with an exponent this long. */
const SAFE_EXPONENT_CHARS = 9;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold control characters
const NOT_PLAIN = /[\\\u0000-\u001f]/;
/** What may not follow a literal. Jackson lets `$` pass, and fails at anything beyond ASCII. */
const IDENTIFIER_PART = /[0-9A-Za-z_\u007f-\uffff]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Powers of ten that a division by rounds once, as with all integers of so many digits. */
const TENS = Array.from({ length: SAFE_INTEGER_CHARS + 1 }, (_, i) => 10 ** i);

/** Reads one text from front to back; `position` is where it stands. */
export class JsonParser {
  readonly text: string;
  position = 0;
  readonly #numbers: JsonNumbers;
  #depth: number;
  /** Without escapes and control characters anywhere: then strings need no look of their own. */
  readonly #isPlain: boolean;

  /** @param depth how many brackets are open around the text. */
  constructor(text: string, numbers: JsonNumbers, depth = 0) {
    this.text = text;
    this.#numbers = numbers;
    this.#depth = depth;
    this.#isPlain = !NOT_PLAIN.test(text);
  }

  /** The first value; undefined when there is nothing but whitespace. @throws JsonSyntaxError */
  root(): JsonNode | undefined {
    if (Number.isNaN(this.peek())) return undefined;
    const start = this.text.charCodeAt(this.position);
    const value = this.value();
    const isNumber = start === MINUS || isDigit(start);
    if (isNumber && this.position < this.text.length && !isSpace(this.text.charCodeAt(this.position))) {
      throw this.error("Expected space separating root-level values");
    }
    return value;
  }

  value(): JsonNode {
    const code = this.peek();
    switch (code) {
      case QUOTE:
        return this.string();
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      case 0x74:
        return this.#literal("true", true);
      case 0x66:
        return this.#literal("false", false);
      case 0x6e:
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  /** The next character that is not whitespace, without taking it; NaN at the end. */
  peek(): number {
    let code = this.text.charCodeAt(this.position);
    while (isSpace(code)) code = this.text.charCodeAt(++this.position);
    return code;
  }

  /** Takes the character, which has to be next. */
  expect(code: number): void {
    if (this.peek() !== code) throw this.error(`Expected '${String.fromCharCode(code)}'`);
    this.position++;
  }

  /** Walks an object's members; `member` has to take the value. */
  members(member: (key: string) => void): void {
    this.#enter(OPEN_BRACE);
    if (this.peek() === CLOSE_BRACE) {
      this.#leave();
      return;
    }
    for (;;) {
      if (this.peek() !== QUOTE) throw this.error("Expected a member name");
      const key = this.string();
      if (key.length > NAME_BYTES_MAX / UTF8_BYTES_PER_UNIT && Buffer.byteLength(key) > NAME_BYTES_MAX) {
        throw this.error(`Member name longer than ${NAME_BYTES_MAX} bytes`);
      }
      this.expect(COLON);
      member(key);
      if (this.peek() === CLOSE_BRACE) break;
      this.expect(COMMA);
    }
    this.#leave();
  }

  string(): string {
    const start = this.position + 1;
    const end = this.text.indexOf('"', start);
    if (end < 0) throw this.error("Unterminated string");
    const plain = this.text.slice(start, end);
    if (!this.#isPlain && NOT_PLAIN.test(plain)) return this.#escapedString(start);
    this.position = end + 1;
    return plain;
  }

  error(problem: string): JsonSyntaxError {
    return new JsonSyntaxError(problem, this.position);
  }

  isAt(char: string): boolean {
    return this.text.startsWith(char, this.position);
  }

  /** Takes the text if it is next. */
  takes(text: string): boolean {
    if (!this.text.startsWith(text, this.position)) return false;
    this.position += text.length;
    return true;
  }

  /** Takes a number of few digits without an exponent, as `Number` reads it; null: there is none. Never -0. */
  shortNumber(): number | null {
    const { text } = this;
    const first = this.position;
    const isNegative = text.charCodeAt(first) === MINUS;
    const start = isNegative ? first + 1 : first;
    let value = 0;
    let point = -1;
    let i = start;
    for (; ; i++) {
      const code = text.charCodeAt(i);
      if (isDigit(code)) value = value * 10 + code - ZERO;
      else if (code === POINT && point < 0 && i > start) point = i;
      else break;
    }
    const next = text.charCodeAt(i);
    const endsHere = next === COMMA || next === CLOSE_BRACE || next === CLOSE_BRACKET;
    if (!endsHere || i === start || point === i - 1 || i - start > SAFE_INTEGER_CHARS) return null;
    this.position = i;
    const size = point < 0 ? value : value / TENS[i - point - 1]!;
    return isNegative && size !== 0 ? -size : size;
  }

  #object(): Map<string, JsonNode> {
    const object = new Map<string, JsonNode>();
    this.members((key) => object.set(key, this.value()));
    return object;
  }

  #array(): JsonNode[] {
    const elements: JsonNode[] = [];
    this.#enter(OPEN_BRACKET);
    if (this.peek() !== CLOSE_BRACKET) {
      elements.push(this.value());
      while (this.peek() !== CLOSE_BRACKET) {
        this.expect(COMMA);
        elements.push(this.value());
      }
    }
    this.#leave();
    return elements;
  }

  #enter(bracket: number): void {
    this.expect(bracket);
    this.enter();
  }

  #leave(): void {
    this.position++;
    this.leave();
  }

  /** A bracket was opened. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX) throw this.error(`Nested deeper than ${DEPTH_MAX}`);
  }

  leave(): void {
    this.#depth--;
  }

  #literal<T>(word: string, value: T): T {
    const end = this.position + word.length;
    const next = this.text[end];
    if (!this.text.startsWith(word, this.position) || (next !== undefined && IDENTIFIER_PART.test(next))) {
      throw this.error("Unrecognized token");
    }
    this.position = end;
    return value;
  }

  #number(): unknown {
    const { text } = this;
    const start = this.position;
    const digits = text.charCodeAt(start) === MINUS ? start + 1 : start;
    const integerEnd = digitsEnd(text, digits);
    if (integerEnd === digits) throw this.error("Unexpected character or end");
    const fractionEnd =
      text.charCodeAt(integerEnd) === POINT ? digitsEnd(text, integerEnd + 1, integerEnd) : integerEnd;
    const end = exponentEnd(text, fractionEnd);
    if (end - start > NUMBER_DIGITS_MAX && digitsOf(text.slice(start, end)) > NUMBER_DIGITS_MAX) {
      throw this.error(`Number of more than ${NUMBER_DIGITS_MAX} digits`);
    }
    this.position = end;
    this.#refuseHalfFraction();
    if (end - fractionEnd > SAFE_EXPONENT_CHARS) this.#refuseOverflow(text.slice(start, end));
    if (end > integerEnd) return this.#numbers.fraction(text.slice(start, end));
    if (end - start <= SAFE_INTEGER_CHARS) return shortInteger(text, digits, end) * (digits > start ? -1 : 1) || 0;
    const value = BigInt(text.slice(start, end));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : this.#numbers.integer(value);
  }

  /** Neither the exponent nor the scale it makes may be beyond an int32. */
  #refuseOverflow(text: string): void {
    try {
      Decimal.fromString(text);
    } catch {
      throw this.error("Exponent out of range");
    }
  }

  /** `1.` and `1e` stop the pattern early. */
  #refuseHalfFraction(): void {
    const next = this.text[this.position];
    if (next === "." || next === "e" || next === "E") throw this.error("Expected a digit");
  }

  #escapedString(start: number): string {
    let result = "";
    let from = start;
    for (let i = start; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === QUOTE) {
        this.position = i + 1;
        return result + this.text.slice(from, i);
      }
      if (code < 0x20) throw this.error("Control character in a string");
      if (code !== 0x5c) continue;
      result += this.text.slice(from, i) + this.#escape(i + 1);
      i += this.text[i + 1] === "u" ? 5 : 1;
      from = i + 1;
    }
    throw this.error("Unterminated string");
  }

  #escape(at: number): string {
    const letter = this.text[at] ?? "";
    if (letter !== "u") {
      const char = ESCAPES[letter];
      if (char === undefined) throw this.error("Unrecognized escape");
      return char;
    }
    const hex = this.text.slice(at + 1, at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.error("Expected four hexadecimal digits");
    return String.fromCharCode(Number.parseInt(hex, 16));
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Where the object or array that begins at `start` ends, looking at brackets and strings only; -1 if it does not. */
export function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
      if (i < 0) return -1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return i + 1;
  }
  return -1;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === 0x5c) i++;
  }
  return -1;
}
