// Pure: a parsed pattern.
import type { CharacterTest } from "./character-test.ts";

/** `(?i)` alone minds the case of ASCII letters only. */
export type CaseRule = "exact" | "ascii" | "unicode";

export type Greed = "greedy" | "lazy" | "possessive";

/** `{n,}`. */
export const NO_MAX = 0x7fffffff;

export type Anchor =
  | "begin"
  | "end"
  | "caret"
  | "unix-caret"
  | "dollar"
  | "unix-dollar"
  | "final-dollar"
  | "unix-final-dollar"
  | "last-match"
  | "word-bound"
  | "no-word-bound"
  | "unicode-word-bound"
  | "no-unicode-word-bound"
  | "grapheme-bound";

/** A group's text, when it captures, is number `capture`; 0 when not. `slot` remembers where it began. */
export interface Group {
  readonly type: "group";
  readonly capture: number;
  readonly slot: number;
  readonly body: PatternNode;
}

export interface Look {
  readonly type: "look";
  readonly negative: boolean;
  readonly body: PatternNode;
  /** How far before the place a look behind may begin, in characters; null looks ahead. */
  readonly behind: null | { readonly min: number; readonly max: number; readonly byCodePoint: boolean };
}

export interface Repetition {
  readonly min: number;
  readonly max: number;
  readonly greed: Greed;
}

export type PatternNode =
  | { readonly type: "one"; readonly test: CharacterTest }
  | { readonly type: "literal"; readonly codePoints: readonly number[]; readonly caseRule: CaseRule }
  | { readonly type: "anchor"; readonly anchor: Anchor }
  | { readonly type: "line-ending" }
  | { readonly type: "grapheme" }
  | { readonly type: "back-reference"; readonly capture: number; readonly caseRule: CaseRule }
  | { readonly type: "sequence"; readonly nodes: readonly PatternNode[] }
  | { readonly type: "branch"; readonly options: readonly PatternNode[] }
  | Group
  | Look
  | { readonly type: "atomic"; readonly body: PatternNode }
  | { readonly type: "optional"; readonly atom: PatternNode; readonly greed: Greed }
  /** Its atom matches in one way only: nothing inside is tried again. */
  | ({ readonly type: "repeat"; readonly atom: PatternNode } & Repetition)
  /** Greedy repetition of one character without an upper bound. */
  | { readonly type: "run"; readonly test: CharacterTest; readonly min: number }
  /** A group that matches in one way only. */
  | ({ readonly type: "repeat-group"; readonly group: Group } & Repetition)
  /** Any other group: every round may be tried in other ways. `memo` keeps where rounds failed; -1 for none. */
  | ({ readonly type: "loop"; readonly group: Group; readonly counter: number; readonly memo: Memo } & Repetition);

/** Numbered after parsing: whether places can be kept depends on the whole pattern. */
export interface Memo {
  index: number;
}

export const EMPTY: PatternNode = { type: "sequence", nodes: [] };

export interface ParsedPattern {
  readonly root: PatternNode;
  /** Captures, the whole match not counted. */
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  readonly slotCount: number;
  readonly memoCount: number;
}
