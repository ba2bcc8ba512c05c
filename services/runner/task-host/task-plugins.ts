import type { Converter, HeaderConverter, Predicate, SinkPlugin, SourcePlugin } from "@millrace/connect";
import { ConfigError } from "@millrace/connect";
import { withPrefix } from "./client-configs.ts";
import type { HostEnvironment } from "./environment.ts";
import { listSetting } from "./list-setting.ts";
import type { Converters } from "./stages/encode.ts";
import { TransformChain, type TransformStep } from "./stages/transform-chain.ts";

type Properties = Readonly<Record<string, string>>;

export function connectorPlugin(env: HostEnvironment, config: Properties): SourcePlugin | SinkPlugin {
  const name = config["connector.class"];
  if (name === undefined) throw new ConfigError("Connector config contains no connector type");
  return env.plugins.choose(name, config["connector.plugin.version"], "source", "sink");
}

/**
 * The connector's converters, or the worker's where it names none. A converter named by the connector gets only the
 * connector's settings for it, as in Connect.
 */
export function openConverters(env: HostEnvironment, config: Properties): Converters {
  const key = openConverter(env, config, "key.converter");
  const value = openConverter(env, config, "value.converter");
  const header = openHeaderConverter(env, config);
  return {
    key: key.converter,
    value: value.converter,
    header: header.converter,
    classes: { key: key.class, value: value.class, header: header.class },
    versions: { key: key.version, value: value.version, header: header.version },
  };
}

export function openTransforms(env: Pick<HostEnvironment, "plugins">, config: Properties): TransformChain {
  const predicates = new Map<string, Predicate>();
  for (const alias of listSetting(config.predicates)) {
    const settings = withPrefix(config, `predicates.${alias}.`);
    const type = required(settings, "type", `predicates.${alias}.type`);
    const predicate = env.plugins.choose(type, settings["plugin.version"], "predicate").create();
    predicate.configure(settings);
    predicates.set(alias, predicate);
  }
  const steps = listSetting(config.transforms).map((alias): TransformStep => {
    const settings = withPrefix(config, `transforms.${alias}.`);
    const type = required(settings, "type", `transforms.${alias}.type`);
    const plugin = env.plugins.choose(type, settings["plugin.version"], "transformation");
    const transformation = plugin.create();
    transformation.configure(settings);
    const predicate = settings.predicate === undefined ? null : predicates.get(settings.predicate);
    if (predicate === undefined) {
      throw new ConfigError(
        `transforms.${alias}.predicate names '${settings.predicate}', which predicates doesn't list`,
      );
    }
    const negate = settings.negate?.toLowerCase() === "true";
    return { alias, className: plugin.class, transformation, condition: predicate && { predicate, negate } };
  });
  return new TransformChain(steps);
}

function openConverter(
  env: HostEnvironment,
  config: Properties,
  name: "key.converter" | "value.converter",
): { converter: Converter; class: string; version: string } {
  const own = config[name];
  const workers = name === "key.converter" ? env.worker.keyConverter : env.worker.valueConverter;
  const settings = withPrefix(own === undefined ? env.worker.properties : config, `${name}.`);
  const plugin = env.plugins.choose(own ?? workers, settings["plugin.version"], "converter");
  const converter = plugin.create();
  converter.configure(settings, name === "key.converter");
  return { converter, class: plugin.class, version: plugin.version };
}

function openHeaderConverter(
  env: HostEnvironment,
  config: Properties,
): {
  converter: HeaderConverter;
  class: string;
  version: string;
} {
  const own = config["header.converter"];
  const settings = withPrefix(own === undefined ? env.worker.properties : config, "header.converter.");
  const plugin = env.plugins.choose(own ?? env.worker.headerConverter, settings["plugin.version"], "header_converter");
  const converter = plugin.create();
  converter.configure(settings);
  return { converter, class: plugin.class, version: plugin.version };
}

function required(settings: Properties, key: string, name: string): string {
  const value = settings[key];
  if (value === undefined)
    throw new ConfigError(`Missing required configuration "${name}" which has no default value.`);
  return value;
}
