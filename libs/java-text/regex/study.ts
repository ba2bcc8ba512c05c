// Pure: what is known of a pattern's matches beforehand: how long they are, and whether there is one way only.
import type { Group, PatternNode, Repetition } from "./pattern-node.ts";

/** Lengths in characters; they wrap around like Java's int, on which some look behinds depend. */
interface Study {
  min: number;
  max: number;
  /** False: there is no upper bound. */
  bounded: boolean;
  oneWay: boolean;
}

/** False: the study ended early, at something that can match in several ways. */
type Rest = (study: Study) => boolean;

const end: Rest = (study) => study.oneWay;

/** True: where it matches, there is nothing else to try. Alternatives and options inside make it false. */
export function matchesOneWay(group: Group): boolean {
  return examine(group, newStudy(), end);
}

/** Shortest and longest match; null without an obvious longest one. */
export function reach(group: Group): { readonly min: number; readonly max: number } | null {
  const study = newStudy();
  examine(group, study, end);
  return study.bounded ? { min: study.min, max: study.max } : null;
}

function newStudy(): Study {
  return { min: 0, max: 0, bounded: true, oneWay: true };
}

function examine(node: PatternNode, study: Study, rest: Rest): boolean {
  switch (node.type) {
    case "one":
      return adding(study, 1, 1, rest);
    case "literal":
      return adding(study, node.codePoints.length, node.codePoints.length, rest);
    case "line-ending":
      return adding(study, 1, 2, rest);
    case "grapheme":
      study.min = (study.min + 1) | 0;
      study.oneWay = false;
      return rest(study);
    case "anchor":
    case "look":
      return rest(study);
    case "back-reference":
      study.bounded = false;
      return rest(study);
    case "sequence":
      return examineAll(node.nodes, 0, study, rest);
    case "branch":
      return examineBranch(node.options, study, rest);
    case "group":
      return examine(node.body, study, rest);
    case "atomic":
      examine(node.body, study, end);
      return rest(study);
    case "optional":
      return examineOptional(node.atom, study, rest);
    case "repeat":
      return examineRepeat(node.atom, node, study, rest);
    case "repeat-group":
      return examineRepeat(node.group.body, node, study, rest);
    case "run":
      study.min = (study.min + node.min) | 0;
      if (study.bounded) study.max = (study.max + 0x7fffffff) | 0;
      study.oneWay = false;
      return rest(study);
    case "loop":
      study.bounded = false;
      study.oneWay = false;
      return false;
  }
}

function adding(study: Study, min: number, max: number, rest: Rest): boolean {
  study.min = (study.min + min) | 0;
  study.max = (study.max + max) | 0;
  return rest(study);
}

function examineAll(nodes: readonly PatternNode[], index: number, study: Study, rest: Rest): boolean {
  if (index === nodes.length) return rest(study);
  return examine(nodes[index]!, study, (next) => examineAll(nodes, index + 1, next, rest));
}

function examineBranch(options: readonly PatternNode[], study: Study, rest: Rest): boolean {
  let min = 0x7fffffff;
  let max = -1;
  let { bounded } = study;
  for (const option of options) {
    const each = newStudy();
    examine(option, each, end);
    min = Math.min(min, each.min);
    max = Math.max(max, each.max);
    bounded &&= each.bounded;
  }
  const after = newStudy();
  rest(after);
  study.min = (after.min + study.min + min) | 0;
  study.max = (after.max + study.max + max) | 0;
  study.bounded = after.bounded && bounded;
  study.oneWay = false;
  return false;
}

function examineOptional(atom: PatternNode, study: Study, rest: Rest): boolean {
  const { min } = study;
  examine(atom, study, end);
  study.min = min;
  study.oneWay = false;
  return rest(study);
}

function examineRepeat(atom: PatternNode, { min, max }: Repetition, study: Study, rest: Rest): boolean {
  const each = newStudy();
  examine(atom, each, end);
  const least = (Math.imul(each.min, min) + study.min) | 0;
  const most = (Math.imul(each.max, max) + study.max) | 0;
  const bounded = study.bounded && each.bounded;
  study.bounded = bounded && most >= study.max;
  study.max = bounded ? most : each.max;
  study.min = least < study.min ? 0x0fffffff : least;
  study.oneWay = each.oneWay && min === max && study.oneWay;
  return rest(study);
}
