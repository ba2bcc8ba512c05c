// Pure: the bodies of the REST API as schemas, for its description.
import {
  brokenPlugin,
  configInfos,
  configKeyInfo,
  deadLetterGroups,
  deadLetterList,
  deadLetterReplay,
  pluginType,
  preview,
  workState,
} from "@millrace/protocol";
import * as z from "zod";
import { clusterMetricsBody, oneConnectorMetricsBody } from "../metrics/view-schemas.ts";
import { replayBody } from "../routes/dead-letters.ts";

const config = z
  .record(z.string(), z.string().nullable())
  .describe("Flat: every value a string. Passwords show as [hidden], which written back keeps them.");
const sentConfig = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe("Flat. Numbers and booleans are taken as their text.");
const taskId = z.object({ connector: z.string(), task: z.int() });
const connectorType = z.enum(["source", "sink", "unknown"]);
const state = {
  state: workState,
  worker_id: z.string(),
  version: z.string().nullable().describe("Of the plugin; null before it was loaded."),
  trace: z.string().optional().describe("Why it failed."),
  restarts: z
    .object({
      count: z.int(),
      reason: z.string().describe("Of the last one, as <class of error>: <message>."),
      next_restart_ms: z.int().optional().describe("Milliseconds since the epoch, while it waits."),
    })
    .optional()
    .describe("Automatic restarts since a user started it; absent when there was none."),
};
const offsetMap = z.record(z.string(), z.json());
const connectorInfo = z.object({ name: z.string(), config, tasks: z.array(taskId), type: connectorType });
const connectorStatus = z.looseObject({
  name: z.string(),
  connector: z.looseObject(state),
  tasks: z.array(z.looseObject({ id: z.int(), ...state })),
  type: connectorType,
});
const loggerLevel = z.object({
  level: z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]),
  last_modified: z.int().nullable().describe("Milliseconds since the epoch; null: as the worker started."),
});

/** By the names they have in the description. */
export const schemas = {
  Error: z.object({ error_code: z.int(), message: z.string().nullable() }),
  ServerInfo: z.object({ version: z.string(), commit: z.string(), kafka_cluster_id: z.string().nullable() }),
  Health: z.object({ status: z.enum(["healthy", "starting", "unhealthy"]), message: z.string() }),
  ConnectorNames: z.array(z.string()),
  ExpandedConnectors: z.record(
    z.string(),
    z.object({ info: connectorInfo.nullable().optional(), status: connectorStatus.optional() }),
  ),
  CreateConnector: z.object({
    name: z.string(),
    config: sentConfig,
    initial_state: z.enum(["RUNNING", "PAUSED", "STOPPED"]).optional(),
  }),
  ConnectorInfo: connectorInfo,
  ConnectorConfig: config,
  SentConfig: sentConfig,
  ConnectorStatus: connectorStatus,
  TaskInfos: z.array(z.object({ id: taskId, config })),
  TaskStatus: z.looseObject({ id: z.int(), ...state }),
  Topics: z.record(z.string(), z.object({ topics: z.array(z.string()) })),
  Offsets: z.object({ offsets: z.array(z.object({ partition: offsetMap, offset: offsetMap.nullable() })) }),
  SentOffsets: z.object({
    offsets: z.array(
      z.object({ partition: offsetMap, offset: offsetMap.nullable().describe("Null removes the partition's offset.") }),
    ),
  }),
  Message: z.object({ message: z.string() }),
  Plugins: z.array(z.object({ class: z.string(), type: pluginType, version: z.string().optional() })),
  BrokenPlugins: z.object({
    plugins: z.array(z.object({ worker: z.string().describe("Whose file it is."), ...brokenPlugin.shape })),
    missingRunners: z.int().describe("Runners that did not answer."),
  }),
  ConfigKeys: z.array(configKeyInfo),
  ConfigInfos: configInfos,
  ClusterMetrics: clusterMetricsBody,
  ConnectorMetrics: oneConnectorMetricsBody,
  LogLines: z.object({
    lines: z.array(
      z
        .looseObject({ time: z.string(), level: z.string(), message: z.string(), task: z.int().optional() })
        .describe("Further fields are those of the log."),
    ),
  }),
  DeadLetterGroups: deadLetterGroups.reply,
  DeadLetters: deadLetterList.reply,
  ReplayDeadLetters: replayBody,
  ReplayedDeadLetters: deadLetterReplay.reply,
  TryPreview: z.object({
    name: z
      .string()
      .optional()
      .describe("Of a stored connector: from its offsets on, and with its passwords for masks."),
    config: sentConfig.optional().describe("Default: the stored one."),
    records: z.int().min(1).max(50).default(10),
  }),
  Preview: preview.reply,
  ConfigVersions: z.object({
    versions: z.array(
      z.object({
        version: z.int(),
        at: z.iso.datetime(),
        author: z.string().nullable().describe("Who wrote it; null while nobody is asked."),
        config,
      }),
    ),
    more: z.boolean().describe("There are older ones: ask again with before=<the last version>."),
  }),
  Rollback: z.object({ version: z.int() }),
  Loggers: z.record(z.string(), loggerLevel),
  LoggerLevel: loggerLevel,
  SetLoggerLevel: z.object({ level: z.string() }),
  LoggerNames: z.array(z.string()),
} as const;

export type SchemaName = keyof typeof schemas;
