import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, type Plugin, type PluginType } from "@millrace/connect";
import { loadTypeScript, shareSdk } from "./plugin-modules.ts";

export interface PluginSources {
  /** JSON file of a build: `[{package, file}]`, files relative to it. Null: not a build. */
  readonly manifest: string | null;
  /** Folders that are a plugin package, or hold plugin packages (`plugin.path`, and `libs` of a checkout). */
  readonly folders: readonly string[];
  /** URL of the `@millrace/connect` that plugins in folders share with the runtime. Absent: they find one by themselves. */
  readonly sdk?: string;
}

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

/** Every plugin that was found, by class and by the names users give it. */
export class PluginCatalogue {
  readonly plugins: readonly Plugin[];
  #byName = new Map<string, Plugin[]>();

  constructor(plugins: readonly Plugin[]) {
    this.plugins = [...plugins].sort(
      (a, b) => TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type) || (a.class < b.class ? -1 : 1),
    );
    for (const plugin of this.plugins) for (const name of namesOf(plugin)) this.#add(name, plugin);
  }

  /**
   * The plugin of one of these types under its class, an alias or its short name.
   * @throws ConfigError when there is none, or when a short name means several.
   */
  find<T extends PluginType>(name: string, ...types: T[]): Extract<Plugin, { type: T }> {
    const found = (this.#byName.get(name) ?? []).filter((plugin) => (types as PluginType[]).includes(plugin.type));
    const exact = found.find((plugin) => plugin.class === name);
    if (exact || found.length === 1) return (exact ?? found[0]) as Extract<Plugin, { type: T }>;
    if (found.length > 1) {
      const classes = found.map((plugin) => plugin.class).join(", ");
      throw new ConfigError(
        `More than one connector matches alias ${name}. Please use full package and class name instead. Classes found: ${classes}`,
        { code: "PLUGIN_AMBIGUOUS" },
      );
    }
    throw new ConfigError(`Class ${name} could not be found.`, { code: "PLUGIN_UNKNOWN" });
  }

  #add(name: string, plugin: Plugin): void {
    const list = this.#byName.get(name) ?? [];
    if (!list.includes(plugin)) list.push(plugin);
    this.#byName.set(name, list);
  }
}

/** Loads all plugins of these sources. A package that fails to load is reported by name and left out. */
export async function loadPlugins(
  sources: PluginSources,
  failed: (file: string, error: unknown) => void,
): Promise<PluginCatalogue> {
  const found = await folderFiles(sources.folders);
  if (found.length > 0 && sources.sdk !== undefined) shareSdk(sources.sdk);
  const files = [...(await manifestFiles(sources.manifest)), ...found];
  const plugins: Plugin[] = [];
  for (const file of files) {
    try {
      if (file.endsWith(".ts")) await loadTypeScript(file);
      const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
      plugins.push(...([module.default].flat() as Plugin[]));
    } catch (error) {
      failed(file, error);
    }
  }
  return new PluginCatalogue(plugins);
}

function namesOf(plugin: Plugin): string[] {
  const names = [plugin.class, ...(plugin.aliases ?? [])];
  for (const full of [...names]) {
    const simple = full.slice(full.lastIndexOf(".") + 1);
    names.push(simple);
    for (const suffix of SUFFIXES[plugin.type]) {
      if (simple.endsWith(suffix) && simple !== suffix) names.push(simple.slice(0, -suffix.length));
    }
  }
  return names;
}

async function manifestFiles(manifest: string | null): Promise<string[]> {
  if (manifest === null) return [];
  const entries = JSON.parse(await readFile(manifest, "utf8")) as { file: string }[];
  return entries.map((entry) => join(manifest, "..", entry.file));
}

async function folderFiles(folders: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const folder of folders) {
    const own = await pluginFile(folder);
    if (own !== null) {
      files.push(own);
      continue;
    }
    const children = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = child.isDirectory() || child.isSymbolicLink() ? await pluginFile(join(folder, child.name)) : null;
      if (file !== null) files.push(file);
    }
  }
  return files;
}

/** A package is a plugin when its package.json says `"millrace": "./plugin.ts"`: the only registration. */
async function pluginFile(folder: string): Promise<string | null> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { millrace?: unknown };
    return typeof manifest.millrace === "string" ? join(folder, manifest.millrace) : null;
  } catch {
    return null;
  }
}
