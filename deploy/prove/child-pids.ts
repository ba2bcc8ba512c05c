import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Process ids of the direct children of a process, ascending. */
export function childPids(pid: number): number[] {
  return childrenText(pid)
    .split(/\s+/)
    .filter((text) => text !== "")
    .map(Number)
    .sort((a, b) => a - b);
}

function childrenText(pid: number): string {
  const file = `/proc/${pid}/task/${pid}/children`;
  try {
    if (existsSync("/proc/self/task")) return readFileSync(file, "utf8");
    return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
