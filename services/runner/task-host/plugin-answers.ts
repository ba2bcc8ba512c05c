import { ConfigError } from "@millrace/connect";
import { type ConfigKeyInfo, type PluginInfo, ProtocolError } from "@millrace/protocol";
import { choicesOf, connectorConfig } from "./connector/connector-config.ts";
import { definitionInfo } from "./connector/validation.ts";
import type { HostEnvironment } from "./environment.ts";

export function pluginInfos(env: HostEnvironment): PluginInfo[] {
  return env.plugins.plugins.map(({ class: name, type, version }) => ({ class: name, type, version }));
}

/** The plugin's own keys, then those that every connector has and it doesn't define itself. */
export function pluginDefinitions(env: HostEnvironment, name: string): ConfigKeyInfo[] {
  try {
    const plugin = env.plugins.find(
      name,
      "source",
      "sink",
      "converter",
      "header_converter",
      "transformation",
      "predicate",
    );
    const keys = [...plugin.config.keys.values()];
    if (plugin.type === "source" || plugin.type === "sink") {
      const base = connectorConfig(plugin.type, choicesOf(plugin.version));
      keys.push(...[...base.keys.values()].filter((key) => !plugin.config.keys.has(key.name)));
    }
    return keys.filter((key) => !key.internal).map((key) => definitionInfo(key));
  } catch (error) {
    if (error instanceof ConfigError) throw new ProtocolError("NOT_FOUND", `Unknown plugin ${name}.`, { cause: error });
    throw error;
  }
}
