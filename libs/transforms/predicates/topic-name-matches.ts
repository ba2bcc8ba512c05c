import {
  ConfigDef,
  type ConnectRecord,
  composite,
  NonEmptyString,
  type Predicate,
  ValidRegex,
} from "@millrace/connect";
import { JavaPattern } from "@millrace/java-text";
import { predicate } from "../stock.ts";

const CONFIG = new ConfigDef().define({
  name: "pattern",
  type: "STRING",
  validator: composite(NonEmptyString, ValidRegex),
  importance: "MEDIUM",
  documentation: "A Java regular expression that the whole topic has to match.",
});

export const topicNameMatches = predicate({
  name: "TopicNameMatches",
  overview: "True for records whose topic matches a regular expression.",
  config: CONFIG,
  create: () => new TopicNameMatches(),
});

class TopicNameMatches implements Predicate {
  #pattern = new JavaPattern("");
  #lastTopic: string | null = null;
  #lastAnswer = false;

  configure(props: Readonly<Record<string, string>>): void {
    this.#pattern = new JavaPattern(CONFIG.parse(props).pattern as string);
    this.#lastTopic = null;
    this.#lastAnswer = false;
  }

  test({ topic }: ConnectRecord): boolean {
    if (topic !== this.#lastTopic) {
      this.#lastAnswer = topic !== null && this.#pattern.matches(topic);
      this.#lastTopic = topic;
    }
    return this.#lastAnswer;
  }
}
