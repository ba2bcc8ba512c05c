export type { HostProcess } from "./host.ts";
export type { IpcMessage } from "./ipc.ts";
export { openRunner, runRunner } from "./run.ts";
export { createRunner, type Runner, type RunnerDeps } from "./runner.ts";
