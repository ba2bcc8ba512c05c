// Pure: the settings every connector has, whatever its plugin.
import {
  ConfigDef,
  type ConfigKeyDefinition,
  type ConfigRecommender,
  type ConfigValidator,
  invalidValue,
  lambda,
  NonEmptyStringWithoutControlChars,
  Range,
  ValidString,
} from "@millrace/connect";
import { sinkConnectorKeys } from "./sink-connector-keys.ts";
import { sourceConnectorKeys } from "./source-connector-keys.ts";

/** What is the case when a connector names no converter, and what it may name. */
export interface ConverterChoice {
  /** The worker's. */
  readonly class: string | null;
  readonly classes: readonly string[];
  /** Of the converter that the connector uses, the newest last. */
  readonly versions: readonly string[];
}

/** Defaults and suggestions that depend on the installed plugins. */
export interface ConnectorChoices {
  /** Of the connector's plugin, the newest last. */
  readonly versions: readonly string[];
  readonly converters: Readonly<Record<"key" | "value" | "header", ConverterChoice>>;
}

const NO_CHOICE: ConverterChoice = { class: null, classes: [], versions: [] };

/** Where there is a plugin but no connector, and so neither a worker's default. */
export function choicesOf(versions: readonly string[]): ConnectorChoices {
  return { versions, converters: { key: NO_CHOICE, value: NO_CHOICE, header: NO_CHOICE } };
}

const COMMON = "Common";
const TRANSFORMS = "Transforms";
const PREDICATES = "Predicates";
const ERRORS = "Error Handling";

const noDuplicates: ConfigValidator = lambda((name, value) => {
  const aliases = value as readonly string[] | null;
  if (aliases !== null && new Set(aliases).size < aliases.length) {
    throw invalidValue(name, aliases, "Duplicate alias provided.");
  }
}, "unique aliases");

/** Shared by sources and sinks, in Connect's order. */
const common = ({ versions, converters }: ConnectorChoices): readonly ConfigKeyDefinition[] => [
  {
    name: "name",
    type: "STRING",
    validator: NonEmptyStringWithoutControlChars,
    importance: "HIGH",
    documentation: "Globally unique name to use for this connector.",
    group: COMMON,
    orderInGroup: 1,
    width: "MEDIUM",
    displayName: "Connector name",
  },
  {
    name: "connector.class",
    type: "STRING",
    importance: "HIGH",
    documentation:
      "Name or alias of the class for this connector. A full class name, or its last part with or without 'Connector'.",
    group: COMMON,
    orderInGroup: 2,
    width: "LONG",
    displayName: "Connector class",
  },
  {
    name: "connector.plugin.version",
    type: "STRING",
    default: versions.at(-1) ?? null,
    importance: "MEDIUM",
    documentation: "Version of the connector plugin, or a range as Maven writes them; the latest when absent.",
    group: COMMON,
    orderInGroup: 3,
    width: "MEDIUM",
    displayName: "Connector version",
    recommender: suggest(versions),
  },
  {
    name: "tasks.max",
    type: "INT",
    default: 1,
    validator: Range.atLeast(1),
    importance: "HIGH",
    documentation: "Maximum number of tasks to use for this connector.",
    group: COMMON,
    orderInGroup: 4,
    width: "SHORT",
    displayName: "Tasks max",
  },
  {
    name: "tasks.max.enforce",
    type: "BOOLEAN",
    default: true,
    importance: "LOW",
    documentation: "(Deprecated) Whether more tasks than tasks.max fail the connector.",
    group: COMMON,
    orderInGroup: 5,
    width: "SHORT",
    displayName: "Enforce tasks max",
  },
  converterClass("key.converter", 6, "Key converter class", converters.key),
  converterVersion("key.converter", 7, "Key converter version", converters.key),
  converterClass("value.converter", 8, "Value converter class", converters.value),
  converterVersion("value.converter", 9, "Value converter version", converters.value),
  converterClass("header.converter", 10, "Header converter class", converters.header),
  converterVersion("header.converter", 11, "Header converter version", converters.header),
  {
    name: "transforms",
    type: "LIST",
    default: [],
    validator: noDuplicates,
    importance: "LOW",
    documentation: "Aliases for the transformations to be applied to records.",
    group: TRANSFORMS,
    orderInGroup: 12,
    width: "LONG",
    displayName: "Transforms",
  },
  {
    name: "predicates",
    type: "LIST",
    default: [],
    validator: noDuplicates,
    importance: "LOW",
    documentation: "Aliases for the predicates used by transformations.",
    group: PREDICATES,
    orderInGroup: 13,
    width: "LONG",
    displayName: "Predicates",
  },
  {
    name: "config.action.reload",
    type: "STRING",
    default: "restart",
    validator: ValidString.in("none", "restart"),
    importance: "LOW",
    documentation: "What to do when a config provider's value changes: restart the connector, or none.",
    group: COMMON,
    orderInGroup: 14,
    width: "MEDIUM",
    displayName: "Reload Action",
  },
  {
    name: "errors.retry.timeout",
    type: "LONG",
    default: 0,
    importance: "MEDIUM",
    documentation: "Milliseconds for which a failed operation is tried again. 0: never. -1: without end.",
    group: ERRORS,
    orderInGroup: 1,
    width: "MEDIUM",
    displayName: "Retry Timeout for Errors",
  },
  {
    name: "errors.retry.delay.max.ms",
    type: "LONG",
    default: 60_000,
    importance: "MEDIUM",
    documentation: "Longest wait in milliseconds between attempts.",
    group: ERRORS,
    orderInGroup: 2,
    width: "MEDIUM",
    displayName: "Maximum Delay Between Retries for Errors",
  },
  {
    name: "errors.tolerance",
    type: "STRING",
    default: "none",
    validator: ValidString.in("none", "all"),
    importance: "MEDIUM",
    documentation: "none: any error fails the task. all: records with errors are skipped.",
    group: ERRORS,
    orderInGroup: 3,
    width: "SHORT",
    displayName: "Error Tolerance",
  },
  {
    name: "errors.log.enable",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Log each error with details of the failed operation.",
    group: ERRORS,
    orderInGroup: 4,
    width: "SHORT",
    displayName: "Log Errors",
  },
  {
    name: "errors.log.include.messages",
    type: "BOOLEAN",
    default: false,
    importance: "MEDIUM",
    documentation: "Add the record's coordinates to a logged error.",
    group: ERRORS,
    orderInGroup: 5,
    width: "SHORT",
    displayName: "Log Error Details",
  },
];

/** What sources and sinks share: all that can be checked while the connector's version is in doubt. */
export function commonConnectorConfig(choices: ConnectorChoices): ConfigDef {
  const definition = new ConfigDef();
  for (const key of common(choices)) definition.define(key);
  return definition;
}

export function connectorConfig(type: "source" | "sink", choices: ConnectorChoices): ConfigDef {
  const definition = commonConnectorConfig(choices);
  for (const key of type === "source" ? sourceConnectorKeys : sinkConnectorKeys) definition.define(key);
  return definition;
}

function suggest(values: readonly string[]): ConfigRecommender {
  return { validValues: () => values, visible: () => true };
}

function converterClass(
  name: string,
  orderInGroup: number,
  displayName: string,
  choice: ConverterChoice,
): ConfigKeyDefinition {
  const documentation = `Class that turns ${name.split(".")[0]}s into bytes and back; the worker's when absent.`;
  return {
    name,
    type: "CLASS",
    default: choice.class,
    importance: "LOW",
    documentation,
    group: COMMON,
    orderInGroup,
    width: "SHORT",
    displayName,
    recommender: suggest(choice.classes),
  };
}

function converterVersion(
  name: string,
  orderInGroup: number,
  displayName: string,
  { versions }: ConverterChoice,
): ConfigKeyDefinition {
  return {
    name: `${name}.plugin.version`,
    type: "STRING",
    default: versions.at(-1) ?? null,
    importance: "LOW",
    documentation: "Version of the plugin, or a range as Maven writes them; the latest when absent.",
    group: COMMON,
    orderInGroup,
    width: "SHORT",
    displayName,
    recommender: { validValues: () => versions, visible: (_, parsed) => (parsed[name] ?? null) !== null },
  };
}
