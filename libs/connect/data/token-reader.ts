// Pure: splits text at unescaped delimiters, for Values.parseString.
import { javaTrim } from "@millrace/java-text";

const DELIMITERS = new Set([":", ",", "{", "}", "[", "]", '"']);

/** A delimiter is a token of its own; everything between two is one token, whitespace included. */
export class TokenReader {
  readonly text: string;
  /** The token taken last. */
  previous: string | null = null;
  #index = 0;
  #next: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get position(): number {
    return this.#index;
  }

  /** Where `rewind` comes back to. */
  mark(): number {
    return this.#index - (this.#next?.length ?? 0);
  }

  rewind(position: number): void {
    this.#index = position;
    this.#next = null;
    this.previous = null;
  }

  hasNext(): boolean {
    return this.#next !== null || this.#index < this.text.length;
  }

  next(): string {
    const token = this.#next ?? this.#read();
    this.#next = null;
    this.previous = token;
    return token;
  }

  /** The text of the next tokens, or null (taking none) when there are not as many. */
  nextMany(count: number): string | null {
    const start = this.mark();
    for (let i = 0; i < count; i++) {
      if (!this.hasNext()) {
        this.rewind(start);
        return null;
      }
      this.next();
    }
    return this.text.slice(start, this.#index);
  }

  /** Takes the next token if it is this one, not minding whitespace around it. Blank tokens before it are lost. */
  take(expected: string): boolean {
    if (this.#next === null) {
      if (!this.hasNext()) return false;
      this.#next = this.#read();
    }
    while (javaTrim(this.#next) === "" && this.#index < this.text.length) this.#next = this.#read();
    if (javaTrim(this.#next) !== expected) return false;
    this.#next = null;
    return true;
  }

  #read(): string {
    const start = this.#index;
    let escaped = false;
    for (; this.#index < this.text.length; this.#index++) {
      const char = this.text[this.#index]!;
      if (char === "\\") {
        escaped = !escaped;
        continue;
      }
      if (DELIMITERS.has(char) && !escaped) {
        if (start === this.#index) this.#index++;
        break;
      }
      escaped = false;
    }
    return this.text.slice(start, this.#index);
  }
}
