// Pure: what each operation of the REST API is for, takes and answers.
import type { Method } from "../resource.ts";
import type { SchemaName } from "./schemas.ts";

export interface Operation {
  readonly summary: string;
  readonly query?: Readonly<Record<string, { readonly description: string; readonly values?: readonly string[] }>>;
  readonly body?: SchemaName;
  /** By status: a schema, several of which one holds, or null for no body. Any other status answers Error. */
  readonly answers: Readonly<Record<number, SchemaName | readonly SchemaName[] | null>>;
}

const BOOLEAN = ["true", "false"];

export const operations: Readonly<Record<`${Method} ${string}`, Operation>> = {
  "GET /": { summary: "Version and Kafka cluster", answers: { 200: "ServerInfo" } },
  "GET /openapi.json": { summary: "This description", answers: { 200: null } },
  "GET /health": {
    summary: "Whether every request can be served",
    answers: { 200: "Health", 500: "Health", 503: "Health" },
  },
  "GET /connectors": {
    summary: "Names of all connectors, or more about each",
    query: { expand: { description: "May be given twice.", values: ["info", "status"] } },
    answers: { 200: ["ConnectorNames", "ExpandedConnectors"] },
  },
  "POST /connectors": {
    summary: "Create a connector; durable when answered",
    body: "CreateConnector",
    answers: { 201: "ConnectorInfo" },
  },
  "GET /connectors/{connector}": { summary: "A connector and its tasks", answers: { 200: "ConnectorInfo" } },
  "DELETE /connectors/{connector}": { summary: "Delete a connector; its offsets stay", answers: { 204: null } },
  "GET /connectors/{connector}/config": { summary: "Its configuration", answers: { 200: "ConnectorConfig" } },
  "PUT /connectors/{connector}/config": {
    summary: "Create or replace a connector; durable when answered",
    body: "SentConfig",
    answers: { 200: "ConnectorInfo", 201: "ConnectorInfo" },
  },
  "PATCH /connectors/{connector}/config": {
    summary: "Change some settings; null removes one",
    body: "SentConfig",
    answers: { 200: "ConnectorInfo" },
  },
  "GET /connectors/{connector}/status": {
    summary: "State of a connector and its tasks",
    answers: { 200: "ConnectorStatus" },
  },
  "POST /connectors/{connector}/restart": {
    summary: "Restart a connector, its tasks, or what has failed of them",
    query: {
      includeTasks: { description: "Its tasks too.", values: BOOLEAN },
      onlyFailed: { description: "Only what is FAILED.", values: BOOLEAN },
    },
    answers: { 202: "ConnectorStatus", 204: null },
  },
  "PUT /connectors/{connector}/pause": { summary: "Pause; tasks keep their clients", answers: { 202: null } },
  "PUT /connectors/{connector}/resume": { summary: "Run again after pause or stop", answers: { 202: null } },
  "PUT /connectors/{connector}/stop": { summary: "Stop; tasks are shut down", answers: { 204: null } },
  "GET /connectors/{connector}/tasks": { summary: "Its tasks' configurations", answers: { 200: "TaskInfos" } },
  "POST /connectors/{connector}/tasks": { summary: "Internal to Kafka Connect: always refused", answers: {} },
  "PUT /connectors/{connector}/fence": { summary: "Internal to Kafka Connect: always refused", answers: {} },
  "GET /connectors/{connector}/tasks/{task}/status": { summary: "State of one task", answers: { 200: "TaskStatus" } },
  "POST /connectors/{connector}/tasks/{task}/restart": { summary: "Restart one task", answers: { 204: null } },
  "GET /connectors/{connector}/topics": { summary: "Topics its tasks have used", answers: { 200: "Topics" } },
  "PUT /connectors/{connector}/topics/reset": { summary: "Forget them", answers: { 202: null } },
  "GET /connectors/{connector}/offsets": { summary: "Its committed offsets", answers: { 200: "Offsets" } },
  "PATCH /connectors/{connector}/offsets": {
    summary: "Change offsets of a stopped connector",
    body: "SentOffsets",
    answers: { 200: "Message" },
  },
  "DELETE /connectors/{connector}/offsets": {
    summary: "Remove all offsets of a stopped connector",
    answers: { 200: "Message" },
  },
  "GET /connector-plugins": {
    summary: "Installed plugins",
    query: {
      connectorsOnly: {
        description: "Default true; false: converters, transforms and predicates too.",
        values: BOOLEAN,
      },
    },
    answers: { 200: "Plugins" },
  },
  "GET /connector-plugins/{plugin}/config": {
    summary: "Settings a plugin takes",
    query: { version: { description: "A version or a range; default: the latest." } },
    answers: { 200: "ConfigKeys" },
  },
  "PUT /connector-plugins/{plugin}/config/validate": {
    summary: "Check a configuration without storing it",
    body: "SentConfig",
    answers: { 200: "ConfigInfos" },
  },
  "GET /millrace/v1/plugins/broken": {
    summary: "Plugins that runners have and could not load, those in quarantine first",
    answers: { 200: "BrokenPlugins" },
  },
  "POST /millrace/v1/preview": {
    summary: "Try a stored or a new configuration on a few real records, step by step; nothing is written",
    body: "TryPreview",
    answers: { 200: "Preview" },
  },
  "GET /millrace/v1/connectors/{connector}/logs": {
    summary: "What it and its tasks logged lately, oldest first, on every runner there is",
    query: {
      lines: { description: "At most so many, up to 1000; default 200." },
      follow: { description: "Go on as lines come, as server-sent events; each is one line as JSON." },
    },
    answers: { 200: "LogLines" },
  },
  "GET /metrics": {
    summary: "What the whole cluster measures, as OpenMetrics or Prometheus's text format",
    query: { scope: { description: "service: of this gateway's process only.", values: ["cluster", "service"] } },
    answers: { 200: null },
  },
  "GET /millrace/v1/metrics": {
    summary: "Throughput, lag, errors and commits of every connector and task, and the load of runners",
    query: { tasks: { description: "Default true; false: connectors only.", values: BOOLEAN } },
    answers: { 200: "ClusterMetrics" },
  },
  "GET /millrace/v1/connectors/{connector}/metrics": {
    summary: "The same of one connector, and every number that its tasks measure",
    answers: { 200: "ConnectorMetrics" },
  },
  "GET /millrace/v1/connectors/{connector}/dead-letters": {
    summary: "Its dead letters by what went wrong; the newest 20,000 are looked at",
    answers: { 200: "DeadLetterGroups" },
  },
  "GET /millrace/v1/connectors/{connector}/dead-letters/letters": {
    summary: "Its dead letters, newest first",
    query: {
      group: { description: "Only those of this group." },
      skip: { description: "So many of the newest are left out; default 0." },
      limit: { description: "At most so many, up to 100; default 20." },
    },
    answers: { 200: "DeadLetters" },
  },
  "POST /millrace/v1/connectors/{connector}/dead-letters/replay": {
    summary: "Send dead letters again, each once: to the topics they came from, or to the connector itself",
    body: "ReplayDeadLetters",
    answers: { 200: "ReplayedDeadLetters" },
  },
  "GET /millrace/v1/connectors/{connector}/history": {
    summary: "Its configurations, newest first; outlives the connector",
    query: {
      limit: { description: "At most so many, up to 100; default 20." },
      before: { description: "Only versions below this one." },
    },
    answers: { 200: "ConfigVersions" },
  },
  "POST /millrace/v1/connectors/{connector}/rollback": {
    summary: "Write an earlier configuration again, as a new version; brings a deleted connector back",
    body: "Rollback",
    answers: { 200: "ConnectorInfo", 201: "ConnectorInfo" },
  },
  "GET /admin/loggers": { summary: "Loggers with a level of their own", answers: { 200: "Loggers" } },
  "GET /admin/loggers/{logger}": { summary: "The level of one", answers: { 200: "LoggerLevel" } },
  "PUT /admin/loggers/{logger}": {
    summary: "Set the level of a logger and those below it",
    query: {
      scope: {
        description: "cluster: of every service; default: of the worker that answers.",
        values: ["worker", "cluster"],
      },
    },
    body: "SetLoggerLevel",
    answers: { 200: "LoggerNames", 204: null },
  },
};
