export { type ConfigDeps, type ConfigService, createConfig } from "./handlers.ts";
export { runConfig } from "./run.ts";
export type { ConfigStore, HistoryEntry } from "./store.ts";
export { type JournalStoreOptions, openJournalStore } from "./store-journal.ts";
export { openMemoryStore } from "./store-memory.ts";
export { openPostgresStore } from "./store-postgres.ts";
