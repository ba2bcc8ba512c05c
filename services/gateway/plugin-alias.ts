// Pure: which connector a `connector.class` means.
import type { PluginInfo } from "@millrace/protocol";

/**
 * A full class name, a simple name (`FileStreamSourceConnector`), or one without `Connector` (`FileStreamSource`). A full
 * name wins; a short one that fits several classes means none. Case matters, blanks too.
 */
export function findConnector(plugins: readonly PluginInfo[], given: string): PluginInfo | null {
  const connectors = plugins.filter(({ type }) => type === "source" || type === "sink");
  const exact = connectors.find((plugin) => plugin.class === given);
  if (exact !== undefined) return exact;
  const matches = connectors.filter((plugin) => {
    const name = simpleName(plugin.class);
    return name === given || withoutConnector(name) === given;
  });
  // A class may be there in several versions.
  const [first, ...others] = matches;
  return first !== undefined && others.every((plugin) => plugin.class === first.class) ? first : null;
}

/** Whether the class in a config fits the plugin named in the path of a validation. */
export function matchesRequestedPlugin(configured: string, requested: string): boolean {
  return withoutConnector(configured).endsWith(withoutConnector(requested));
}

function simpleName(className: string): string {
  return className.slice(Math.max(className.lastIndexOf("."), className.lastIndexOf("$")) + 1);
}

function withoutConnector(name: string): string {
  return name.endsWith("Connector") && name !== "Connector" ? name.slice(0, -"Connector".length) : name;
}
