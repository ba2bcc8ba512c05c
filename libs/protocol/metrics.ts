// Pure: what runners measure, for whoever shows it.
import * as z from "zod";
import { workState } from "./assignment.ts";
import { defineRequest } from "./subjects.ts";

/** By group, then attribute, as in Connect's JMX. null: not a number at this time. */
export const metricGroups = z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string(), z.null()])));

/** A series that a connector measures itself. */
export const pluginMetric = z.object({
  name: z.string(),
  kind: z.enum(["counter", "gauge"]),
  help: z.string(),
  labels: z.record(z.string(), z.string()),
  /** The same number under another name, with these labels only. */
  alias: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }).nullable(),
  value: z.number().nullable(),
});
export type PluginMetric = z.infer<typeof pluginMetric>;

/** A transform or predicate of a task. */
const step = z.object({ alias: z.string(), class: z.string(), version: z.string() });

export const taskMetrics = z.object({
  connector: z.string(),
  task: z.int(),
  generation: z.int(),
  type: z.enum(["source", "sink"]),
  state: workState,
  groups: metricGroups,
  transforms: z.array(step),
  predicates: z.array(step),
  plugin: z.array(pluginMetric),
});
export type TaskMetrics = z.infer<typeof taskMetrics>;

export const connectorMetrics = z.object({
  connector: z.string(),
  state: workState,
  type: z.enum(["source", "sink"]).nullable(),
  class: z.string(),
  version: z.string().nullable(),
});
export type ConnectorMetrics = z.infer<typeof connectorMetrics>;

/** A task host as its runner knows it. */
export const hostMetrics = z.object({
  pid: z.int(),
  /** Processors in use, as a number of them. */
  busy: z.number(),
  connectors: z.int(),
  tasks: z.int(),
});

export type HostMetrics = z.infer<typeof hostMetrics>;

const about = {
  runner: z.string(),
  workerId: z.string(),
  version: z.string(),
};

/**
 * What one runner and its tasks have measured, in pages: a task's metrics are some kB. Tasks come in order of connector and
 * number; those that run when the first page is asked for are on one of them, whatever happens meanwhile.
 */
export const runnerMetrics = (runner: string) =>
  defineRequest(
    `runner.${runner}.metrics`,
    /** `page` from 0. */
    z.object({ page: z.int() }),
    z.object({
      ...about,
      /** Of the runner itself. */
      groups: metricGroups,
      hosts: z.array(hostMetrics),
      /** On the first page. */
      connectors: z.array(connectorMetrics),
      tasks: z.array(taskMetrics),
      more: z.boolean(),
    }),
  );
export type RunnerMetrics = z.infer<ReturnType<typeof runnerMetrics>["reply"]>;

/** Leader only: the runners there are. */
export const runnerList = defineRequest(
  "scheduler.runner.list",
  z.object({}),
  z.object({
    runners: z.array(z.object({ runner: z.string(), workerId: z.string(), hosts: z.int() })),
  }),
);
