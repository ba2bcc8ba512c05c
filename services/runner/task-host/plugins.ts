import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConnectError, type Plugin } from "@millrace/connect";
import type { Clock } from "@millrace/time";
import { Activity, inActivity } from "./activity.ts";
import { PluginCatalogue } from "./plugin-catalogue.ts";
import { findPluginFiles } from "./plugin-folders.ts";
import { loadTypeScript, shareSdk } from "./plugin-modules.ts";
import { pluginsOf } from "./plugin-shape.ts";

export interface PluginSources {
  /** JSON file of a build: `[{package, file}]`, files relative to it. Null: not a build. */
  readonly manifest: string | null;
  /** Folders that are a plugin package, or hold plugin packages (`plugin.path`, and `libs` of a checkout). */
  readonly folders: readonly string[];
  /** URL of the `@millrace/connect` that plugins in folders share with the runtime. Absent: they find one by themselves. */
  readonly sdk?: string;
}

export interface LoadPluginsDeps {
  readonly clock: Pick<Clock, "sleep">;
  /** Told of each plugin that is left out. */
  readonly failed: (file: string, error: unknown) => void;
  /** Told before each module is loaded: what it does then it does to this process. null: all are loaded. */
  readonly loading?: (file: string | null) => void;
  /** Files that are not loaded. */
  readonly quarantined?: ReadonlySet<string>;
}

/** Begins the key of the activity of a module that is loaded, and of what it started then: timers, say. */
export const PLUGIN_KEY = "plugin ";
/** A module that waits for something while it loads must not keep the host from starting. */
const IMPORT_TIMEOUT_MS = 10_000;

/**
 * Loads all plugins of these sources. What is broken is reported with its file and left out, the rest is loaded. Of two plugins
 * of one class and version the first is taken: what the build holds, then folder by folder, by name.
 */
export async function loadPlugins(sources: PluginSources, deps: LoadPluginsDeps): Promise<PluginCatalogue> {
  const found = (await findPluginFiles(sources.folders, deps.failed)).map(({ file }) => file);
  if (found.length > 0 && sources.sdk !== undefined) shareSdk(sources.sdk);
  const plugins = new Map<string, { readonly plugin: Plugin; readonly file: string }>();
  for (const file of [...(await manifestFiles(sources.manifest)), ...found]) {
    if (deps.quarantined?.has(file)) continue;
    deps.loading?.(file);
    try {
      const { valid, problems } = pluginsOf(await importDefault(file, deps.clock));
      for (const problem of problems) deps.failed(file, new ConnectError(problem, { code: "PLUGIN_INVALID" }));
      for (const plugin of valid) {
        const key = `${plugin.class} ${plugin.version} (${plugin.type})`;
        const known = plugins.get(key);
        if (known === undefined) plugins.set(key, { plugin, file });
        else
          deps.failed(file, new ConnectError(`${key} is already there, from ${known.file}`, { code: "PLUGIN_TWICE" }));
      }
    } catch (error) {
      deps.failed(file, error);
    }
  }
  deps.loading?.(null);
  return new PluginCatalogue([...plugins.values()].map(({ plugin }) => plugin));
}

async function importDefault(file: string, clock: LoadPluginsDeps["clock"]): Promise<unknown> {
  if (file.endsWith(".ts")) await loadTypeScript(file);
  const loaded = new AbortController();
  const late = clock.sleep(IMPORT_TIMEOUT_MS, loaded.signal).then(() => {
    throw new ConnectError(`it did not finish loading within ${IMPORT_TIMEOUT_MS / 1000} s`, { code: "PLUGIN_LATE" });
  });
  // Aborted below, when nobody waits for it any more.
  late.catch(() => {});
  try {
    const load = () => import(pathToFileURL(file).href);
    const loading = inActivity(new Activity(`${PLUGIN_KEY}${file}`), load);
    const module = (await Promise.race([loading, late])) as { readonly default?: unknown };
    return module.default;
  } finally {
    loaded.abort();
  }
}

async function manifestFiles(manifest: string | null): Promise<string[]> {
  if (manifest === null) return [];
  const entries = JSON.parse(await readFile(manifest, "utf8")) as { file: string }[];
  return entries.map((entry) => join(manifest, "..", entry.file));
}
