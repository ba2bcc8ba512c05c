// Pure: a parsed pattern made into functions, each of which knows what follows it.
import { anchorHolds, graphemeEnd } from "./anchors.ts";
import type { CharacterTest } from "./character-test.ts";
import { codePointAt, type Matcher, type MatchRun, startBefore } from "./match-run.ts";
import type { CaseRule, Greed, Group, Look, PatternNode } from "./pattern-node.ts";
import { loop, repeat, repeatGroup } from "./repetitions.ts";
import { foldCase, toLower } from "./simple-case.ts";

/**
 * Alternatives are tried, and captures left behind, in the order of Java's own matcher: a capture shows what the last
 * round set that got that far, even where the repetition gave that round back.
 */
export function compileNode(node: PatternNode, run: MatchRun, next: Matcher): Matcher {
  switch (node.type) {
    case "one":
      return one(node.test, run, next);
    case "run":
      return greedyRun(node.test, node.min, run, next);
    case "literal":
      return literal(node.codePoints, node.caseRule, run, next);
    case "anchor": {
      const holds = anchorHolds[node.anchor];
      return (at) => holds(run, at) && next(at);
    }
    case "line-ending":
      return lineEnding(run, next);
    case "grapheme":
      return (at) => at < run.text.length && next(graphemeEnd(run.text, at));
    case "back-reference":
      return backReference(node.capture, node.caseRule, run, next);
    case "sequence":
      return node.nodes.reduceRight((after, each) => compileNode(each, run, after), next);
    case "branch":
      return branch(node.options.map((option) => compileNode(option, run, next)));
    case "group":
      return group(node, run, next);
    case "look":
      return look(node, run, next);
    case "atomic": {
      const body = compileAtom(node.body, run);
      return (at) => body(at) && next(run.last);
    }
    case "optional":
      return optional(compileAtom(node.atom, run), node.greed, run, next);
    case "repeat":
      return repeat(compileAtom(node.atom, run), node, run, next);
    case "repeat-group":
      return repeatGroup(compileAtom(node.group.body, run), node, run, next);
    case "loop":
      return loop((tail) => group(node.group, run, tail), node, run, next);
  }
}

/** Once matched, it is not tried in another way. */
function compileAtom(node: PatternNode, run: MatchRun): Matcher {
  return compileNode(node, run, (at) => {
    run.last = at;
    return true;
  });
}

function one(test: CharacterTest, run: MatchRun, next: Matcher): Matcher {
  return (at) => {
    if (at >= run.text.length) return false;
    const char = codePointAt(run.text, at);
    return test(char) && next(char > 0xffff ? at + 2 : at + 1);
  };
}

/** As many as there are, then fewer. */
function greedyRun(test: CharacterTest, min: number, run: MatchRun, next: Matcher): Matcher {
  return (start) => {
    const { text } = run;
    let at = start;
    let count = 0;
    while (at < text.length) {
      const char = codePointAt(text, at);
      if (!test(char)) break;
      at += char > 0xffff ? 2 : 1;
      count += 1;
    }
    for (; count >= min; count--) {
      if (next(at)) return true;
      if (count === min) return false;
      at = Math.max(start, startBefore(text, at));
    }
    return false;
  };
}

function literal(codePoints: readonly number[], caseRule: CaseRule, run: MatchRun, next: Matcher): Matcher {
  const isPlain =
    caseRule === "exact" && codePoints.every((char) => char < 0xd800 || (char > 0xdfff && char < 0x10000));
  if (isPlain) {
    const text = String.fromCodePoint(...codePoints);
    return (at) => run.text.startsWith(text, at) && next(at + text.length);
  }
  const fold = foldOf(caseRule);
  const folded = codePoints.map(fold);
  return (start) => {
    const { text } = run;
    let at = start;
    for (const wanted of folded) {
      if (at >= text.length) return false;
      const char = codePointAt(text, at);
      if (char !== wanted && fold(char) !== wanted) return false;
      at += char > 0xffff ? 2 : 1;
    }
    return next(at);
  };
}

function foldOf(caseRule: CaseRule): (char: number) => number {
  if (caseRule === "exact") return (char) => char;
  return caseRule === "unicode" ? foldCase : (char) => (char < 0x80 ? toLower(char) : char);
}

/** `\R`: both characters of a line's end, or the first alone. */
function lineEnding(run: MatchRun, next: Matcher): Matcher {
  return (at) => {
    const unit = at < run.text.length ? run.text.charCodeAt(at) : 0;
    if (unit === 0x0d && run.text[at + 1] === "\n" && next(at + 2)) return true;
    return ((unit >= 0x0a && unit <= 0x0d) || unit === 0x85 || unit === 0x2028 || unit === 0x2029) && next(at + 1);
  };
}

/** A group that has not matched is not found anywhere. */
function backReference(capture: number, caseRule: CaseRule, run: MatchRun, next: Matcher): Matcher {
  const { captures } = run;
  if (capture * 2 >= captures.length) return () => false;
  const fold = foldOf(caseRule);
  return (start) => {
    const { text } = run;
    let from = captures[capture * 2]!;
    const length = captures[capture * 2 + 1]! - from;
    if (from < 0 || start + length > text.length) return false;
    if (caseRule === "exact") {
      return text.startsWith(text.slice(from, from + length), start) && next(start + length);
    }
    for (let at = start; at < start + length; ) {
      const char = codePointAt(text, at);
      const wanted = codePointAt(text, from);
      if (char !== wanted && fold(char) !== fold(wanted)) return false;
      at += char > 0xffff ? 2 : 1;
      from += wanted > 0xffff ? 2 : 1;
    }
    return next(start + length);
  };
}

function branch(options: readonly Matcher[]): Matcher {
  return (at) => {
    for (const option of options) if (option(at)) return true;
    return false;
  };
}

function group(node: Group, run: MatchRun, next: Matcher): Matcher {
  const { slot, capture } = node;
  const { captures, slots } = run;
  const tail: Matcher = (at) => {
    const start = captures[capture * 2]!;
    const end = captures[capture * 2 + 1]!;
    captures[capture * 2] = slots[slot]!;
    captures[capture * 2 + 1] = at;
    if (next(at)) return true;
    captures[capture * 2] = start;
    captures[capture * 2 + 1] = end;
    return false;
  };
  const body = compileNode(node.body, run, capture === 0 ? next : tail);
  return (at) => {
    const saved = slots[slot]!;
    slots[slot] = at;
    const matched = body(at);
    slots[slot] = saved;
    return matched;
  };
}

function optional(atom: Matcher, greed: Greed, run: MatchRun, next: Matcher): Matcher {
  switch (greed) {
    case "greedy":
      return (at) => (atom(at) && next(run.last)) || next(at);
    case "lazy":
      return (at) => next(at) || (atom(at) && next(run.last));
    case "possessive":
      return (at) => next(atom(at) ? run.last : at);
  }
}

function look({ negative, body, behind }: Look, run: MatchRun, next: Matcher): Matcher {
  if (behind === null) {
    const ahead = compileAtom(body, run);
    return (at) => ahead(at) !== negative && next(at);
  }
  const matchesUpTo = compileNode(body, run, (at) => at === run.behindEnd);
  const { min, max, byCodePoint } = behind;
  return (at) => {
    const saved = run.behindEnd;
    run.behindEnd = at;
    const first = Math.max((at - (byCodePoint ? unitsBefore(run.text, at, max) : max)) | 0, 0);
    let from = at - (byCodePoint ? unitsBefore(run.text, at, min) : min);
    let found = false;
    while (!found && from >= first) {
      found = matchesUpTo(from);
      from = byCodePoint && from > first ? startBefore(run.text, from) : from - 1;
    }
    run.behindEnd = saved;
    return found !== negative && next(at);
  };
}

/** How many UTF-16 units `count` code points before `at` are, or all of them where there are fewer. */
function unitsBefore(text: string, at: number, count: number): number {
  let start = at;
  for (let i = 0; i < count && start > 0; i++) start = startBefore(text, start);
  return at - start;
}
