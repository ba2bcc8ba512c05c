import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";

/** Every 10 ms, as a neighbour does: its own gaps are the machine's. */
const TICKER = `
const fs = require("node:fs");
setInterval(() => fs.appendFileSync(process.argv[1], Date.now() + "\\n"), 10);
`;

/** When sources of class `hostile.Neighbour` were polled, as they write it into files of a folder. */
export class Ticks {
  readonly #dir: string;
  #ticker: ChildProcess | null = null;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Makes `plugins` in the folder, for `plugin.path`, and begins to measure the machine. @returns the plugin path. */
  open(): string {
    const folder = join(this.#dir, "plugins/hostile");
    mkdirSync(folder, { recursive: true });
    const manifest = { name: "hostile", type: "module", millrace: "./plugin.mjs" };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    copyFileSync(join(import.meta.dirname, "plugin.mjs"), join(folder, "plugin.mjs"));
    this.#ticker = spawn(process.execPath, ["-e", TICKER, this.file("machine")], { stdio: "ignore" });
    return join(this.#dir, "plugins");
  }

  close(): void {
    this.#ticker?.kill("SIGKILL");
  }

  /** What `ticks.file` of a neighbour of this name should be. */
  file(name: string): string {
    return join(this.#dir, `${name}.ticks`);
  }

  times(name: string): number[] {
    try {
      return readFileSync(this.file(name), "utf8").split("\n").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** The longest time without a poll since `sinceMs`, what the machine itself stood still in that time left out. */
  gapMs(name: string, sinceMs: number): number {
    const untilMs = Date.now();
    const machineMs = longestGap(this.times("machine"), sinceMs, untilMs);
    return Math.max(0, longestGap(this.times(name), sinceMs, untilMs) - machineMs);
  }
}

/** How much longer things take on a machine with more to do than it has processors. */
export function slowness(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}

function longestGap(timesMs: readonly number[], sinceMs: number, untilMs: number): number {
  const before = timesMs.findLast((timeMs) => timeMs <= sinceMs) ?? sinceMs;
  const points = [before, ...timesMs.filter((timeMs) => timeMs > sinceMs && timeMs <= untilMs), untilMs];
  return points.reduce((longest, timeMs, i) => Math.max(longest, i === 0 ? 0 : timeMs - points[i - 1]!), 0);
}
