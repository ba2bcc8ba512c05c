// Pure: java.util.regex.Pattern as of Java 17.

import { type Matcher, MatchRun } from "./regex/match-run.ts";
import { compileNode } from "./regex/matchers.ts";
import { parsePattern } from "./regex/pattern-parser.ts";
import { Replacement } from "./regex/replacement.ts";
import { NoGroupError } from "./text-errors.ts";

/**
 * Java's regular expressions with Java's meaning. JavaScript's own engine is not used: it has no possessive
 * quantifiers or inline flags, forgets captures where Java keeps them, and lets unset groups match. Characters are those
 * of the Unicode version of the JavaScript engine, which is newer than Java 17's.
 *
 * Not supported, and refused: `\N{name}` and canonical equivalence, `(?c)`.
 */
export class JavaPattern {
  readonly pattern: string;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  readonly #run: MatchRun;
  readonly #root: Matcher;

  /** @throws PatternSyntaxError in Java's words. */
  constructor(pattern: string) {
    const parsed = parsePattern(pattern);
    this.pattern = pattern;
    this.groupCount = parsed.groupCount;
    this.groupNames = parsed.groupNames;
    const run = new MatchRun(parsed);
    this.#run = run;
    this.#root = compileNode(parsed.root, run, (at) => {
      if (run.whole && at !== run.text.length) return false;
      run.last = at;
      return true;
    });
  }

  /** Does the pattern match the whole text? */
  matches(text: string): boolean {
    this.#run.begin(text, true, 0);
    return this.#root(0);
  }

  /** The match of the whole text, or null. */
  match(text: string): JavaMatch | null {
    return this.matches(text) ? this.#matchFrom(0) : null;
  }

  /** The first match anywhere in the text, or null. */
  find(text: string): JavaMatch | null {
    const { value } = this.findAll(text).next();
    return value ?? null;
  }

  /** One match after another; after an empty one, the search goes on one UTF-16 unit later. */
  *findAll(text: string): Generator<JavaMatch, undefined> {
    let from = 0;
    let previousEnd = 0;
    while (from <= text.length) {
      const match = this.#search(text, from, previousEnd);
      if (match === null) return;
      yield match;
      previousEnd = match.end;
      from = match.end === match.start ? match.end + 1 : match.end;
    }
  }

  /**
   * `$1`, `${name}`, `\$` and `\\` mean something in the replacement.
   * @throws ReplacementError, NoGroupError for a bad replacement, only when there is a match to replace.
   */
  replaceFirst(text: string, replacement: string): string {
    const match = this.find(text);
    if (match === null) return text;
    return text.slice(0, match.start) + new Replacement(replacement, this).expand(match) + text.slice(match.end);
  }

  replaceAll(text: string, replacement: string): string {
    let result = "";
    let copied = 0;
    let expander: Replacement | null = null;
    for (const match of this.findAll(text)) {
      expander ??= new Replacement(replacement, this);
      result += text.slice(copied, match.start) + expander.expand(match);
      copied = match.end;
    }
    return result + text.slice(copied);
  }

  #search(text: string, from: number, previousEnd: number): JavaMatch | null {
    this.#run.begin(text, false, previousEnd);
    for (let at = from; at <= text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
      if (this.#root(at)) return this.#matchFrom(at);
    }
    return null;
  }

  #matchFrom(start: number): JavaMatch {
    const captures = this.#run.captures.slice();
    captures[0] = start;
    captures[1] = this.#run.last;
    return new JavaMatch(this, this.#run.text, captures);
  }
}

/** Where a pattern matched, in UTF-16 units. */
export class JavaMatch {
  readonly #pattern: JavaPattern;
  readonly #text: string;
  readonly #captures: Int32Array;

  constructor(pattern: JavaPattern, text: string, captures: Int32Array) {
    this.#pattern = pattern;
    this.#text = text;
    this.#captures = captures;
  }

  get start(): number {
    return this.#captures[0]!;
  }

  get end(): number {
    return this.#captures[1]!;
  }

  /**
   * The text of a group, null when it took no part; 0 is the whole match.
   * @throws NoGroupError when the pattern has no such group.
   */
  group(number: number): string | null {
    if (number < 0 || number > this.#pattern.groupCount) throw new NoGroupError(`No group ${number}`);
    const from = this.#captures[number * 2]!;
    return from < 0 ? null : this.#text.slice(from, this.#captures[number * 2 + 1]);
  }
}
