// Pure: observed state as REST shows it, and restarts (which are not desired state).
import * as z from "zod";
import { restarts, workState } from "./assignment.ts";
import { defineEvent, defineRequest } from "./subjects.ts";

export const taskStatus = z.object({
  id: z.int(),
  state: workState,
  workerId: z.string(),
  version: z.string().nullable(),
  trace: z.string().nullable(),
  /** Absent: there was none. */
  restarts: restarts.optional(),
});
export type TaskStatus = z.infer<typeof taskStatus>;

export const connectorStatus = z.object({
  name: z.string(),
  connector: z.object({
    state: workState,
    workerId: z.string(),
    version: z.string().nullable(),
    trace: z.string().nullable(),
    restarts: restarts.optional(),
  }),
  tasks: z.array(taskStatus),
});
export type ConnectorStatus = z.infer<typeof connectorStatus>;

/** Answered by any scheduler. NOT_FOUND with Connect's text when one name is asked for and has none. */
export const statusGet = defineRequest(
  "scheduler.status.get",
  z.object({ name: z.string() }),
  z.object({ status: connectorStatus }),
);

/** All statuses after the name `after` in name order, in pages of at most about 500 kB. */
export const statusList = defineRequest(
  "scheduler.status.list",
  z.object({ after: z.string().nullable() }),
  z.object({ statuses: z.array(connectorStatus), more: z.boolean() }),
);

/** Leader only. Answers with the plan: what restarts is shown as RESTARTING. */
export const connectorRestart = defineRequest(
  "scheduler.connector.restart",
  z.object({ name: z.string(), includeTasks: z.boolean(), onlyFailed: z.boolean() }),
  z.object({ status: connectorStatus }),
);

/** Topics that a connector's tasks have used. Answered by any scheduler; adding what is there changes nothing. */
export const topicsAdd = defineRequest(
  "scheduler.topics.add",
  z.object({ connector: z.string(), topics: z.array(z.string()) }),
  z.object({}),
);

/** In no particular order; none for an unknown connector. */
export const topicsGet = defineRequest(
  "scheduler.topics.get",
  z.object({ connector: z.string() }),
  z.object({ topics: z.array(z.string()) }),
);

/** Forgets them, and tells running tasks by `topicsForgotten`. */
export const topicsReset = defineRequest("scheduler.topics.reset", z.object({ connector: z.string() }), z.object({}));

/** Tasks of the connector add anew what they use from here on. One who misses this adds nothing until it starts again. */
export const topicsForgotten = defineEvent("runner.topics.forgotten", z.object({ connector: z.string() }));

/**
 * Leader only. Resolves when nothing of a STOPPED connector writes any more: its tasks are gone from every runner, and with
 * exactly-once the producers they had are fenced (I3). CONFLICT when it isn't STOPPED, or its tasks take too long.
 * `deleted`: of one that was deleted, when neither it nor a task of it runs; CONFLICT also when there is one of this name again.
 */
export const connectorSettle = defineRequest(
  "scheduler.connector.settle",
  z.object({ name: z.string(), deleted: z.boolean().optional() }),
  z.object({}),
);

/** Leader only. */
export const taskRestart = defineRequest(
  "scheduler.task.restart",
  z.object({ name: z.string(), task: z.int() }),
  z.object({}),
);
