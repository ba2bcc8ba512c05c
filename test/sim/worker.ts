// One thread of a pool: runs the seeds it is sent, and sends what came of them.
import { parentPort } from "node:worker_threads";
import { simulate } from "./simulation.ts";

parentPort?.on("message", async (seed: number) => {
  parentPort?.postMessage(await simulate({ seed }));
});
