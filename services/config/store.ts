import type { ConfigVersion, ConnectorRecord } from "@millrace/protocol";
import type { Command } from "./decide.ts";

/** A deleted connector stays as a tombstone: its versions go on when the name comes back, and readers learn of its end. */
export interface StoredConnector extends ConnectorRecord {
  readonly deleted: boolean;
}

/** A deleted connector with the last config it had. */
export type CleanUp = Pick<StoredConnector, "name" | "version" | "config">;

export const cleanUpsMax = 500;

/** One accepted config write. */
export interface HistoryEntry extends ConfigVersion {
  readonly name: string;
}

export interface HistoryRange {
  /** Versions below this; null: from the newest. */
  readonly beforeVersion: number | null;
  readonly limit: number;
}

/** All there is. */
export const wholeHistory = (): HistoryRange => ({ beforeVersion: null, limit: historyVersionsMax });

/** Older versions of a connector than its latest so many are forgotten. */
export const historyVersionsMax = 1000;

export interface Applied {
  /** false: the command asked for what is already so; nothing was stored. */
  readonly changed: boolean;
  /** true: there was no connector of this name before. */
  readonly created: boolean;
  readonly connector: StoredConnector;
}

/** As `config.changes` answers. A `revision` below the one asked from: the store went back; read all again from 0. */
export interface ChangesPage {
  readonly connectors: ConnectorRecord[];
  readonly deleted: string[];
  readonly revision: number;
  readonly more: boolean;
}

/** A page holds at most this much, or a single record. */
export const pageBytesMax = 500_000;

/**
 * Desired state. Each method is one transaction. Writers take turns, so revisions become visible in rising order:
 * a reader that has seen revision n has seen everything up to n.
 */
export interface ConfigStore {
  /** null: no such connector, or deleted. */
  get(name: string): Promise<ConnectorRecord | null>;
  /** What changed after `sinceRevision`, oldest first, each connector once as it is now. */
  changes(sinceRevision: number): Promise<ChangesPage>;
  /** Deleted connectors whose config is still kept: what they left outside is not removed yet. Oldest first, at most `cleanUpsMax`. */
  cleanUps(): Promise<CleanUp[]>;
  /** Newest first. Outlives the connector. Without a range, all. */
  history(name: string, range?: HistoryRange): Promise<HistoryEntry[]>;
  /**
   * Decides on the current state and stores the change; durable when it resolves (I10).
   * @throws ProtocolError as `decide` refuses; UNAVAILABLE when the store cannot be reached or written.
   */
  apply(command: Command, atMs: number): Promise<Applied>;
  close(): Promise<void>;
}
