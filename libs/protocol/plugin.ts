// Pure: questions that only a runner can answer, because only task hosts load plugins and Kafka clients.
import * as z from "zod";
import { configMap, submittedConfig } from "./config.ts";
import { defineRequest } from "./subjects.ts";

export const pluginType = z.enum(["source", "sink", "converter", "header_converter", "transformation", "predicate"]);

export const pluginInfo = z.object({ class: z.string(), type: pluginType, version: z.string().nullable() });
export type PluginInfo = z.infer<typeof pluginInfo>;

/** Every plugin, in Connect's order: sinks, sources, transformations, predicates, converters, header converters. */
export const pluginList = defineRequest("runner.plugin.list", z.object({}), z.object({ plugins: z.array(pluginInfo) }));

export const brokenPlugin = z.object({
  /** Of the runner's file system. */
  file: z.string(),
  reason: z.string(),
  /** It ended or held up the task host that loaded it: none tries it again until the runner is started anew. */
  quarantined: z.boolean(),
});
export type BrokenPluginInfo = z.infer<typeof brokenPlugin>;

/** What task hosts of one runner leave out, at most 200. */
export const runnerBrokenPlugins = (runner: string) =>
  defineRequest(`runner.${runner}.plugins.broken`, z.object({}), z.object({ plugins: z.array(brokenPlugin) }));

/** Connect's `definition` object, as REST shows it. */
export const configKeyInfo = z.object({
  name: z.string(),
  type: z.enum(["BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"]),
  required: z.boolean(),
  default_value: z.string().nullable(),
  importance: z.enum(["HIGH", "MEDIUM", "LOW"]),
  documentation: z.string(),
  group: z.string().nullable(),
  width: z.enum(["NONE", "SHORT", "MEDIUM", "LONG"]),
  display_name: z.string(),
  dependents: z.array(z.string()),
  order_in_group: z.int(),
});
export type ConfigKeyInfo = z.infer<typeof configKeyInfo>;

export const configValueInfo = z.object({
  name: z.string(),
  value: z.string().nullable(),
  recommended_values: z.array(z.string()),
  errors: z.array(z.string()),
  visible: z.boolean(),
});

/** Connect's answer to a validation. */
export const configInfos = z.object({
  name: z.string(),
  error_count: z.int(),
  groups: z.array(z.string()),
  configs: z.array(z.object({ definition: configKeyInfo.nullable(), value: configValueInfo.nullable() })),
});
export type ConfigInfos = z.infer<typeof configInfos>;

/**
 * INVALID when there is no such class or none was given. `type` is the connector's: source or sink. `passwords`: the keys of
 * the config that are passwords.
 */
export const pluginValidate = defineRequest(
  "runner.plugin.validate",
  z.object({ config: submittedConfig }),
  z.object({ infos: configInfos, type: z.enum(["source", "sink"]), passwords: z.array(z.string()) }),
);

/**
 * `version`: one version, `latest`, or a range as Maven writes them; null: the newest. NOT_FOUND `Unknown plugin X.`; INVALID
 * for what is no version, or one that is not there.
 */
export const pluginConfig = defineRequest(
  "runner.plugin.config",
  z.object({ plugin: z.string(), version: z.string().nullable().default(null) }),
  z.object({ definitions: z.array(configKeyInfo) }),
);

export const offsetEntry = z.object({
  partition: z.record(z.string(), z.json()),
  offset: z.record(z.string(), z.json()).nullable(),
});

export const offsetsGet = defineRequest(
  "runner.offsets.get",
  z.object({ connector: z.string(), config: configMap }),
  z.object({ offsets: z.array(offsetEntry) }),
);

/** Has the plugin of a deleted connector remove what it left outside. `config`: the last one. INTERNAL in the plugin's words. */
export const connectorCleanUp = defineRequest(
  "runner.connector.clean-up",
  z.object({ connector: z.string(), config: configMap }),
  z.object({ cleansUp: z.boolean() }),
);

/**
 * Sets offsets of a connector that is STOPPED and settled (`scheduler.connector.settle`). Null offsets: removes all there
 * are. `altered`: the connector says that nothing is left to do. INVALID: no such offsets; INTERNAL: the connector's refusal.
 */
export const offsetsAlter = defineRequest(
  "runner.offsets.alter",
  z.object({
    connector: z.string(),
    config: configMap,
    offsets: z
      .array(
        z.object({
          partition: z.record(z.string(), z.json()).nullable(),
          offset: z.record(z.string(), z.json()).nullable(),
        }),
      )
      .nullable(),
  }),
  z.object({ altered: z.boolean() }),
);

/**
 * Fences the transactional ids of tasks 0..tasks-1 of a connector and aborts what they left open (I3). Asked of one runner by its
 * id: a question for anybody may reach one that stands still, and no task of the connector starts before the answer.
 */
export const fence = (runner: string) =>
  defineRequest(
    `runner.${runner}.fence`,
    z.object({ connector: z.string(), config: configMap, tasks: z.int() }),
    z.object({}),
  );

/** What the gateway shows at `GET /`. */
export const kafkaClusterId = defineRequest(
  "runner.kafka.cluster-id",
  z.object({}),
  z.object({ clusterId: z.string() }),
);
