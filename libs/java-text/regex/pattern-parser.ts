// Pure: a pattern's text to a tree, with Java 17's reading of every character and Java's complaints.
import { readClass, readProperty, singleTest } from "./character-class.ts";
import { anyCharacter, type CharacterTest, not, tabled } from "./character-test.ts";
import { readEscape, readGroupName } from "./escapes.ts";
import {
  type CaseRule,
  EMPTY,
  type Group,
  type Memo,
  NO_MAX,
  type ParsedPattern,
  type PatternNode,
} from "./pattern-node.ts";
import { Flag, isLineTerminator, PatternSource } from "./pattern-source.ts";
import { isDigit, type Quantifier, readQuantifier } from "./quantifiers.ts";
import { matchesOneWay, reach } from "./study.ts";

/** @throws PatternSyntaxError in Java's words. */
export function parsePattern(pattern: string): ParsedPattern {
  return new PatternParser(pattern).parse();
}

const FLAGS: Readonly<Record<string, number>> = {
  i: Flag.CASE_INSENSITIVE,
  m: Flag.MULTILINE,
  s: Flag.DOTALL,
  d: Flag.UNIX_LINES,
  u: Flag.UNICODE_CASE,
  x: Flag.COMMENTS,
  U: Flag.UNICODE_CHARACTER_CLASS | Flag.UNICODE_CASE,
};

const chars = (text: string): ReadonlySet<number> => new Set(Array.from(text, (char) => char.codePointAt(0)!));
const QUANTIFIERS = chars("*+?{");
/** What ends a run of literal characters, besides a backslash. */
const SPECIALS = chars("*+?{$.^([|)");
const Char = {
  QUESTION: 0x3f,
  STAR: 0x2a,
  PLUS: 0x2b,
  MINUS: 0x2d,
  BAR: 0x7c,
  OPEN: 0x28,
  CLOSE: 0x29,
  OPEN_CLASS: 0x5b,
  BACKSLASH: 0x5c,
  CARET: 0x5e,
  DOLLAR: 0x24,
  DOT: 0x2e,
  COLON: 0x3a,
  EQUALS: 0x3d,
  BANG: 0x21,
  LESS: 0x3c,
  GREATER: 0x3e,
  AT: 0x40,
  SMALL_P: 0x70,
  CAPITAL_P: 0x50,
} as const;

class PatternParser {
  readonly #source: PatternSource;
  readonly #names = new Map<string, number>();
  #groups = 0;
  #slots = 0;
  /** Of loops that are in no other repetition. */
  #memos: Memo[] = [];
  #refersToGroups = false;

  constructor(pattern: string) {
    this.#source = new PatternSource(pattern);
  }

  parse(): ParsedPattern {
    const source = this.#source;
    const root = source.length === 0 ? EMPTY : this.#alternatives();
    if (source.cursor !== source.length) {
      throw source.error(source.peek() === Char.CLOSE ? "Unmatched closing ')'" : "Unexpected internal error");
    }
    const memos = this.#refersToGroups ? [] : this.#memos;
    for (const [index, memo] of memos.entries()) memo.index = index;
    return {
      root,
      groupCount: this.#groups,
      groupNames: this.#names,
      slotCount: this.#slots,
      memoCount: memos.length,
    };
  }

  #alternatives(): PatternNode {
    const options = [this.#sequence()];
    while (this.#source.peek() === Char.BAR) {
      this.#source.next();
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0]! : { type: "branch", options };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (;;) {
      const char = this.#source.peek();
      if (char === Char.BAR || char === Char.CLOSE || (char === 0 && this.#source.atEnd())) break;
      if (char === Char.OPEN) {
        const group = this.#group();
        if (group !== null) nodes.push(group);
      } else {
        nodes.push(this.#quantified(this.#item(char)));
      }
    }
    return nodes.length === 1 ? nodes[0]! : { type: "sequence", nodes };
  }

  #item(char: number): PatternNode {
    const source = this.#source;
    switch (char) {
      case Char.OPEN_CLASS:
        return one(readClass(source));
      case Char.CARET:
        source.next();
        if (!source.has(Flag.MULTILINE)) return { type: "anchor", anchor: "begin" };
        return { type: "anchor", anchor: source.has(Flag.UNIX_LINES) ? "unix-caret" : "caret" };
      case Char.DOLLAR:
        source.next();
        return this.#dollar();
      case Char.DOT:
        source.next();
        return one(this.#dot());
      case Char.QUESTION:
      case Char.STAR:
      case Char.PLUS:
        source.next();
        throw source.error(`Dangling meta character '${String.fromCharCode(char)}'`);
      default:
        return this.#literal();
    }
  }

  #dollar(): PatternNode {
    const unix = this.#source.has(Flag.UNIX_LINES);
    if (this.#source.has(Flag.MULTILINE)) return { type: "anchor", anchor: unix ? "unix-dollar" : "dollar" };
    return { type: "anchor", anchor: unix ? "unix-final-dollar" : "final-dollar" };
  }

  #dot(): CharacterTest {
    if (this.#source.has(Flag.DOTALL)) return anyCharacter;
    return this.#source.has(Flag.UNIX_LINES) ? (char) => char !== 0x0a : not(isLineTerminator);
  }

  /** A run of literal characters, without the last one where that is quantified; or one escape that is no character. */
  #literal(): PatternNode {
    const source = this.#source;
    const codePoints: number[] = [];
    let previous = -1;
    for (;;) {
      const char = source.peek();
      if (char === 0 && source.atEnd()) break;
      if (SPECIALS.has(char)) {
        if (codePoints.length > 1 && QUANTIFIERS.has(char)) {
          source.cursor = previous;
          codePoints.pop();
        }
        break;
      }
      if (char !== Char.BACKSLASH) {
        previous = source.cursor;
        codePoints.push(char);
        source.next();
        continue;
      }
      const start = source.cursor;
      const escaped = this.#escape(codePoints.length === 0);
      if (typeof escaped === "object") return escaped;
      if (escaped < 0) {
        source.cursor = start;
        break;
      }
      previous = start;
      codePoints.push(escaped);
    }
    if (codePoints.length === 1) return one(singleTest(source, codePoints[0]!));
    return { type: "literal", codePoints, caseRule: this.#caseRule() };
  }

  /** A character; or a node, for which -1 stands where none is wanted. */
  #escape(nodeWanted: boolean): number | PatternNode {
    const source = this.#source;
    const letter = source.nextEscaped();
    if (letter === Char.SMALL_P || letter === Char.CAPITAL_P) return nodeWanted ? one(readProperty(source)) : -1;
    source.unread();
    const escaped = readEscape(source, { inClass: false, inRange: false });
    if (escaped.type === "character") return escaped.codePoint;
    const named = escaped.type === "group-name" ? this.#nameReference(escaped.name) : null;
    if (!nodeWanted) return -1;
    if (named !== null) return named;
    if (escaped.type === "class") return one(escaped.test);
    if (escaped.type === "node") return escaped.node;
    return this.#numberReference((escaped as { readonly digit: number }).digit);
  }

  /** Takes further digits as long as there is such a group by now. */
  #numberReference(digit: number): PatternNode {
    let number = digit;
    for (;;) {
      const next = number * 10 + this.#source.peek() - 0x30;
      if (!isDigit(this.#source.peek()) || next > this.#groups) return this.#reference(number);
      number = next;
      this.#source.read();
    }
  }

  #nameReference(name: string): PatternNode {
    const number = this.#names.get(name);
    if (number === undefined) throw this.#source.error(`named capturing group <${name}> does not exist`);
    return this.#reference(number);
  }

  #reference(capture: number): PatternNode {
    this.#refersToGroups = true;
    return { type: "back-reference", capture, caseRule: this.#caseRule() };
  }

  #caseRule(): CaseRule {
    if (!this.#source.has(Flag.CASE_INSENSITIVE)) return "exact";
    return this.#source.has(Flag.UNICODE_CASE) ? "unicode" : "ascii";
  }

  /** Anything in round brackets, with its quantifier. Null: flags for what follows. */
  #group(): PatternNode | null {
    const source = this.#source;
    const flags = source.flags;
    const memosBefore = this.#memos.length;
    let node: PatternNode | Group;
    if (source.next() === Char.QUESTION) {
      const kind = source.skip();
      const special = this.#specialGroup(kind);
      if (special === null) return null;
      node = special;
    } else {
      node = this.#plainGroup(++this.#groups);
    }
    if (source.read() !== Char.CLOSE) throw source.error("Unclosed group");
    source.flags = flags;
    if (node.type === "look" && node.behind !== null) this.#memos.length = memosBefore;
    const repetition = readQuantifier(source);
    if (repetition === null) return node;
    if (node.type !== "group") return repeated(node, repetition);
    this.#memos.length = memosBefore;
    return this.#repeatedGroup(node, repetition);
  }

  #specialGroup(kind: number): PatternNode | null {
    const source = this.#source;
    switch (kind) {
      case Char.COLON:
        return this.#plainGroup(0);
      case Char.EQUALS:
      case Char.BANG:
        return { type: "look", negative: kind === Char.BANG, body: this.#plainGroup(0), behind: null };
      case Char.GREATER:
        return { type: "atomic", body: this.#plainGroup(0) };
      case Char.LESS:
        return this.#namedOrBehind();
      case Char.DOLLAR:
      case Char.AT:
        throw source.error("Unknown group type");
    }
    source.unread();
    this.#readFlags();
    const end = source.read();
    if (end === Char.CLOSE) return null;
    if (end !== Char.COLON) throw source.error("Unknown inline modifier");
    return this.#plainGroup(0);
  }

  #namedOrBehind(): PatternNode {
    const source = this.#source;
    const char = source.read();
    if (char === Char.EQUALS || char === Char.BANG) {
      const start = source.cursor;
      const body = this.#plainGroup(0);
      const length = reach(body);
      if (length === null) throw source.error("Look-behind group does not have an obvious maximum length");
      const byCodePoint = source.hasSupplementary(start);
      return { type: "look", negative: char === Char.BANG, body, behind: { ...length, byCodePoint } };
    }
    source.unread();
    const name = readGroupName(source);
    if (this.#names.has(name)) throw source.error(`Named capturing group <${name}> is already defined`);
    const capture = ++this.#groups;
    this.#names.set(name, capture);
    return this.#plainGroup(capture);
  }

  #plainGroup(capture: number): Group {
    const slot = this.#slots++;
    return { type: "group", capture, slot, body: this.#alternatives() };
  }

  #readFlags(): void {
    const source = this.#source;
    let on = true;
    for (let char = source.peek(); ; char = source.next()) {
      if (char === Char.MINUS && on) {
        on = false;
        continue;
      }
      const letter = String.fromCodePoint(char);
      if (letter === "c") {
        if (on) throw source.error("(?c), canonical equivalence, is not supported");
        continue;
      }
      const flag = FLAGS[letter];
      if (flag === undefined) return;
      source.flags = on ? source.flags | flag : source.flags & ~flag;
    }
  }

  #repeatedGroup(group: Group, repetition: Quantifier): PatternNode {
    const { min, max, greed, optional } = repetition;
    if (greed === "possessive") return repeated(group, repetition);
    if (optional) return { type: "branch", options: greed === "greedy" ? [group, EMPTY] : [EMPTY, group] };
    if (matchesOneWay(group)) return { type: "repeat-group", group, min, max, greed };
    const memo: Memo = { index: -1 };
    if (greed === "greedy" && max === NO_MAX) this.#memos.push(memo);
    return { type: "loop", group, counter: this.#slots++, memo, min, max, greed };
  }

  #quantified(node: PatternNode): PatternNode {
    const repetition = readQuantifier(this.#source);
    return repetition === null ? node : repeated(node, repetition);
  }
}

function one(test: CharacterTest): PatternNode {
  return { type: "one", test: tabled(test) };
}

function repeated(atom: PatternNode, repetition: Quantifier): PatternNode {
  const { min, max, greed, optional } = repetition;
  if (optional) return { type: "optional", atom, greed };
  if (max === NO_MAX && greed === "greedy" && atom.type === "one") return { type: "run", test: atom.test, min };
  return { type: "repeat", atom, min, max, greed };
}
