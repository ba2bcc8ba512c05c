// Pure: what a plugin can be configured with, and the checking of a configuration against it.
import { type EmbeddedConfig, embeddedKeys } from "./config-embed.ts";
import { type ConfigType, configText, parseConfigType } from "./config-type.ts";
import type { ConfigValidator } from "./config-validators.ts";
import { ConfigError } from "./errors.ts";

/** Settings as they come, by name. Null is a value that was given; undefined is none. */
export type ConfigProps = Readonly<Record<string, string | null | undefined>>;
export type ConfigImportance = "HIGH" | "MEDIUM" | "LOW";
export type ConfigWidth = "NONE" | "SHORT" | "MEDIUM" | "LONG";

/** Suggests values, and hides keys that do not apply. `parsed` holds what has been read so far. */
export interface ConfigRecommender {
  validValues(name: string, parsed: Readonly<Record<string, unknown>>): readonly unknown[];
  visible(name: string, parsed: Readonly<Record<string, unknown>>): boolean;
}

/** One setting. */
export interface ConfigKeyDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** Absent: the key is required. Null: no default, but not required either. */
  readonly default?: unknown;
  readonly validator?: ConfigValidator;
  readonly importance: ConfigImportance;
  readonly documentation: string;
  readonly group?: string;
  readonly orderInGroup?: number;
  readonly width?: ConfigWidth;
  readonly displayName?: string;
  /** Keys whose suggestions or visibility depend on this one. */
  readonly dependents?: readonly string[];
  readonly recommender?: ConfigRecommender;
  /** Works but is not shown. */
  readonly internal?: boolean;
}

/** A setting with what was left out filled in. */
export interface ConfigKey extends ConfigKeyDefinition {
  readonly required: boolean;
  readonly group?: string;
  readonly orderInGroup: number;
  readonly width: ConfigWidth;
  readonly displayName: string;
  readonly dependents: readonly string[];
  readonly internal: boolean;
}

/** What came of checking one setting: `errors` is empty when it is right, `value` null when it could not be read. */
export interface ConfigValue {
  readonly name: string;
  readonly value: unknown;
  readonly recommendedValues: readonly unknown[];
  readonly errors: readonly string[];
  readonly visible: boolean;
}

interface MutableConfigValue extends ConfigValue {
  value: unknown;
  recommendedValues: readonly unknown[];
  errors: string[];
  visible: boolean;
}

/** All settings of a plugin. Shape: `new ConfigDef().define({ name: "topic", type: "STRING", … }).define(…)`. */
export class ConfigDef {
  readonly #keys = new Map<string, ConfigKey>();
  readonly #groups: string[] = [];

  /** In order of definition. */
  get keys(): ReadonlyMap<string, ConfigKey> {
    return this.#keys;
  }

  get groups(): readonly string[] {
    return this.#groups;
  }

  /** @throws ConfigError when the name is taken or the default is not valid itself. */
  define(definition: ConfigKeyDefinition): this {
    const { name, type } = definition;
    if (this.#keys.has(name)) throw new ConfigError(`Configuration ${name} is defined twice.`);
    const required = !("default" in definition) || definition.default === undefined;
    const key: ConfigKey = {
      ...definition,
      required,
      orderInGroup: definition.orderInGroup ?? -1,
      width: definition.width ?? "NONE",
      displayName: definition.displayName ?? name,
      dependents: definition.dependents ?? [],
      internal: definition.internal ?? false,
    };
    if (!required) {
      const value = parseConfigType(name, definition.default, type);
      definition.validator?.ensureValid(name, value);
      this.#keys.set(name, { ...key, default: value });
    } else {
      this.#keys.set(name, key);
    }
    if (key.group !== undefined && !this.#groups.includes(key.group)) this.#groups.push(key.group);
    return this;
  }

  /** Adds all keys of another definition, in its order. */
  include(other: ConfigDef): this {
    for (const key of other.keys.values()) this.define(key);
    return this;
  }

  /** Adds all keys of another definition under a prefix, in a group of their own. */
  embed(embedded: EmbeddedConfig): this {
    for (const key of embeddedKeys(embedded)) this.define(key);
    return this;
  }

  /**
   * A value for every key, defaults filled in; see parseConfigType for their kinds. Unknown keys are left out.
   * @throws ConfigError at the first key that is missing or wrong.
   */
  parse(props: ConfigProps): Record<string, unknown> {
    const unknown = this.#undefinedDependents();
    if (unknown.length > 0) {
      const names = unknown.join(",");
      throw new ConfigError(`Some configurations in are referred in the dependents, but not defined: ${names}`);
    }
    const parsed: Record<string, unknown> = {};
    for (const key of this.#keys.values()) {
      const read = readValue(key, props);
      const value = key.validator?.dropsDuplicates && Array.isArray(read) ? [...new Set(read)] : read;
      key.validator?.ensureValid(key.name, value);
      parsed[key.name] = value;
    }
    return parsed;
  }

  /** One entry per key with all that is wrong about it. */
  validate(props: ConfigProps): ConfigValue[] {
    const values = new Map<string, MutableConfigValue>();
    for (const name of this.#keys.keys()) values.set(name, emptyValue(name));
    for (const name of this.#undefinedDependents()) {
      const errors = [`${name} is referred in the dependents, but not defined.`];
      values.set(name, { ...emptyValue(name), errors, visible: false });
    }
    const parsed: Record<string, unknown> = {};
    const roots = this.#keysWithoutParent();
    for (const name of roots) this.#parseInto(name, props, parsed, values);
    for (const name of roots) this.#recommend(name, parsed, values);
    return [...values.values()];
  }

  #parseInto(
    name: string,
    props: ConfigProps,
    parsed: Record<string, unknown>,
    values: ReadonlyMap<string, MutableConfigValue>,
  ): void {
    const key = this.#keys.get(name);
    if (key === undefined) return;
    const entry = values.get(name)!;
    let value: unknown = null;
    collect(entry, () => {
      value = readValue(key, props);
    });
    collect(entry, () => key.validator?.ensureValid(name, value));
    entry.value = value;
    parsed[name] = value;
    for (const dependent of key.dependents) this.#parseInto(dependent, props, parsed, values);
  }

  #recommend(
    name: string,
    parsed: Readonly<Record<string, unknown>>,
    values: ReadonlyMap<string, MutableConfigValue>,
  ): void {
    const key = this.#keys.get(name);
    if (key === undefined) return;
    const { recommender } = key;
    if (recommender !== undefined) {
      const entry = values.get(name)!;
      collect(entry, () => {
        entry.recommendedValues = recommender.validValues(name, parsed);
        entry.visible = recommender.visible(name, parsed);
      });
    }
    for (const dependent of key.dependents) this.#recommend(dependent, parsed, values);
  }

  #keysWithoutParent(): string[] {
    const children = new Set([...this.#keys.values()].flatMap((key) => key.dependents));
    return [...this.#keys.keys()].filter((name) => !children.has(name));
  }

  #undefinedDependents(): string[] {
    const referred = new Set([...this.#keys.values()].flatMap((key) => key.dependents));
    return [...referred].filter((name) => !this.#keys.has(name));
  }
}

/** A key and its value as REST's validation answer shows them. */
export interface ConfigDefinitionInfo {
  readonly name: string;
  readonly type: ConfigType;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: ConfigImportance;
  readonly documentation: string;
  readonly group: string | null;
  readonly order_in_group: number;
  readonly width: ConfigWidth;
  readonly display_name: string;
  readonly dependents: readonly string[];
}

/** A checked value as REST answers have it. */
export interface ConfigValueInfo {
  readonly name: string;
  readonly value: string | null;
  readonly recommended_values: readonly string[];
  readonly errors: readonly string[];
  readonly visible: boolean;
}

/** A setting as REST answers have it. */
export function configDefinitionInfo(key: ConfigKey): ConfigDefinitionInfo {
  return {
    name: key.name,
    type: key.type,
    required: key.required,
    default_value: key.required ? null : configText(key.default, key.type),
    importance: key.importance,
    documentation: key.documentation,
    group: key.group ?? null,
    order_in_group: key.orderInGroup,
    width: key.width,
    display_name: key.displayName,
    dependents: key.dependents,
  };
}

/** A checked value as REST answers have it. `type` is the key's; STRING for a value no key defines. */
export function configValueInfo(value: ConfigValue, type: ConfigType = "STRING"): ConfigValueInfo {
  const elementType = type === "LIST" ? "STRING" : type;
  return {
    name: value.name,
    value: configText(value.value, type),
    recommended_values: value.recommendedValues.map((each) => configText(each, elementType) ?? "null"),
    errors: value.errors,
    visible: value.visible,
  };
}

function readValue(key: ConfigKey, props: ConfigProps): unknown {
  const raw = Object.hasOwn(props, key.name) ? props[key.name] : undefined;
  if (raw !== undefined) return parseConfigType(key.name, raw, key.type);
  if (!key.required) return key.default;
  throw new ConfigError(`Missing required configuration "${key.name}" which has no default value.`, {
    code: "CONFIG_MISSING",
  });
}

function collect(entry: MutableConfigValue, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    entry.errors.push(error.message);
  }
}

function emptyValue(name: string): MutableConfigValue {
  return { name, value: null, recommendedValues: [], errors: [], visible: true };
}
