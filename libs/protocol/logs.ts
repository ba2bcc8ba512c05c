// Pure: the latest log lines of a connector and its tasks.
import * as z from "zod";
import { defineRequest } from "./subjects.ts";

export const logEntry = z.object({
  /** Rises with every line of this runner. */
  sequence: z.int(),
  /** As logged: JSON with `time`, `level`, `msg`, `connector`, and what else there is. Secrets are hidden in it. */
  line: z.string(),
});
export type LogEntry = z.infer<typeof logEntry>;

/** The last `lines` of those after `after`, oldest first; at most what fits into a message. */
export const runnerLogs = (runner: string) =>
  defineRequest(
    `runner.${runner}.logs`,
    z.object({ connector: z.string(), after: z.int(), lines: z.int() }),
    z.object({ entries: z.array(logEntry), latest: z.int() }),
  );
