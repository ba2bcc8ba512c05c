export { defaultOptions, type SchedulerOptions } from "./model.ts";
export { schedulerOptions } from "./options.ts";
export { runScheduler } from "./run.ts";
export { createScheduler, type Scheduler, type SchedulerDeps } from "./scheduler.ts";
export type { Lease, SchedulerStore } from "./store.ts";
export { openJournalStore } from "./store-journal.ts";
export { MemoryStore } from "./store-memory.ts";
export { openPostgresStore } from "./store-postgres.ts";
