// Pure: the bodies of the metrics as JSON.
import { hostMetrics, taskMetrics, workState } from "@millrace/protocol";
import * as z from "zod";

const time = z.string().nullable().describe("As ISO 8601; null: never.");
const flow = {
  recordsPerSecond: z.number().describe("Over the last half to whole minute: durable in Kafka, or taken by the sink."),
  bytesPerSecond: z.number().describe("Of keys and values."),
  records: z.object({
    taken: z.number().describe("Polled by the source, or read from Kafka."),
    given: z.number().describe("Durable in Kafka, or taken by the sink."),
  }),
  bytes: z.number(),
  lag: z
    .object({
      seconds: z.number().nullable(),
      bytes: z.number().nullable().describe("At the source."),
      records: z.number().nullable().describe("In a sink's topics."),
    })
    .describe("What is still to come; null: nobody knows."),
  errors: z.object({
    failures: z.number().describe("Operations on records that failed, repeated ones included."),
    errors: z.number().describe("Operations that failed for good."),
    skipped: z.number(),
    retries: z.number(),
    deadLetters: z.number(),
    lastAt: time,
  }),
  commits: z.object({
    total: z.number(),
    failures: z.number(),
    averageMs: z.number().nullable(),
    maxMs: z.number().nullable(),
    lastAt: time,
  }),
};

export const taskMetricsBody = z.object({
  id: z.int(),
  state: workState,
  workerId: z.string(),
  restarts: z.int().describe("Automatic ones since a user started it."),
  ...flow,
});

export const connectorMetricsBody = z.object({
  name: z.string(),
  type: z.enum(["source", "sink"]).nullable(),
  class: z.string().nullable(),
  version: z.string().nullable(),
  state: workState,
  workerId: z.string(),
  taskStates: z.record(z.string(), z.int()).describe("How many of its tasks are in each state."),
  ...flow,
  tasks: z.array(taskMetricsBody).optional(),
});

export const clusterMetricsBody = z.object({
  at: z.string(),
  tookMs: z.number().describe("For how long runners were asked."),
  missingRunners: z.int().describe("They did not answer: what they run shows as zeros."),
  runners: z.array(
    z.object({
      runner: z.string(),
      workerId: z.string(),
      version: z.string(),
      hosts: z.array(hostMetrics),
      connectors: z.int(),
      tasks: z.int(),
      busy: z.number().describe("Share of its hosts' processor time in use, 0 to 1."),
      hostCrashes: z.number(),
      watchdogKills: z.number(),
    }),
  ),
  connectors: z.array(connectorMetricsBody),
});

export const oneConnectorMetricsBody = z.object({
  at: z.string(),
  connector: connectorMetricsBody,
  measured: z.array(taskMetrics).describe("Every number by task, in Connect's groups; null: none at this time."),
});
