// Pure: quantifiers, by how much of what they repeat may be tried again.
import type { Matcher, MatchRun } from "./match-run.ts";
import type { Group, Memo, Repetition } from "./pattern-node.ts";

/** Repeats what matches in one way only. */
export function repeat(atom: Matcher, { min, max, greed }: Repetition, run: MatchRun, next: Matcher): Matcher {
  const proceed = { greedy: greedyRounds, lazy: lazyRounds, possessive: possessiveRounds }[greed](atom, max, run, next);
  return (start) => {
    let at = start;
    for (let round = 0; round < min; round++) {
      if (!atom(at)) return false;
      at = run.last;
    }
    return proceed(at, min);
  };
}

type Rounds = (at: number, round: number) => boolean;

/** Rounds of equal length are given back one by one by going back that far. */
function greedyRounds(atom: Matcher, max: number, run: MatchRun, next: Matcher): Rounds {
  const rounds: Rounds = (start, before) => {
    if (before >= max || !atom(start)) return next(start);
    const length = run.last - start;
    if (length === 0) return next(start);
    let at = run.last;
    let round = before + 1;
    while (round < max && atom(at)) {
      if (run.last !== at + length) {
        if (rounds(run.last, round + 1)) return true;
        break;
      }
      at += length;
      round += 1;
    }
    for (; round >= before; round--) {
      if (next(at)) return true;
      at -= length;
    }
    return false;
  };
  return rounds;
}

function lazyRounds(atom: Matcher, max: number, run: MatchRun, next: Matcher): Rounds {
  return (start, before) => {
    let at = start;
    for (let round = before; ; round++) {
      if (next(at)) return true;
      if (round >= max || !atom(at) || run.last === at) return false;
      at = run.last;
    }
  };
}

function possessiveRounds(atom: Matcher, max: number, run: MatchRun, next: Matcher): Rounds {
  return (start, before) => {
    let at = start;
    for (let round = before; round < max && atom(at) && run.last !== at; round++) at = run.last;
    return next(at);
  };
}

interface GroupRepetition extends Repetition {
  readonly group: Group;
}

/** As `repeat`, capturing the last round. */
export function repeatGroup(body: Matcher, repetition: GroupRepetition, run: MatchRun, next: Matcher): Matcher {
  const { min, max, greed, group } = repetition;
  const capture = new Capture(run.captures, group.capture);
  const proceed = (greed === "lazy" ? lazyCaptures : greedyCaptures)(body, max, run, next, capture);
  return (start) => {
    const from = capture.from;
    const to = capture.to;
    let at = start;
    let matched = true;
    for (let round = 0; round < min && matched; round++) {
      matched = body(at);
      if (!matched) break;
      capture.set(at, run.last);
      at = run.last;
    }
    if (matched && proceed(at, min)) return true;
    capture.set(from, to);
    return false;
  };
}

/** A group's place among the captures; for a group that does not capture, nowhere. */
class Capture {
  readonly #captures: Int32Array;
  readonly #index: number;

  constructor(captures: Int32Array, number: number) {
    this.#captures = number === 0 ? new Int32Array(2) : captures;
    this.#index = number * 2;
  }

  get from(): number {
    return this.#captures[this.#index]!;
  }

  get to(): number {
    return this.#captures[this.#index + 1]!;
  }

  set(from: number, to: number): void {
    this.#captures[this.#index] = from;
    this.#captures[this.#index + 1] = to;
  }
}

function greedyCaptures(body: Matcher, max: number, run: MatchRun, next: Matcher, capture: Capture): Rounds {
  const rounds: Rounds = (start, before) => {
    const savedFrom = capture.from;
    const savedTo = capture.to;
    let at = start;
    if (before < max && body(at)) {
      const length = run.last - at;
      if (length <= 0) {
        capture.set(at, run.last);
        at = run.last;
      } else {
        let round = before;
        for (;;) {
          capture.set(at, at + length);
          at += length;
          round += 1;
          if (round >= max || !body(at)) break;
          if (run.last !== at + length) {
            if (rounds(at, round)) return true;
            break;
          }
        }
        for (; round > before; round--) {
          if (next(at)) {
            capture.set(at - length, at);
            return true;
          }
          at -= length;
          capture.set(at - length, at);
        }
      }
    }
    capture.set(savedFrom, savedTo);
    return next(at);
  };
  return rounds;
}

function lazyCaptures(body: Matcher, max: number, run: MatchRun, next: Matcher, capture: Capture): Rounds {
  return (start, before) => {
    let at = start;
    for (let round = before; ; round++) {
      if (next(at)) return true;
      if (round >= max || !body(at) || run.last === at) return false;
      capture.set(at, run.last);
      at = run.last;
    }
  };
}

interface Loop extends Repetition {
  readonly group: Group;
  readonly counter: number;
  readonly memo: Memo;
}

/**
 * Repeats a group any round of which may be tried in other ways: each round ends by asking for another one, or for what
 * follows. A round that took no characters is the last. Greedy loops without an upper bound remember where another
 * round failed, which keeps nested ones from taking exponential time.
 */
export function loop(open: (tail: Matcher) => Matcher, node: Loop, run: MatchRun, next: Matcher): Matcher {
  const { min, max, greed, counter } = node;
  const { slots } = run;
  const failed = run.failed[node.memo.index];
  const body: Matcher = open((at) => {
    if (at <= slots[node.group.slot]!) return next(at);
    const count = slots[counter]!;
    if (count < min) return anotherRound(at, count);
    if (greed === "lazy") return next(at) || (count < max && anotherRound(at, count));
    if (count < max && !failed?.has(at)) {
      if (anotherRound(at, count)) return true;
      failed?.add(at);
    }
    return next(at);
  });
  const anotherRound = (at: number, count: number): boolean => {
    slots[counter] = count + 1;
    if (body(at)) return true;
    slots[counter] = count;
    return false;
  };
  const first: Matcher = (at) => {
    slots[counter] = 1;
    return body(at);
  };
  const begin: Matcher =
    min > 0
      ? first
      : greed === "lazy"
        ? (at) => next(at) || (max > 0 && first(at))
        : (at) => (max > 0 && first(at)) || next(at);
  return (at) => {
    const saved = slots[counter]!;
    const matched = begin(at);
    slots[counter] = saved;
    return matched;
  };
}
