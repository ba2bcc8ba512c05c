// Pure: from the value a record is routed by to its topic, as Connect's RegexRouter does it.
import { invalidValue } from "@millrace/connect";
import { JavaPattern, PatternSyntaxError } from "@millrace/java-text";
import { NullPointerError } from "./java-errors.ts";
import { trimText } from "./java-strings.ts";

/** What is wrong with a pattern, in Debezium's words, or null. */
export function regexProblem(regex: string | null): string | null {
  const problem = regex === null ? null : syntaxProblem(regex);
  return problem === null ? null : `A valid regular expressions is expected, but ${problem}`;
}

/** Values whose topics are kept: there are few, and each comes again and again. */
const TOPICS_MAX = 1000;

export class TopicRoute {
  readonly #topics = new Map<string, string>();
  readonly #regex: JavaPattern;
  readonly #replacement: string;

  /** Both are trimmed. @throws ConfigError when the regex is none. */
  constructor(regex: string, replacement: string) {
    const trimmed = trimText(regex);
    const problem = syntaxProblem(trimmed);
    if (problem !== null) throw invalidValue("regex", trimmed, `Invalid regex: ${problem}`);
    this.#regex = new JavaPattern(trimmed);
    this.#replacement = trimText(replacement);
  }

  /** A value that does not match is the topic itself. */
  topicOf(value: string | null): string {
    if (value === null) throw new NullPointerError("There is no value to route by");
    let topic = this.#topics.get(value);
    if (topic === undefined) {
      topic = this.#regex.matches(value) ? this.#regex.replaceFirst(value, this.#replacement) : value;
      if (this.#topics.size >= TOPICS_MAX) this.#topics.clear();
      this.#topics.set(value, topic);
    }
    return topic;
  }
}

function syntaxProblem(regex: string): string | null {
  try {
    new JavaPattern(regex);
    return null;
  } catch (error) {
    if (error instanceof PatternSyntaxError) return error.message;
    throw error;
  }
}
