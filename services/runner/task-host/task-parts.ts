import type { SinkPlugin, SourcePlugin } from "@millrace/connect";
import { withPrefix } from "./client-configs.ts";
import type { HostEnvironment } from "./environment.ts";
import { listSetting } from "./list-setting.ts";
import type { Converters } from "./stages/encode.ts";
import type { TaskParts } from "./task-stats.ts";

type Properties = Readonly<Record<string, string>>;

/** The plugins of one task, by class and version. */
export function taskParts(
  env: Pick<HostEnvironment, "plugins">,
  config: Properties,
  of: { readonly plugin: SourcePlugin | SinkPlugin; readonly taskConfig: Properties; readonly converters: Converters },
): TaskParts {
  const { plugin, taskConfig, converters } = of;
  const { classes, versions } = converters;
  const steps = (setting: "transforms" | "predicates", type: "transformation" | "predicate") =>
    listSetting(config[setting]).map((alias) => {
      const settings = withPrefix(config, `${setting}.${alias}.`);
      const { class: name, version } = env.plugins.choose(settings.type ?? "", settings["plugin.version"], type);
      return { alias, class: name, version };
    });
  return {
    type: plugin.type,
    texts: {
      "connector-class": plugin.class,
      "connector-version": plugin.version,
      "task-class": taskConfig["task.class"] ?? plugin.class,
      "task-version": plugin.version,
      "key-converter-class": classes.key,
      "key-converter-version": versions.key,
      "value-converter-class": classes.value,
      "value-converter-version": versions.value,
      "header-converter-class": classes.header,
      "header-converter-version": versions.header,
    },
    transforms: steps("transforms", "transformation"),
    predicates: steps("predicates", "predicate"),
  };
}
