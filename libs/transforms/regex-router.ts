import { ConfigDef, type ConnectRecord, NullPointerError, type Transformation, ValidRegex } from "@millrace/connect";
import { JavaPattern } from "@millrace/java-text";
import { transformation } from "./stock.ts";

const CONFIG = new ConfigDef()
  .define({
    name: "regex",
    type: "STRING",
    validator: ValidRegex,
    importance: "HIGH",
    documentation: "A Java regular expression; topics that match it as a whole get a new name.",
  })
  .define({
    name: "replacement",
    type: "STRING",
    importance: "HIGH",
    documentation: "The new name of the first match in the topic; `$1` and `${name}` stand for groups of `regex`.",
  });

export const regexRouter = transformation({
  name: "RegexRouter",
  overview: "Renames topics by a regular expression and a replacement.",
  config: CONFIG,
  create: () => new RegexRouter(),
});

/** Topics whose new name is kept; a task seldom sees more. */
const KEPT_TOPICS_MAX = 1000;

class RegexRouter implements Transformation {
  #regex = new JavaPattern("");
  #replacement: string | null = "";
  readonly #newTopics = new Map<string, string>();

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#regex = new JavaPattern(config.regex as string);
    this.#replacement = config.replacement as string | null;
    this.#newTopics.clear();
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { topic } = record;
    let newTopic = this.#newTopics.get(topic);
    if (newTopic === undefined) {
      newTopic = this.#route(topic);
      if (this.#newTopics.size === KEPT_TOPICS_MAX) this.#newTopics.clear();
      this.#newTopics.set(topic, newTopic);
    }
    return newTopic === topic ? record : { ...record, topic: newTopic };
  }

  #route(topic: string | null): string {
    if (topic === null) throw new NullPointerError("The record has no topic to match with regex.");
    if (!this.#regex.matches(topic)) return topic;
    if (this.#replacement === null) throw new NullPointerError("replacement is null. Set it; it may be empty.");
    return this.#regex.replaceFirst(topic, this.#replacement);
  }
}
