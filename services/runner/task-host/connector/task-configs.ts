// Pure: task configs as they are stored.
import type { SinkPlugin, SourcePlugin, TaskConfig } from "@millrace/connect";
import type { Secrets } from "@millrace/service";

/** The connector's config as the user wrote it, with its references resolved, and what came of them. */
export interface RevealedConfig {
  readonly raw: Readonly<Record<string, string>>;
  readonly resolved: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
}

/**
 * Adds what Connect adds (`task.class`, a sink's `topics`), and puts references back: a value that came from a config
 * provider is stored as the reference, under its own key or inside another one's value, so that no secret leaves the
 * host (I9). The task's host resolves it again.
 */
export function completeTaskConfigs(
  made: readonly TaskConfig[],
  { raw, resolved, secrets }: RevealedConfig,
  plugin: SourcePlugin | SinkPlugin,
): Record<string, string>[] {
  return made.map((config) => {
    const stored: Record<string, string> = {};
    for (const [name, value] of Object.entries(config)) {
      const given = raw[name];
      const own = given !== undefined && resolved[name] === value;
      stored[name] = own ? given : secrets.hide(value);
    }
    stored["task.class"] = taskClass(plugin.class);
    if (plugin.type === "sink") {
      for (const name of ["topics", "topics.regex"]) if (raw[name] !== undefined) stored[name] = raw[name];
    }
    return stored;
  });
}

function taskClass(connectorClass: string): string {
  return connectorClass.replace(/Connector$/, "Task");
}
