import type { ConnectorRecord } from "@millrace/protocol";
import { type Command, type Decision, decide, jsonBytes, toRecord } from "./decide.ts";
import { toPage } from "./page.ts";
import {
  type ChangesPage,
  type CleanUp,
  cleanUpsMax,
  type HistoryEntry,
  historyVersionsMax,
  pageBytesMax,
  type StoredConnector,
  wholeHistory,
} from "./store.ts";

/** What one write stores. */
export interface Entry {
  readonly connector: StoredConnector;
  readonly history: readonly HistoryEntry[];
}

/** Desired state in memory. Deciding and storing are apart, so that a journal can come in between. */
export class ConnectorTable {
  readonly #connectors = new Map<string, StoredConnector>();
  /** Oldest first. */
  readonly #history = new Map<string, HistoryEntry[]>();
  #revision = 0;

  get(name: string): ConnectorRecord | null {
    const connector = this.#connectors.get(name);
    return connector === undefined || connector.deleted ? null : toRecord(connector);
  }

  changes(sinceRevision: number): ChangesPage {
    const changed = [...this.#connectors.values()]
      .filter((connector) => connector.revision > sinceRevision)
      .sort((a, b) => a.revision - b.revision);
    let bytes = 0;
    const cut = changed.findIndex((connector, index) => {
      bytes += jsonBytes(connector);
      return bytes > pageBytesMax && index > 0;
    });
    return toPage(cut === -1 ? changed : changed.slice(0, cut), this.#revision);
  }

  cleanUps(): CleanUp[] {
    return [...this.#connectors.values()]
      .filter(({ deleted, config }) => deleted && Object.keys(config).length > 0)
      .sort((a, b) => a.revision - b.revision)
      .slice(0, cleanUpsMax);
  }

  history(name: string, { beforeVersion, limit } = wholeHistory()): HistoryEntry[] {
    const entries = (this.#history.get(name) ?? []).filter(({ version }) => version < (beforeVersion ?? Infinity));
    return entries.toReversed().slice(0, limit);
  }

  decide(command: Command, atMs: number): Decision {
    return decide(this.#connectors.get(command.name) ?? null, command, { revision: this.#revision + 1, atMs });
  }

  store({ connector, history }: Entry): void {
    this.#connectors.set(connector.name, connector);
    this.#revision = Math.max(this.#revision, connector.revision);
    const known = this.#history.get(connector.name) ?? [];
    this.#history.set(connector.name, [...known, ...history].slice(-historyVersionsMax));
  }

  /** Everything, as entries that make the same table again. */
  entries(): Entry[] {
    return [...this.#connectors.values()].map((connector) => ({
      connector,
      history: this.#history.get(connector.name) ?? [],
    }));
  }
}
