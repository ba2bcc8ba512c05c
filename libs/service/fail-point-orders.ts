import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onFailPoint } from "@millrace/fail-points";
import { processEnv } from "./process-env.ts";

/** The folder in which a file named for a fail point orders what happens there. */
export const FAIL_POINTS = "MILLRACE_FAIL_POINTS";

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { kill: "SIGKILL", stop: "SIGSTOP" };

/**
 * With MILLRACE_FAIL_POINTS set to a folder, this process looks there at every fail point it passes. A file `source.poll.after`
 * that says `kill 3` has the process that passes that point for the third time kill itself; `stop` freezes it. One process takes
 * each order and leaves `source.poll.after.hit` with its process id. Without the variable, nothing is looked at.
 */
export function obeyFailPoints(): void {
  const folder = processEnv()[FAIL_POINTS];
  if (folder === undefined || folder === "") return;
  const passes = new Map<string, number>();
  onFailPoint((name) => {
    const file = join(folder, name);
    if (!existsSync(file)) return;
    const count = (passes.get(name) ?? 0) + 1;
    passes.set(name, count);
    try {
      const [action = "", wanted = "1"] = readFileSync(file, "utf8").trim().split(" ");
      const signal = SIGNALS[action];
      if (signal === undefined || count < Number(wanted)) return;
      renameSync(file, `${file}.taken`);
      writeFileSync(`${file}.hit`, `${process.pid}\n`);
      process.kill(process.pid, signal);
    } catch {
      // Another process took the order, or it was withdrawn.
    }
  });
}
