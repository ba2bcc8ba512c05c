// Pure: a configuration written as a literal, and the type its values have once read.
import { ConfigDef, type ConfigKeyDefinition } from "./config-def.ts";
import type { Password } from "./password.ts";

/** Keys by name, written as for `ConfigDef.define`. Without a `default` a key is required. */
export type ConfigKeys = Readonly<Record<string, Omit<ConfigKeyDefinition, "name">>>;

/**
 * What `ConfigDef.parse` gives for such keys, e.g. `{ readonly "page.size": number }` for
 * `{ "page.size": { type: "INT", default: 100, … } }`. Only a key whose default is null may be null.
 */
export type ConfigOf<K extends ConfigKeys> = {
  readonly [N in keyof K]: ConfigTypeValues[K[N]["type"]] | (K[N] extends { readonly default: null } ? null : never);
};

interface ConfigTypeValues {
  BOOLEAN: boolean;
  STRING: string;
  CLASS: string;
  INT: number;
  SHORT: number;
  DOUBLE: number;
  /** A bigint beyond 2^53. */
  LONG: number | bigint;
  LIST: readonly string[];
  PASSWORD: Password;
}

/** What every plugin says of itself. */
export interface PluginDescription<K extends ConfigKeys> {
  /** The name users give, e.g. `com.example.HttpFeedSource`. */
  readonly class: string;
  readonly aliases?: readonly string[];
  readonly version: string;
  /** One or two sentences for catalogues and docs. */
  readonly overview: string;
  readonly config: K;
}

/** @throws ConfigError when a default does not pass its own key's checks. */
export function configDefOf(keys: ConfigKeys): ConfigDef {
  const configDef = new ConfigDef();
  for (const [name, key] of Object.entries(keys)) configDef.define({ ...key, name });
  return configDef;
}

/** @throws ConfigError at the first key that is missing or wrong. */
export function parseConfigOf<K extends ConfigKeys>(
  configDef: ConfigDef,
  config: Readonly<Record<string, string>>,
): ConfigOf<K> {
  return configDef.parse(config) as ConfigOf<K>;
}
