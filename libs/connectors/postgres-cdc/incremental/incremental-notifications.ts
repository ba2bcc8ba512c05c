import type { OffsetMap } from "@millrace/connect";
import type { NotificationData, Notifier } from "../events/notifications.ts";
import type { KeyParts } from "./java-keys.ts";
import type { IncrementalProgress } from "./progress.ts";

export type ScanStatus = "SUCCEEDED" | "EMPTY" | "NO_PRIMARY_KEY" | "UNKNOWN_SCHEMA" | "SQL_EXCEPTION";

/** Of an incremental snapshot: all have the id of the signal that asked for it. */
export class IncrementalNotifications {
  readonly #notifier: Notifier;
  readonly #progress: IncrementalProgress;
  readonly #offset: () => OffsetMap;

  constructor(notifier: Notifier, progress: IncrementalProgress, offset: () => OffsetMap) {
    this.#notifier = notifier;
    this.#progress = progress;
    this.#offset = offset;
  }

  started(): void {
    this.#send("STARTED", this.#collections());
  }

  paused(): void {
    this.#send("PAUSED", this.#collections());
  }

  resumed(): void {
    this.#send("RESUMED", this.#collections());
  }

  inProgress(table: string, end: KeyParts): void {
    this.#send("IN_PROGRESS", {
      ...this.#collections(),
      current_collection_in_progress: table,
      maximum_key: shown(this.#progress.maximum ?? []),
      last_processed_key: shown(end),
    });
  }

  scanned(table: string, rows: number, status: ScanStatus): void {
    this.#send("TABLE_SCAN_COMPLETED", {
      ...this.#collections(),
      scanned_collection: table,
      total_rows_scanned: String(rows),
      status,
    });
  }

  aborted(tables: readonly string[]): void {
    this.#send("ABORTED", { data_collections: tables.join(",") });
  }

  completed(): void {
    this.#send("COMPLETED", {});
  }

  #collections(): NotificationData {
    return { data_collections: this.#progress.ids.join(",") };
  }

  #send(type: string, data: NotificationData): void {
    const id = this.#progress.correlationId;
    this.#notifier.notify({ aggregate: "Incremental Snapshot", type, data, id, offset: this.#offset() });
  }
}

function shown(key: KeyParts): string {
  return key.map((part) => part ?? "<null>").join(",");
}
