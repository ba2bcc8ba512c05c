import type { ConnectorRecord } from "@millrace/protocol";
import type { Applied, ConfigStore, StoredConnector } from "../../../services/config/store.ts";
import type { Verdict } from "../verdict.ts";

const CHECKER = "config-writes (I10)";

/** Every config write that was answered with success is in the store at that moment, as answered, and stays (I10). */
export class ConfigWrites {
  readonly #verdict: Verdict;
  readonly #store: ConfigStore;
  /** Revision → what it stored. */
  readonly #stored = new Map<number, StoredConnector>();
  readonly #answeredPuts: ConnectorRecord[] = [];

  constructor(verdict: Verdict, store: ConfigStore) {
    this.#verdict = verdict;
    this.#store = store;
  }

  /** The store, watched. */
  watched(): ConfigStore {
    const store = this.#store;
    return {
      get: (name) => store.get(name),
      changes: (sinceRevision) => store.changes(sinceRevision),
      history: (name) => store.history(name),
      apply: async (command, atMs) => this.#applied(await store.apply(command, atMs)),
      close: () => store.close(),
    };
  }

  #applied(applied: Applied): Applied {
    this.#stored.set(applied.connector.revision, applied.connector);
    return applied;
  }

  /** A write was answered with this record. @param kind a put makes history. */
  answered(record: ConnectorRecord, kind: "put" | "target-state"): void {
    const stored = this.#stored.get(record.revision);
    const { deleted: _, ...found } = stored ?? { deleted: false };
    if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(record))) {
      const what = stored ? "holds something else" : "is not there";
      this.#verdict.fail(CHECKER, `${record.name} was answered at revision ${record.revision}, which ${what}`);
    }
    if (kind === "put") this.#answeredPuts.push(record);
  }

  deleted(name: string, revision: number): void {
    const stored = this.#stored.get(revision);
    if (stored?.name === name && stored.deleted) return;
    this.#verdict.fail(CHECKER, `the end of ${name} was answered at revision ${revision}, which is not in the store`);
  }

  /** At the end: every answered config is in the history, under its version. */
  async checkHistory(): Promise<void> {
    for (const { name, version, config } of this.#answeredPuts) {
      const entry = (await this.#store.history(name)).find((each) => each.version === version);
      if (entry && JSON.stringify(sorted(entry.config)) === JSON.stringify(sorted(config))) continue;
      this.#verdict.fail(CHECKER, `version ${version} of ${name} was answered and is not in the history`);
    }
  }
}

function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
