// Pure: every plugin that was found, under the names and in the versions users ask for.
import { ConfigError, type Plugin, type PluginType } from "@millrace/connect";
import { compareVersions } from "./maven-version.ts";
import { VersionRange } from "./version-range.ts";

const TYPE_ORDER: readonly PluginType[] = [
  "sink",
  "source",
  "transformation",
  "predicate",
  "converter",
  "header_converter",
];

/** Ends of class names that users leave out, by type. */
const SUFFIXES: Readonly<Record<PluginType, readonly string[]>> = {
  source: ["Connector"],
  sink: ["Connector"],
  converter: ["Converter"],
  header_converter: ["HeaderConverter", "Converter"],
  transformation: ["Transformation"],
  predicate: ["Predicate"],
};

type OfType<T extends PluginType> = Extract<Plugin, { type: T }>;

/** Any number of versions of each class. */
export class PluginCatalogue {
  /** By type, class and version, the newest last. */
  readonly plugins: readonly Plugin[];
  #byName = new Map<string, Plugin[]>();

  constructor(plugins: readonly Plugin[]) {
    this.plugins = [...plugins].sort(
      (a, b) =>
        TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type) ||
        Number(a.class > b.class) - Number(a.class < b.class) ||
        compareVersions(a.version, b.version),
    );
    for (const plugin of this.plugins) for (const name of namesOf(plugin)) this.#add(name, plugin);
  }

  /**
   * The newest plugin of one of these types under its class, an alias or its short name.
   * @throws ConfigError when there is none, or when a short name means several.
   */
  find<T extends PluginType>(name: string, ...types: T[]): OfType<T> {
    return newest(this.#versions(name, types)) as OfType<T>;
  }

  /**
   * As `find`, in the newest version that `requirement` admits (see VersionRange).
   * @throws ConfigError also, in Connect's words, when there is no such version, or when it is no requirement.
   */
  choose<T extends PluginType>(name: string, requirement: string | null | undefined, ...types: T[]): OfType<T> {
    const plugins = this.#versions(name, types);
    const range = VersionRange.of(requirement);
    if (range === null) return newest(plugins) as OfType<T>;
    const admitted = plugins.filter((plugin) => range.admits(plugin.version));
    if (admitted.length > 0) return newest(admitted) as OfType<T>;
    throw new ConfigError(
      `Plugin ${plugins[0]!.class} not found that matches the version range ${range}, available versions: [${versionsIn(plugins).join(", ")}]`,
      { code: "PLUGIN_VERSION_UNKNOWN" },
    );
  }

  /** The versions there are, oldest first. Of an unknown or ambiguous name: none. */
  versionsOf(name: string, ...types: PluginType[]): string[] {
    try {
      return versionsIn(this.#versions(name, types));
    } catch (error) {
      if (error instanceof ConfigError) return [];
      throw error;
    }
  }

  /** All versions of one class. */
  #versions(name: string, types: readonly PluginType[]): [Plugin, ...Plugin[]] {
    const found = (this.#byName.get(name) ?? []).filter((plugin) => types.includes(plugin.type));
    const exact = found.filter((plugin) => plugin.class === name);
    const plugins = exact.length > 0 ? exact : found;
    const classes = [...new Set(plugins.map((plugin) => plugin.class))];
    if (classes.length > 1) {
      throw new ConfigError(
        `More than one connector matches alias ${name}. Please use full package and class name instead. Classes found: ${classes.join(", ")}`,
        { code: "PLUGIN_AMBIGUOUS" },
      );
    }
    const [first, ...others] = plugins;
    if (first === undefined) throw new ConfigError(`Class ${name} could not be found.`, { code: "PLUGIN_UNKNOWN" });
    return [first, ...others];
  }

  /** The classes nested in one of this name: of `…Cast`, which is none itself, `…Cast$Key` and `…Cast$Value`. */
  nestedIn(name: string, type: PluginType): string[] {
    const nested = this.plugins.filter((plugin) => plugin.type === type && plugin.class.startsWith(`${name}$`));
    return [...new Set(nested.map((plugin) => plugin.class))];
  }

  #add(name: string, plugin: Plugin): void {
    const list = this.#byName.get(name) ?? [];
    if (!list.includes(plugin)) list.push(plugin);
    this.#byName.set(name, list);
  }
}

/** Of the same version under several types, the first. */
function newest(plugins: readonly Plugin[]): Plugin {
  return plugins.reduce((best, plugin) => (compareVersions(plugin.version, best.version) > 0 ? plugin : best));
}

function versionsIn(plugins: readonly Plugin[]): string[] {
  return [...new Set(plugins.map((plugin) => plugin.version))].sort(compareVersions);
}

/** A nested class (`Cast$Value`) goes by its full name alone, as in Connect. */
function namesOf(plugin: Plugin): string[] {
  const names = [plugin.class, ...(plugin.aliases ?? [])];
  for (const full of names.filter((name) => !name.includes("$"))) {
    const simple = full.slice(full.lastIndexOf(".") + 1);
    names.push(simple);
    for (const suffix of SUFFIXES[plugin.type]) {
      if (simple.endsWith(suffix) && simple !== suffix) names.push(simple.slice(0, -suffix.length));
    }
  }
  return names;
}
