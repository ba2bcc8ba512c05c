import { ConfigError, type ConfigProblem, type Plugin, type SinkPlugin, type SourcePlugin } from "@millrace/connect";
import { type ConfigInfos, ProtocolError } from "@millrace/protocol";
import { ConfigProviderError, type Secrets } from "@millrace/service";
import { withPrefix } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import { hiddenError } from "../with-revealed.ts";
import { bareClientSettings, bareClientSettingWarning } from "./bare-client-settings.ts";
import { checkClientSetting } from "./client-setting-types.ts";
import {
  type ConnectorChoices,
  type ConverterChoice,
  choicesOf,
  commonConnectorConfig,
  connectorConfig,
} from "./connector-config.ts";
import { crossFieldProblems } from "./cross-field-problems.ts";
import { clientOverrides } from "./override-policy.ts";
import { defineOwnKeys } from "./own-keys.ts";
import { defineSteps, stepClass, stepClassKeys } from "./step-config.ts";
import { Validation } from "./validation.ts";

type Submitted = Readonly<Record<string, string | null>>;
type Properties = Readonly<Record<string, string>>;

const CONVERTERS = ["header", "key", "value"] as const;

/**
 * Connect's validation: common settings, transforms and predicates, the plugin's own ConfigDef and checks, client
 * overrides, converters.
 * @throws ProtocolError INVALID when there is no class, or none of that name.
 */
export async function validateConnector(
  env: HostEnvironment,
  submitted: Submitted,
): Promise<{ infos: ConfigInfos; type: "source" | "sink"; passwords: string[] }> {
  const name = submitted["connector.class"];
  if (name === undefined || name === null) {
    throw new ProtocolError("INVALID", "Connector config contains no connector type");
  }
  const newest = findPlugin(env, name);
  const { config, secrets } = await resolveSubmitted(env, submitted);
  const validation = new Validation();
  const chosen = chooseVersion(env, newest, config["connector.plugin.version"]);
  if ("plugin" in chosen) {
    const plugin = chosen.plugin as SourcePlugin | SinkPlugin;
    await validateAll(env, plugin, { submitted, config, secrets }, validation).catch((error: unknown) => {
      throw hiddenError(error, secrets);
    });
  } else {
    if (chosen.invalid) throw new ProtocolError("INVALID", chosen.problem);
    validation.add(commonConnectorConfig(choicesOf(env.plugins.versionsOf(newest.class, newest.type))), config);
    addProblems(validation, [
      { name: "connector.class", message: chosen.problem },
      { name: "connector.plugin.version", message: chosen.problem },
    ]);
  }
  const passwords = passwordKeys(validation, submitted);
  return { infos: validation.toInfos(name, submitted, secrets), type: newest.type, passwords };
}

type Choice =
  | { readonly plugin: Plugin }
  /** `invalid`: what is asked for is no version. */
  | { readonly problem: string; readonly invalid: boolean };

/** The plugin's class in the version that is asked for, or why there is none. */
function chooseVersion(env: HostEnvironment, { class: name, type }: Plugin, version: string | undefined): Choice {
  try {
    return { plugin: env.plugins.choose(name, version, type) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problem: error.message, invalid: error.code === "PLUGIN_VERSION_INVALID" };
  }
}

async function validateAll(
  env: HostEnvironment,
  plugin: SourcePlugin | SinkPlugin,
  {
    submitted,
    config,
    secrets,
  }: { readonly submitted: Submitted; readonly config: Properties; readonly secrets: Secrets },
  validation: Validation,
): Promise<void> {
  const base = connectorConfig(plugin.type, choicesFor(env, plugin, config));
  defineSteps(base, config, env.plugins);
  defineOwnKeys(base, config);
  validation.add(base, config);
  for (const { name, type } of stepClassKeys(config)) {
    validation.replaceValue(name, stepClass(env.plugins, validation.valueOf(name), type));
  }
  for (const name of CONVERTERS) validateConverterClass(env, name, validation);
  const nulls = Object.keys(submitted).filter((key) => submitted[key] === null);
  for (const key of nulls) validation.addError(key, "Null value can not be supplied as the configuration value.");
  // The connector's own word on its own settings comes last, as in Connect: there a null may stand.
  validation.add(plugin.config, { ...config, ...Object.fromEntries(nulls.map((key) => [key, null])) });
  addProblems(validation, crossFieldProblems(plugin, config, env.worker));
  for (const { name, property, value, problem } of clientOverrides(plugin.type, config, env.worker)) {
    checkOverride(property, value, secrets);
    if (validation.valueOf(name) === null) validation.addValue(name, shownSetting(name, value));
    if (problem !== null) validation.addError(name, problem);
  }
  for (const setting of bareClientSettings(config, (name) => validation.has(name))) {
    validation.addValue(setting.name, shownSetting(setting.name, setting.value), [setting.meant]);
    env.logger.warn(bareClientSettingWarning(setting), { connector: config.name });
  }
  for (const name of CONVERTERS) validateConverter(env, name, config, validation);
  if (validation.errorCount === 0 && plugin.validate) addProblems(validation, await plugin.validate(config));
}

/** What a Kafka client could not even read ends Connect's validation, with the status of a failure. */
function checkOverride(property: string, value: string, secrets: Secrets): void {
  try {
    checkClientSetting(property, value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = secrets.hide(`org.apache.kafka.common.config.ConfigException: ${error.message}`);
    // Without its cause, which may hold what a reference stands for (I9).
    throw new ProtocolError("INTERNAL", message);
  }
}

/** By their definitions; of client overrides, which have none here, by their names. */
function passwordKeys(validation: Validation, submitted: Submitted): string[] {
  const defined = new Set(validation.keysOfType("PASSWORD"));
  return Object.keys(submitted).filter((key) => defined.has(key) || CLIENT_PASSWORD.test(key));
}

const CLIENT_PASSWORD =
  /^(producer|consumer|admin)\.(override\.)?(sasl\.jaas\.config|ssl\..*password|ssl\.keystore\.key|.*\.client\.secret)$/;

/** Of a client setting, which has no definition here. */
function shownSetting(name: string, value: string): string {
  return CLIENT_PASSWORD.test(name) ? "[hidden]" : value;
}

function addProblems(validation: Validation, problems: readonly ConfigProblem[]): void {
  for (const { name, message } of problems) validation.addError(name, message);
}

function choicesFor(env: HostEnvironment, plugin: SourcePlugin | SinkPlugin, config: Properties): ConnectorChoices {
  const { keyConverter, valueConverter, headerConverter } = env.worker;
  return {
    versions: env.plugins.versionsOf(plugin.class, plugin.type),
    converters: {
      key: converterChoice(env, "key", keyConverter, config),
      value: converterChoice(env, "value", valueConverter, config),
      header: converterChoice(env, "header", headerConverter, config),
    },
  };
}

function converterChoice(
  env: HostEnvironment,
  name: (typeof CONVERTERS)[number],
  workers: string,
  config: Properties,
): ConverterChoice {
  const type = converterType(name);
  const classes = env.plugins.plugins.filter((plugin) => plugin.type === type).map((plugin) => plugin.class);
  const versions = env.plugins.versionsOf(config[`${name}.converter`] ?? workers, type);
  return { class: findClass(env, workers, type) ?? workers, classes: [...new Set(classes)], versions };
}

/** Gives the class in full, or says that there is none of that name, or none that converts. */
function validateConverterClass(env: HostEnvironment, name: (typeof CONVERTERS)[number], validation: Validation): void {
  const key = `${name}.converter`;
  const given = validation.valueOf(key);
  if (typeof given !== "string") return;
  const found = findClass(env, given, converterType(name));
  if (found !== null) {
    validation.replaceValue(key, found);
  } else if (env.plugins.plugins.some((plugin) => plugin.class === given)) {
    const expected = name === "header" ? "HeaderConverter" : "Converter";
    validation.addError(key, `Class class ${given} does not implement the ${expected} interface`);
  } else {
    validation.addError(key, `Invalid value ${given} for configuration ${key}: Class ${given} could not be found.`);
    validation.replaceValue(key, null);
  }
}

/** Only converters that the connector names itself: the worker's are the worker's business. */
function validateConverter(
  env: HostEnvironment,
  name: (typeof CONVERTERS)[number],
  config: Properties,
  validation: Validation,
): void {
  const key = `${name}.converter`;
  if (config[key] === undefined || validation.hasErrors(key)) return;
  const newest = env.plugins.find(String(validation.valueOf(key)), converterType(name));
  const chosen = chooseVersion(env, newest, config[`${key}.plugin.version`]);
  if ("plugin" in chosen) {
    const settings = { "converter.type": name, ...withPrefix(config, `${key}.`) };
    validation.addPrefixed(`${key}.`, chosen.plugin.config, settings);
    return;
  }
  if (!chosen.invalid) validation.addError(key, chosen.problem);
  validation.addError(`${key}.plugin.version`, chosen.problem);
}

function converterType(name: (typeof CONVERTERS)[number]): "converter" | "header_converter" {
  return name === "header" ? "header_converter" : "converter";
}

/** The full class of a plugin of this type, or null. */
function findClass(env: HostEnvironment, name: unknown, type: Parameters<typeof env.plugins.find>[1]): string | null {
  if (typeof name !== "string") return null;
  try {
    return env.plugins.find(name, type).class;
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function findPlugin(env: HostEnvironment, name: string): SourcePlugin | SinkPlugin {
  try {
    return env.plugins.find(name, "source", "sink");
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== "PLUGIN_UNKNOWN") {
      throw new ProtocolError("INVALID", error instanceof Error ? error.message : String(error), { cause: error });
    }
    const available = env.plugins.plugins.filter(({ type }) => type === "source" || type === "sink").map(describe);
    throw new ProtocolError(
      "INVALID",
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${available.join(", ")}`,
    );
  }
}

function describe({ class: name, version, type }: Plugin): string {
  return `PluginDesc{klass=class ${name}, name='${name}', version='${version}', type=${type}}`;
}

async function resolveSubmitted(env: HostEnvironment, submitted: Submitted) {
  const given = Object.entries(submitted).filter((entry): entry is [string, string] => entry[1] !== null);
  try {
    return await env.providers.reveal(Object.fromEntries(given));
  } catch (error) {
    if (error instanceof ConfigProviderError)
      throw new ProtocolError("INTERNAL", `${error.javaClass}: ${error.message}`);
    throw error;
  }
}
