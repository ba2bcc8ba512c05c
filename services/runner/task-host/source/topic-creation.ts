// Pure: which topic to create before a source's first record goes to it.
import type { NewTopic } from "@millrace/kafka";
import { listSetting } from "../list-setting.ts";

interface TopicGroup {
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

const OWN_KEYS = new Set(["include", "exclude", "partitions", "replication.factor"]);

/**
 * `topic.creation.groups` in their order, then `default`; the first whose include patterns match the whole name, and whose
 * exclude patterns do not, decides. Null when the connector has no `topic.creation.*` settings: the broker creates topics.
 */
export class TopicCreation {
  #groups: readonly TopicGroup[];

  private constructor(groups: readonly TopicGroup[]) {
    this.#groups = groups;
  }

  static from(config: Readonly<Record<string, string>>): TopicCreation | null {
    if (!Object.keys(config).some((name) => name.startsWith("topic.creation."))) return null;
    const names = listSetting(config["topic.creation.groups"]).filter((name) => name !== "default");
    return new TopicCreation([...names, "default"].map((name) => readGroup(config, name)));
  }

  newTopic(topic: string): NewTopic {
    const matches = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(topic));
    const group =
      this.#groups.find((candidate) => matches(candidate.include) && !matches(candidate.exclude)) ??
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
  const include = config[`${prefix}include`] ?? (name === "default" ? ".*" : "");
  return {
    include: listSetting(include).map(wholeName),
    exclude: listSetting(config[`${prefix}exclude`]).map(wholeName),
    partitions: Number(own("partitions") ?? -1),
    replicationFactor: Number(own("replication.factor") ?? -1),
    configs,
  };
}

function wholeName(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
