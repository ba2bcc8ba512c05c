import { Worker } from "node:worker_threads";
import type { Clock } from "@millrace/time";
import { WITNESS_FD } from "../ipc.ts";
import { describeActivity } from "./activity.ts";

const ACTIVITY = "millrace.activity";
const SLICES = 20;
const SLICE_MS_MAX = 1_000;

/**
 * Starts the thread that tells the control process what this one does when it stands still: before `blockedMs` are over, on
 * the pipe `WITNESS_FD`, a line of JSON (`Doing`).
 */
export function startWitness({ blockedMs, clock }: { readonly blockedMs: number; readonly clock: Clock }): void {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const sliceMs = Math.max(10, Math.min(SLICE_MS_MAX, Math.floor(blockedMs / SLICES)));
  Object.assign(globalThis, { [Symbol.for(ACTIVITY)]: describeActivity });
  const activity = `globalThis[Symbol.for(${JSON.stringify(ACTIVITY)})]()`;
  const file = import.meta.url.endsWith(".ts") ? "./witness-thread.mjs" : "./witness-thread.js";
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { beats, sliceMs, afterMs: blockedMs / 2, fd: WITNESS_FD, activity },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  // Without it a host that stands still is ended all the same; only nobody can say why.
  worker.on("error", () => {});
  worker.unref();
  clock.every(sliceMs, () => void Atomics.add(beats, 0, 1));
}
