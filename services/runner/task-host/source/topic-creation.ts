// Pure: which topic to create before a source's first record goes to it.
import { invalidValue, regexProblem } from "@millrace/connect";
import { JavaPattern } from "@millrace/java-text";
import type { NewTopic } from "@millrace/kafka";
import { listSetting } from "../list-setting.ts";

interface TopicGroup {
  readonly include: JavaPattern;
  readonly exclude: JavaPattern;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

const OWN_KEYS = new Set(["include", "exclude", "partitions", "replication.factor"]);

/**
 * `topic.creation.groups` in their order, then `default`; the first whose include patterns match the whole name, and whose
 * exclude patterns do not, decides. Patterns are Java's.
 */
export class TopicCreation {
  #groups: readonly TopicGroup[];

  private constructor(groups: readonly TopicGroup[]) {
    this.#groups = groups;
  }

  /**
   * Null when the connector has no `topic.creation.*` settings: the broker creates topics.
   * @throws ConfigError when a list of patterns is no regular expression.
   */
  static from(config: Readonly<Record<string, string>>): TopicCreation | null {
    if (!Object.keys(config).some((name) => name.startsWith("topic.creation."))) return null;
    const names = listSetting(config["topic.creation.groups"]).filter((name) => name !== "default");
    return new TopicCreation([...names, "default"].map((name) => readGroup(config, name)));
  }

  newTopic(topic: string): NewTopic {
    const group =
      this.#groups.find(({ include, exclude }) => include.matches(topic) && !exclude.matches(topic)) ??
      this.#groups[this.#groups.length - 1]!;
    return {
      topic,
      partitions: group.partitions,
      replicationFactor: group.replicationFactor,
      configs: group.configs,
    };
  }
}

function readGroup(config: Readonly<Record<string, string>>, name: string): TopicGroup {
  const prefix = `topic.creation.${name}.`;
  const own = (key: string) => config[prefix + key] ?? config[`topic.creation.default.${key}`];
  const configs: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith(prefix) && !OWN_KEYS.has(key.slice(prefix.length))) configs[key.slice(prefix.length)] = value;
  }
  return {
    include: anyOf(`${prefix}include`, config[`${prefix}include`] ?? (name === "default" ? ".*" : "")),
    exclude: anyOf(`${prefix}exclude`, config[`${prefix}exclude`] ?? ""),
    partitions: Number(own("partitions") ?? -1),
    replicationFactor: Number(own("replication.factor") ?? -1),
    configs,
  };
}

/** One pattern of them all, as in Connect: a flag such as `(?i)` holds for those behind it too. */
function anyOf(key: string, patterns: string): JavaPattern {
  const joined = listSetting(patterns).join("|");
  const problem = regexProblem(joined);
  if (problem !== null) throw invalidValue(key, patterns, `Invalid regex: ${problem}`);
  return new JavaPattern(joined);
}
