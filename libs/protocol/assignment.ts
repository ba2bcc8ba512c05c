// Pure: what the scheduler's leader tells runners to run, and what runners report.
import * as z from "zod";
import { configMap, targetState } from "./config.ts";
import { defineEvent, defineRequest } from "./subjects.ts";

export const connectorWork = z.object({
  kind: z.literal("connector"),
  connector: z.string(),
  configVersion: z.int(),
  config: configMap,
  targetState,
  /** Raised to restart this work without any other change. */
  restart: z.int(),
});

export const taskWork = z.object({
  kind: z.literal("task"),
  connector: z.string(),
  task: z.int(),
  /** Raised by the leader with every new set of task configs (I7). Of one task one generation writes at a time (I3). */
  generation: z.int(),
  configVersion: z.int(),
  config: configMap,
  taskConfig: configMap,
  /** How many tasks the connector has in this generation. */
  tasks: z.int(),
  targetState,
  restart: z.int(),
});

export const work = z.discriminatedUnion("kind", [connectorWork, taskWork]);
export type ConnectorWork = z.infer<typeof connectorWork>;
export type TaskWork = z.infer<typeof taskWork>;
export type Work = z.infer<typeof work>;

/** A connector (`task: null`) or one of its tasks. */
export const workItem = z.object({ connector: z.string(), task: z.int().nullable() });

/** What a runner is to run. Ordered by (epoch, sequence); an older one is ignored. */
export const assignment = z.object({
  runner: z.string(),
  epoch: z.int(),
  sequence: z.int(),
  /**
   * null: `work` is whole state, and a runner drops what is not in it. Otherwise `work` and `gone` are all that has changed since this
   * sequence of the same epoch: whole state for one that has applied this sequence or a later one, and nothing for anybody else.
   */
  since: z.int().nullable().default(null),
  work: z.array(work),
  /** Not to run any more. Empty in whole state. */
  gone: z.array(workItem).default([]),
});
export type Assignment = z.infer<typeof assignment>;

/** Pushed on change. What is missing comes with a heartbeat's answer, should this be lost. */
export const assignmentEvent = (runner: string) => defineEvent(`runner.${runner}.assignment`, assignment);

/** Answered by the runner itself for as long as it is connected. */
export const runnerAlive = (runner: string) => defineRequest(`runner.${runner}.alive`, z.object({}), z.object({}));

export const workState = z.enum(["UNASSIGNED", "RUNNING", "PAUSED", "STOPPED", "FAILED", "RESTARTING"]);
export type WorkState = z.infer<typeof workState>;

/** Automatic restarts since a user last started this work. */
export const restarts = z.object({
  count: z.int(),
  /** Of the last one, in a line: `<class of error>: <message>`. */
  reason: z.string(),
  /** While RESTARTING: when it is tried again, in milliseconds UTC. */
  nextMs: z.number().nullable(),
});
export type Restarts = z.infer<typeof restarts>;

export const workReport = z.object({
  connector: z.string(),
  /** null: the connector itself. */
  task: z.int().nullable(),
  /** Of a task, its generation; of a connector, its config version. */
  generation: z.int(),
  restart: z.int(),
  state: workState,
  /** Starting and stopping work is reported as UNASSIGNED with `active: true`: it still holds clients. */
  active: z.boolean(),
  trace: z.string().nullable(),
  /** The plugin's version. */
  version: z.string().nullable(),
  /** Absent: there was none. */
  restarts: restarts.optional(),
});
export type WorkReport = z.infer<typeof workReport>;

/**
 * About every second and at once on change. A runner tells a leader its whole state once, and from then on what has changed since the
 * last heartbeat that was answered. Answered by the leader only.
 */
export const heartbeat = defineRequest(
  "scheduler.heartbeat",
  z.object({
    /** Unique per process start, subject-safe: letters, digits, `-`, `_`. */
    runner: z.string(),
    /** `host:port` as Connect shows it; a new runner with the worker id of an old one replaces it. */
    workerId: z.string(),
    version: z.string(),
    /** How many task hosts it keeps. */
    hosts: z.int(),
    /** Share of its hosts' processor time that was in use, 0 to 1. Absent: not measured. */
    busy: z.number().min(0).max(1).optional(),
    /** Shutting down: takes no new work; its work moves once stopped. */
    draining: z.boolean(),
    /** Gone for good with this message. */
    leaving: z.boolean(),
    applied: z.object({ epoch: z.int(), sequence: z.int() }).nullable(),
    /** Rises with each heartbeat of a runner: one that was overtaken says nothing. Absent: it tells whole state only, and is told it. */
    number: z.int().optional(),
    /** The heartbeat that `work` and `gone` are changes to: the last one that the leader of this epoch has heard. null: `work` is whole state. */
    since: z.object({ epoch: z.int(), number: z.int() }).nullable().default(null),
    work: z.array(workReport),
    /** Reported in heartbeat `since`, and here no more. Empty in whole state. */
    gone: z.array(workItem).default([]),
  }),
  z.object({
    epoch: z.int(),
    /** The number of the heartbeat, when the leader knows the runner's state by now; null: it wants it whole. */
    heard: z.int().nullable().default(null),
    /** Present when the runner's `applied` is not the latest. */
    assignment: assignment.nullable(),
  }),
);

/** After initTransactions, before the first poll: does this task still belong here (exactly-once start, step 3)? */
export const assignmentVerify = defineRequest(
  "scheduler.assignment.verify",
  z.object({ runner: z.string(), connector: z.string(), task: z.int(), generation: z.int() }),
  z.object({
    verdict: z.enum(["valid", "new-generation", "revoked"]),
  }),
);
