// Pure: what changes while a pattern is being matched.
import type { ParsedPattern } from "./pattern-node.ts";

/** Does what follows match from here on? Where the last part of it ended is left in `run.last`. */
export type Matcher = (at: number) => boolean;

/** One for all matches of a pattern: matching is synchronous and does not call back. */
export class MatchRun {
  text = "";
  /** A match has to end at the end of the text. */
  whole = false;
  last = 0;
  /** Where the match before this one ended, for `\G`. */
  previousEnd = 0;
  /** Where the look behind being tried has to end. */
  behindEnd = 0;
  /** Start and end of each capture, -1 for none; of the whole match first. */
  readonly captures: Int32Array;
  /** Where open groups began, and how many rounds loops have done. */
  readonly slots: Int32Array;
  /** Per memo: where another round has been found to fail. */
  readonly failed: readonly Set<number>[];

  constructor({ groupCount, slotCount, memoCount }: ParsedPattern) {
    this.captures = new Int32Array(2 * (groupCount + 1)).fill(-1);
    this.slots = new Int32Array(slotCount).fill(-1);
    this.failed = Array.from({ length: memoCount }, () => new Set());
  }

  begin(text: string, whole: boolean, previousEnd: number): void {
    this.text = text;
    this.whole = whole;
    this.previousEnd = previousEnd;
    this.last = previousEnd;
    this.captures.fill(-1);
    for (const places of this.failed) places.clear();
  }
}

/** At `at`, with a surrogate pair as one. */
export function codePointAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 0xd800 || unit > 0xdbff ? unit : text.codePointAt(at)!;
}

/** Where the code point before `at` begins. */
export function startBefore(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  if (low < 0xdc00 || low > 0xdfff || at < 2) return at - 1;
  const high = text.charCodeAt(at - 2);
  return high >= 0xd800 && high <= 0xdbff ? at - 2 : at - 1;
}
