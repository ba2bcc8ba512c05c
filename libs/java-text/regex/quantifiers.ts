// Pure: `?`, `*`, `+` and `{n,m}`, with the `?` or `+` that may follow.
import { type Greed, NO_MAX, type Repetition } from "./pattern-node.ts";
import type { PatternSource } from "./pattern-source.ts";

/** `optional` is `?` and `{0,1}`. */
export type Quantifier = Repetition & { readonly optional: boolean };

const [PLUS, STAR, COMMA, QUESTION, OPEN_BRACE, CLOSE_BRACE] = [0x2b, 0x2a, 0x2c, 0x3f, 0x7b, 0x7d] as const;

/** Takes a quantifier; null where there is none. */
export function readQuantifier(source: PatternSource): Quantifier | null {
  switch (source.peek()) {
    case QUESTION:
      return { min: 0, max: 1, optional: true, greed: readGreed(source) };
    case STAR:
      return { min: 0, max: NO_MAX, optional: false, greed: readGreed(source) };
    case PLUS:
      return { min: 1, max: NO_MAX, optional: false, greed: readGreed(source) };
    case OPEN_BRACE:
      return readCounted(source);
    default:
      return null;
  }
}

export function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

function readCounted(source: PatternSource): Quantifier {
  if (!isDigit(source.skip())) throw source.error("Illegal repetition");
  source.unread();
  const min = readCount(source);
  let max = min;
  let end = source.read();
  if (end === COMMA) {
    max = NO_MAX;
    end = source.read();
    if (end !== CLOSE_BRACE) {
      source.unread();
      max = readCount(source);
      end = source.read();
    }
  }
  if (end !== CLOSE_BRACE) throw source.error("Unclosed counted closure");
  if (max < min) throw source.error("Illegal repetition range");
  source.unread();
  return { min, max, optional: min === 0 && max === 1, greed: readGreed(source) };
}

/** Takes digits; none are 0. */
function readCount(source: PatternSource): number {
  let count = 0;
  for (let char = source.read(); isDigit(char); char = source.read()) {
    count = count * 10 + char - 0x30;
    if (count > NO_MAX) throw source.error("Illegal repetition range");
  }
  source.unread();
  return count;
}

function readGreed(source: PatternSource): Greed {
  const char = source.next();
  if (char !== QUESTION && char !== PLUS) return "greedy";
  source.next();
  return char === QUESTION ? "lazy" : "possessive";
}
