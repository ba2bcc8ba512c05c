import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Logger } from "@millrace/connect";
import type { Clock } from "@millrace/time";
import { WITNESS_FD } from "../ipc.ts";
import { describeActivity } from "./activity.ts";

const ACTIVITY = "millrace.activity";
const SLICES = 20;
const SLICE_MS_MAX = 1_000;

export interface WitnessDeps {
  /** `millrace.task.host.blocked.ms`. */
  readonly blockedMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Starts the thread that tells the control process what this one does when it stands still: before `blockedMs` are over, on
 * the pipe `WITNESS_FD`, a line of JSON (`Doing`).
 */
export function startWitness({ blockedMs, clock, logger }: WitnessDeps): void {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const sliceMs = Math.max(10, Math.min(SLICE_MS_MAX, Math.floor(blockedMs / SLICES)));
  Object.assign(globalThis, { [Symbol.for(ACTIVITY)]: describeActivity });
  const activity = `globalThis[Symbol.for(${JSON.stringify(ACTIVITY)})]()`;
  const worker = new Worker(readFileSync(new URL("./witness-thread.cjs", import.meta.url), "utf8"), {
    eval: true,
    workerData: { beats, sliceMs, afterMs: blockedMs / 2, fd: WITNESS_FD, activity },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  worker.on("error", (error) => {
    logger.warn("a task host that stands still would be ended, but nobody could say what it did", { error });
  });
  worker.unref();
  clock.every(sliceMs, () => void Atomics.add(beats, 0, 1));
}
