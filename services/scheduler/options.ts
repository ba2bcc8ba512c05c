// Pure: what of the worker's settings is the scheduler's.
import type { WorkerConfig } from "@millrace/service";
import type { SchedulerOptions } from "./model.ts";

/** What a runner may need beyond the graceful timeout to end a host that does not stop, and to say so. */
const RELEASE_SLACK_MS = 5_000;
const CONFIG_BURST_MS = 100;

export function schedulerOptions(worker: WorkerConfig): Partial<SchedulerOptions> {
  return {
    exactlyOnce: worker.exactlyOnceSourceSupport === "enabled",
    sessionTimeoutMs: worker.sessionTimeoutMs,
    releaseTimeoutMs: worker.taskShutdownGracefulTimeoutMs + RELEASE_SLACK_MS,
    rebalanceDelayMs: worker.scheduledRebalanceMaxDelayMs,
    configBurstMs: CONFIG_BURST_MS,
  };
}
