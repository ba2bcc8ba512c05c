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
import type { PluginCatalogue } from "../plugin-catalogue.ts";

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

/** The class a step's type stands for: in full, or as given where only classes nested in it can be used; null for none. */
export function stepClass(plugins: PluginCatalogue, given: unknown, type: Kind["type"]): string | null {
  if (typeof given !== "string") return null;
  if (plugins.versionsOf(given, type).length > 0) return plugins.find(given, type).class;
  return plugins.nestedIn(given, type).length > 0 ? given : null;
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
  const given = config[`${prefix}type`];
  const { plugin, problem } = chooseStep(plugins, given, config[`${prefix}plugin.version`], kind.type);
  const classes = plugins.plugins.filter(({ type }) => type === kind.type).map((each) => each.class);
  const versions = given === undefined ? [] : plugins.versionsOf(given, kind.type);
  const newest = versions.at(-1) ?? null;
  definition.define({
    name: `${prefix}type`,
    type: "CLASS",
    validator: typeValidator(kind, prefix, {
      config,
      found: versions.length > 0,
      nested: given === undefined ? [] : plugins.nestedIn(given, kind.type),
      problem,
    }),
    importance: "HIGH",
    documentation: `Class for the '${alias}' ${kind.title.toLowerCase()}.`,
    group,
    orderInGroup: 0,
    width: "LONG",
    displayName: `${kind.title} type for ${alias}`,
    recommender: suggest([...new Set(classes)]),
  });
  definition.define({
    name: `${prefix}plugin.version`,
    type: "STRING",
    default: newest,
    validator: versionValidator(problem, newest),
    importance: "HIGH",
    documentation: `Version of the '${alias}' ${kind.title.toLowerCase()}.`,
    group,
    orderInGroup: 1,
    width: "LONG",
    displayName: `${kind.title} version for ${alias}`,
    recommender: suggest(versions),
  });
  if (plugin === null) return;
  const own = new ConfigDef().include(plugin.config);
  if (plugin.type === "transformation") for (const key of GUARD) if (!own.keys.has(key.name)) own.define(key);
  definition.embed({ definition: own, prefix, group, orderInGroup: 2 });
}

/** `problem`: there is such a class, but not in this version. */
function chooseStep(
  plugins: PluginCatalogue,
  name: string | undefined,
  version: string | undefined,
  type: Kind["type"],
): { readonly plugin: Step | null; readonly problem: string | null } {
  if (name === undefined) return { plugin: null, problem: null };
  try {
    return { plugin: plugins.choose(name, version, type), problem: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { plugin: null, problem: plugins.versionsOf(name, type).length > 0 ? error.message : null };
  }
}

function typeValidator(
  { list }: Kind,
  prefix: string,
  {
    config,
    found,
    nested,
    problem,
  }: {
    readonly config: Properties;
    readonly found: boolean;
    readonly nested: readonly string[];
    readonly problem: string | null;
  },
): ConfigValidator {
  return lambda((name, value) => {
    if (!found && nested.length > 0) {
      throw new ConfigError(`This class is abstract and cannot be created. Did you mean ${nested.join(", ")}?`);
    }
    if (value !== null && !found) throw invalidValue(name, value, `Class ${value} could not be found.`);
    if (problem !== null) throw new ConfigError(problem);
    if (list === "transforms" && `${prefix}negate` in config && !(`${prefix}predicate` in config)) {
      throw new ConfigError(
        `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
      );
    }
  }, "an installed class");
}

/** The newest version is the default, and so never what the problem is about. */
function versionValidator(problem: string | null, newest: string | null): ConfigValidator {
  return lambda((_, value) => {
    if (problem !== null && value !== newest) throw new ConfigError(problem);
  }, "an installed version");
}

function suggest(values: readonly string[]): ConfigRecommender {
  return { validValues: () => values, visible: () => true };
}
