// Pure: counters of running tasks, for live views.
import * as z from "zod";
import { defineRequest } from "./subjects.ts";

export const taskStats = z.object({
  connector: z.string(),
  task: z.int(),
  recordsPolled: z.int(),
  recordsCommitted: z.int(),
  transactions: z.int(),
  /** Attempts at transforming or converting a record that failed. */
  recordFailures: z.int(),
  /** Records given up under `errors.tolerance=all`. */
  recordsSkipped: z.int(),
  /** How long the latest commit took. */
  lastCommitMs: z.number(),
});
export type TaskStats = z.infer<typeof taskStats>;

/** Answered by any one runner, for the tasks in its hosts, and by host the process that holds them. */
export const runnerStats = defineRequest(
  "runner.stats",
  z.object({}),
  z.object({ hosts: z.array(z.object({ pid: z.int(), tasks: z.array(taskStats) })) }),
);
