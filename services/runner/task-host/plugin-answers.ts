import { ConfigError } from "@millrace/connect";
import { type ConfigKeyInfo, type PluginInfo, ProtocolError } from "@millrace/protocol";
import { choicesOf, connectorConfig } from "./connector/connector-config.ts";
import { definitionInfo } from "./connector/validation.ts";
import type { HostEnvironment } from "./environment.ts";
import { VersionRange } from "./version-range.ts";

const ANY_TYPE = ["source", "sink", "converter", "header_converter", "transformation", "predicate"] as const;

export function pluginInfos(env: Pick<HostEnvironment, "plugins">): PluginInfo[] {
  return env.plugins.plugins.map(({ class: name, type, version }) => ({ class: name, type, version }));
}

/**
 * The plugin's own keys, then those that every connector has and it doesn't define itself.
 * @throws ProtocolError in Connect's words: INVALID for a version that is none or is not there, NOT_FOUND for the plugin.
 */
export function pluginDefinitions(
  env: Pick<HostEnvironment, "plugins">,
  name: string,
  version: string | null,
): ConfigKeyInfo[] {
  const plugin = choose(env, name, version);
  const keys = [...plugin.config.keys.values()];
  if (plugin.type === "source" || plugin.type === "sink") {
    const base = connectorConfig(plugin.type, choicesOf(env.plugins.versionsOf(plugin.class, plugin.type)));
    keys.push(...[...base.keys.values()].filter((key) => !plugin.config.keys.has(key.name)));
  }
  return keys.filter((key) => !key.internal).map((key) => definitionInfo(key));
}

function choose({ plugins }: Pick<HostEnvironment, "plugins">, name: string, version: string | null) {
  try {
    VersionRange.of(version);
    return plugins.choose(name, version, ...ANY_TYPE);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    if (cause.code === "PLUGIN_VERSION_INVALID") {
      throw new ProtocolError("INVALID", `Invalid version specification: ${version}`, { cause });
    }
    if (cause.code === "PLUGIN_VERSION_UNKNOWN") throw new ProtocolError("INVALID", cause.message, { cause });
    throw new ProtocolError("NOT_FOUND", `Unknown plugin ${name}.`, { cause });
  }
}
