// Pure: JSON as Jackson's tree has it: names in their order, whole numbers told from fractions.

export type JsonTree =
  | { readonly type: "object"; readonly fields: ReadonlyMap<string, JsonTree> }
  | { readonly type: "array"; readonly elements: readonly JsonTree[] }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean }
  /** Fits in 32 bits. */
  | { readonly type: "int"; readonly value: number }
  /** Fits in 64 bits; a bigint where it is not a safe integer. */
  | { readonly type: "long"; readonly value: number | bigint }
  /** Whole, and larger. */
  | { readonly type: "integer" }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "null" };

/** Jackson's own limits. */
const DEPTH_MAX = 1000;
const NUMBER_LENGTH_MAX = 1000;

const NULL: JsonTree = { type: "null" };
const TRUE: JsonTree = { type: "boolean", value: true };
const FALSE: JsonTree = { type: "boolean", value: false };
const INTEGER: JsonTree = { type: "integer" };

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
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
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const CAPITAL_E = 0x45;
const SMALL_E = 0x65;

/** So many digits are a safe integer. */
const SHORT_DIGITS = 15;

/** The value a text starts with; what follows it is not looked at. Null when there is none. */
export function parseJsonTree(text: string): JsonTree | null {
  try {
    return new Reader(text).value(1);
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

class NotJson extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonTree {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return { type: "string", value: this.#string() };
      case "t":
        return this.#word("true", TRUE);
      case "f":
        return this.#word("false", FALSE);
      case "n":
        return this.#word("null", NULL);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonTree {
    if (depth > DEPTH_MAX) throw new NotJson();
    const fields = new Map<string, JsonTree>();
    this.#at += 1;
    this.#skipSpace();
    if (this.#take("}")) return { type: "object", fields };
    do {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== QUOTE) throw new NotJson();
      const name = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) throw new NotJson();
      fields.set(name, this.value(depth + 1));
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("}")) throw new NotJson();
    return { type: "object", fields };
  }

  #array(depth: number): JsonTree {
    if (depth > DEPTH_MAX) throw new NotJson();
    const elements: JsonTree[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take("]")) return { type: "array", elements };
    do {
      elements.push(this.value(depth + 1));
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("]")) throw new NotJson();
    return { type: "array", elements };
  }

  #string(): string {
    const text = this.#text;
    let start = ++this.#at;
    let unescaped = "";
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      // NaN at the end of the text; other control characters have to be escaped.
      if (!(code >= 0x20)) throw new NotJson();
      if (code === BACKSLASH) {
        unescaped += text.slice(start, this.#at) + this.#escape();
        start = this.#at;
      } else {
        this.#at += 1;
      }
    }
    const rest = text.slice(start, this.#at);
    this.#at += 1;
    return unescaped + rest;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new NotJson();
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const char = ESCAPES[letter];
    if (char === undefined) throw new NotJson();
    this.#at += 2;
    return char;
  }

  #number(): JsonTree {
    const text = this.#text;
    const negative = text.charCodeAt(this.#at) === MINUS;
    const start = negative ? this.#at + 1 : this.#at;
    let at = start;
    let value = 0;
    for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) {
      value = value * 10 + (code - ZERO);
    }
    const short = at > start && at - start <= SHORT_DIGITS;
    if (!short || text.charCodeAt(start) === ZERO || continuesNumber(text.charCodeAt(at))) return this.#anyNumber();
    this.#at = at;
    return wholeNumber(negative ? -value : value);
  }

  #anyNumber(): JsonTree {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null || match[0].length > NUMBER_LENGTH_MAX) throw new NotJson();
    this.#at = NUMBER.lastIndex;
    const [digits, fraction, exponent] = match;
    const value = Number(digits);
    if (fraction !== undefined || exponent !== undefined) return { type: "double", value };
    if (Number.isSafeInteger(value)) return wholeNumber(value);
    const whole = BigInt(digits);
    return BigInt.asIntN(64, whole) === whole ? { type: "long", value: whole } : INTEGER;
  }

  #word(word: string, tree: JsonTree): JsonTree {
    if (!this.#text.startsWith(word, this.#at)) throw new NotJson();
    this.#at += word.length;
    return tree;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }
}

/** A safe integer; minus zero is a fraction's affair. */
function wholeNumber(value: number): JsonTree {
  return (value | 0) === value ? { type: "int", value: value | 0 } : { type: "long", value };
}

function continuesNumber(code: number): boolean {
  return code === POINT || code === SMALL_E || code === CAPITAL_E;
}
