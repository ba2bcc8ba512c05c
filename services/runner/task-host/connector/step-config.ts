// Pure: the settings of a connector's transforms and predicates, which depend on the classes it names.
import {
  ConfigDef,
  ConfigError,
  type ConfigKeyDefinition,
  type ConfigRecommender,
  type ConfigValidator,
  invalidValue,
  lambda,
  type PredicatePlugin,
  type TransformationPlugin,
} from "@millrace/connect";
import { listSetting } from "../list-setting.ts";
import type { PluginCatalogue } from "../plugins.ts";
import { versionProblem } from "./plugin-version.ts";

type Properties = Readonly<Record<string, string>>;
type Step = TransformationPlugin | PredicatePlugin;

interface Kind {
  readonly list: "transforms" | "predicates";
  readonly type: "transformation" | "predicate";
  /** As Connect names it in titles. */
  readonly title: "Transformation" | "Predicate";
  readonly group: "Transforms" | "Predicates";
}

const KINDS: readonly Kind[] = [
  { list: "transforms", type: "transformation", title: "Transformation", group: "Transforms" },
  { list: "predicates", type: "predicate", title: "Predicate", group: "Predicates" },
];

/** What every transform has beyond its own settings. */
const GUARD: readonly ConfigKeyDefinition[] = [
  {
    name: "predicate",
    type: "STRING",
    default: null,
    importance: "MEDIUM",
    documentation: "The alias of a predicate used to determine whether to apply this transformation.",
  },
  {
    name: "negate",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Whether the configured predicate should be negated.",
  },
];

/** Adds `transforms.<alias>.*` and `predicates.<alias>.*` to the connector's definition. */
export function defineSteps(definition: ConfigDef, config: Properties, plugins: PluginCatalogue): void {
  for (const kind of KINDS) {
    for (const alias of new Set(listSetting(config[kind.list])))
      defineStep(definition, { kind, alias, config, plugins });
  }
}

/** The keys of `defineSteps` that name classes. */
export function stepClassKeys(config: Properties): { readonly name: string; readonly type: Kind["type"] }[] {
  return KINDS.flatMap(({ list, type }) =>
    listSetting(config[list]).map((alias) => ({ name: `${list}.${alias}.type`, type })),
  );
}

function defineStep(
  definition: ConfigDef,
  step: {
    readonly kind: Kind;
    readonly alias: string;
    readonly config: Properties;
    readonly plugins: PluginCatalogue;
  },
): void {
  const { kind, alias, config, plugins } = step;
  const prefix = `${kind.list}.${alias}.`;
  const group = `${kind.group}: ${alias}`;
  const plugin = findStep(plugins, config[`${prefix}type`], kind.type);
  const classes = plugins.plugins.filter(({ type }) => type === kind.type).map((each) => each.class);
  definition.define({
    name: `${prefix}type`,
    type: "CLASS",
    validator: typeValidator(kind, prefix, step),
    importance: "HIGH",
    documentation: `Class for the '${alias}' ${kind.title.toLowerCase()}.`,
    group,
    orderInGroup: 0,
    width: "LONG",
    displayName: `${kind.title} type for ${alias}`,
    recommender: suggest(classes),
  });
  definition.define({
    name: `${prefix}plugin.version`,
    type: "STRING",
    default: plugin?.version ?? null,
    validator: versionValidator(plugin),
    importance: "HIGH",
    documentation: `Version of the '${alias}' ${kind.title.toLowerCase()}.`,
    group,
    orderInGroup: 1,
    width: "LONG",
    displayName: `${kind.title} version for ${alias}`,
    recommender: suggest(plugin === null ? [] : [plugin.version]),
  });
  if (plugin === null) return;
  const own = new ConfigDef().include(plugin.config);
  if (plugin.type === "transformation") for (const key of GUARD) if (!own.keys.has(key.name)) own.define(key);
  definition.embed({ definition: own, prefix, group, orderInGroup: 2 });
}

function findStep(plugins: PluginCatalogue, name: string | undefined, type: Kind["type"]): Step | null {
  if (name === undefined) return null;
  try {
    return plugins.find(name, type);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function typeValidator(
  { list, type }: Kind,
  prefix: string,
  { config, plugins }: { readonly config: Properties; readonly plugins: PluginCatalogue },
): ConfigValidator {
  return lambda((name, value) => {
    if (value !== null && findStep(plugins, value as string, type) === null) {
      throw invalidValue(name, value, `Class ${value} could not be found.`);
    }
    if (list === "transforms" && `${prefix}negate` in config && !(`${prefix}predicate` in config)) {
      throw new ConfigError(
        `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
      );
    }
  }, "an installed class");
}

function versionValidator(plugin: Step | null): ConfigValidator {
  return lambda((_, value) => {
    const problem = plugin === null || value === null ? null : versionProblem(plugin, value as string);
    if (problem !== null) throw new ConfigError(problem);
  }, "an installed version");
}

function suggest(values: readonly string[]): ConfigRecommender {
  return { validValues: () => values, visible: () => true };
}
