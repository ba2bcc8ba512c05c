import { ConnectorTable } from "./connector-table.ts";
import type { ConfigStore } from "./store.ts";

/** For tests and simulation: durable as long as the process lives. */
export function openMemoryStore(): ConfigStore {
  const table = new ConnectorTable();
  return {
    get: async (name) => table.get(name),
    changes: async (sinceRevision) => table.changes(sinceRevision),
    cleanUps: async () => table.cleanUps(),
    history: async (name, range) => table.history(name, range),
    async apply(command, atMs) {
      const decision = table.decide(command, atMs);
      if (decision.kind === "refuse") throw decision.error;
      if (decision.kind === "keep") return { changed: false, created: false, connector: decision.connector };
      table.store({ connector: decision.connector, history: decision.history ? [decision.history] : [] });
      return { changed: true, created: decision.created, connector: decision.connector };
    },
    close: async () => {},
  };
}
