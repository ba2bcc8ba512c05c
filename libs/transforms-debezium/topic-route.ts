// Pure: from the value a record is routed by to its topic, as Connect's RegexRouter does it.

import { invalidValue, NullPointerError, regexProblem } from "@millrace/connect";
import { JavaPattern, javaTrim } from "@millrace/java-text";
import type { Check } from "./settings.ts";

export const isRegex: Check = (value) => {
  const problem = value === null ? null : regexProblem(value);
  return problem === null ? null : `A valid regular expressions is expected, but ${problem}`;
};

/** Values whose topics are kept: there are few, and each comes again and again. */
const TOPICS_MAX = 1000;

export class TopicRoute {
  readonly #topics = new Map<string, string>();
  readonly #regex: JavaPattern;
  readonly #replacement: string;

  /** Both are trimmed. @throws ConfigError when the regex is none. */
  constructor(regex: string, replacement: string) {
    const trimmed = javaTrim(regex);
    const problem = regexProblem(trimmed);
    if (problem !== null) throw invalidValue("regex", trimmed, `Invalid regex: ${problem}`);
    this.#regex = new JavaPattern(trimmed);
    this.#replacement = javaTrim(replacement);
  }

  /** A value that does not match is the topic itself. */
  topicOf(value: string | null): string {
    if (value === null)
      throw new NullPointerError("The column that route.by.field names is null: there is no topic to tell from it");
    let topic = this.#topics.get(value);
    if (topic === undefined) {
      topic = this.#regex.matches(value) ? this.#regex.replaceFirst(value, this.#replacement) : value;
      if (this.#topics.size >= TOPICS_MAX) this.#topics.clear();
      this.#topics.set(value, topic);
    }
    return topic;
  }
}
