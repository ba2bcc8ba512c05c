import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PluginSources } from "./task-host/plugins.ts";

/** Where this installation's plugins are: a build lists them, a checkout has them among its packages. */
export function pluginSources(pluginPath: readonly string[]): PluginSources {
  const manifest = fileURLToPath(new URL("./plugins.json", import.meta.url));
  if (existsSync(manifest)) {
    return { manifest, folders: pluginPath, sdk: new URL("./connect.js", import.meta.url).href };
  }
  const libs = fileURLToPath(new URL("../../libs", import.meta.url));
  const sdk = new URL("../../libs/connect/mod.ts", import.meta.url).href;
  return { manifest: null, folders: [libs, `${libs}/connectors`, ...pluginPath], sdk };
}
