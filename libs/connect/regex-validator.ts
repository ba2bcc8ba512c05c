// Pure: is a text a regular expression? Said in the words of Java's Pattern, whose syntax configs are written in.
import { invalidValue } from "./config-type.ts";
import { type ConfigValidator, lambda } from "./config-validators.ts";

/** Kafka's RegexValidator. What only Java's syntax has (inline flags, possessive quantifiers, `\Q…\E`) passes. */
export const ValidRegex: ConfigValidator = lambda((name, value) => {
  if (value === null) throw invalidValue(name, value, "Invalid regex: null");
  const problem = regexProblem(value as string);
  if (problem !== null) throw invalidValue(name, value, `Invalid regex: ${problem}`);
}, "valid regular expression");

function regexProblem(pattern: string): string | null {
  const found = syntaxError(comparable(pattern));
  if (found === null) return null;
  const index = found.index(pattern);
  const near = index < 0 ? "" : ` near index ${index}`;
  const caret = index >= 0 && index < pattern.length ? `\n${" ".repeat(index)}^` : "";
  return `${found.description(pattern, index)}${near}\n${pattern}${caret}`;
}

interface Flaw {
  /** How JavaScript's engine tells it. */
  readonly told: RegExp;
  index(pattern: string): number;
  description(pattern: string, index: number): string;
}

/** What is wrong in both syntaxes, and where Java sees it. */
const FLAWS: readonly Flaw[] = [
  { told: /Unterminated group/, index: (pattern) => pattern.length, description: () => "Unclosed group" },
  {
    told: /Unterminated character class/,
    index: (pattern) => pattern.length - 1,
    description: () => "Unclosed character class",
  },
  {
    told: /Nothing to repeat/,
    index: (pattern) => firstFailing(pattern, /Nothing to repeat/),
    description: (pattern, index) => `Dangling meta character '${pattern[index]}'`,
  },
  {
    told: /Unmatched '\)'/,
    index: (pattern) => firstFailing(pattern, /Unmatched '\)'/) - 1,
    description: () => "Unmatched closing ')'",
  },
  {
    told: /\\ at end of pattern/,
    index: (pattern) => pattern.length,
    description: () => "Unescaped trailing backslash",
  },
];

function syntaxError(pattern: string): Flaw | null {
  const told = messageFor(pattern);
  return told === null ? null : (FLAWS.find((flaw) => flaw.told.test(told)) ?? null);
}

/** The shortest beginning that fails like this ends at the character to blame. */
function firstFailing(pattern: string, told: RegExp): number {
  const text = comparable(pattern);
  for (let length = 1; length <= text.length; length++) {
    if (told.test(messageFor(text.slice(0, length)) ?? "")) return length - 1;
  }
  return text.length - 1;
}

function messageFor(pattern: string): string | null {
  try {
    new RegExp(pattern);
    return null;
  } catch (error) {
    // The engine repeats the pattern, which may hold any words, before the reason.
    const { message } = error as Error;
    return message.slice(message.lastIndexOf(": ") + 2);
  }
}

/** Same length, Java's own syntax blanked out so that JavaScript reads the rest alike. */
function comparable(pattern: string): string {
  return pattern
    .replace(/\\Q.*?(?:\\E|$)/gs, (quoted) => "x".repeat(quoted.length))
    .replace(/(?<=[^\\][*+?}])\+/g, "x")
    .replace(/\((\?[a-zA-Z-]+(?=[:)])|\?>)/g, (opening) => `(${"x".repeat(opening.length - 1)}`);
}
