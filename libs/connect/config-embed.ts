// Pure: the keys of a definition as keys of a larger one, under a prefix.
import type { ConfigDef, ConfigKey, ConfigKeyDefinition, ConfigRecommender } from "./config-def.ts";
import { type ConfigValidator, lambda } from "./config-validators.ts";

/** A definition that becomes part of another, as a transform's does of its connector's. */
export interface EmbeddedConfig {
  readonly definition: ConfigDef;
  /** Stands before each key, e.g. `transforms.mask.`. */
  readonly prefix: string;
  /** Stands before each key's own group. */
  readonly group: string;
  /** Of the first key; the others follow. */
  readonly orderInGroup: number;
}

/** In the order of documentation: ungrouped keys first; then by group, order, required ones, importance and name. */
export function embeddedKeys({ definition, prefix, group, orderInGroup }: EmbeddedConfig): ConfigKeyDefinition[] {
  return sortedKeys(definition).map((key, index) => {
    const { validator, recommender, required, default: value, ...rest } = key;
    return {
      ...rest,
      ...(required ? {} : { default: value }),
      ...(validator === undefined ? {} : { validator: unprefixedValidator(prefix, validator) }),
      ...(recommender === undefined ? {} : { recommender: unprefixedRecommender(prefix, recommender) }),
      name: prefix + key.name,
      group: key.group === undefined ? group : `${group}: ${key.group}`,
      orderInGroup: orderInGroup + index,
      dependents: key.dependents.map((dependent) => prefix + dependent),
    };
  });
}

const IMPORTANCE = ["HIGH", "MEDIUM", "LOW"] as const;

function sortedKeys(definition: ConfigDef): ConfigKey[] {
  const group = (key: ConfigKey) => (key.group === undefined ? -1 : definition.groups.indexOf(key.group));
  return [...definition.keys.values()].sort(
    (a, b) =>
      group(a) - group(b) ||
      a.orderInGroup - b.orderInGroup ||
      Number(b.required) - Number(a.required) ||
      IMPORTANCE.indexOf(a.importance) - IMPORTANCE.indexOf(b.importance) ||
      (a.name < b.name ? -1 : 1),
  );
}

/** Its errors name the key without the prefix, as in Kafka. */
function unprefixedValidator(prefix: string, validator: ConfigValidator): ConfigValidator {
  return lambda((name, value) => validator.ensureValid(name.slice(prefix.length), value), String(validator));
}

function unprefixedRecommender(prefix: string, recommender: ConfigRecommender): ConfigRecommender {
  const own = (parsed: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const entries = Object.entries(parsed).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
  };
  return {
    validValues: (name, parsed) => recommender.validValues(name.slice(prefix.length), own(parsed)),
    visible: (name, parsed) => recommender.visible(name.slice(prefix.length), own(parsed)),
  };
}
