import { randomUUID } from "node:crypto";
import { type Logger, type OffsetMap, Schema, SchemaBuilder, type SourceRecord, Struct } from "@millrace/connect";
import type { NotificationSettings } from "../config/signal-settings.ts";
import type { EventMaker } from "./event-maker.ts";

const KEY = SchemaBuilder.struct()
  .name("io.debezium.connector.common.NotificationKey")
  .version(1)
  .field("id", Schema.STRING)
  .build();

const VALUE = SchemaBuilder.struct()
  .name("io.debezium.connector.common.Notification")
  .version(1)
  .field("id", Schema.STRING)
  .field("type", Schema.STRING)
  .field("aggregate_type", Schema.STRING)
  .field("additional_data", SchemaBuilder.map(Schema.STRING, Schema.STRING).optional().build())
  .field("timestamp", Schema.INT64)
  .build();

/** In the order Debezium's hash map has them. */
const DATA_ORDER = [
  "scanned_collection",
  "current_collection_in_progress",
  "connector_name",
  "total_rows_scanned",
  "maximum_key",
  "data_collections",
  "status",
  "last_processed_key",
] as const;

export type NotificationData = Readonly<Partial<Record<(typeof DATA_ORDER)[number], string>>>;

export interface NotifierDeps {
  readonly settings: NotificationSettings;
  readonly maker: EventMaker;
  readonly connectorName: string;
  readonly logger: Logger;
  emit(record: SourceRecord): void;
  nowMs(): number;
}

export interface Notification {
  readonly aggregate: "Initial Snapshot" | "Incremental Snapshot";
  readonly type: string;
  readonly data: NotificationData;
  /** Null: one of its own. */
  readonly id?: string | null;
  /** Null: the record says nothing of how far this source is. */
  readonly offset: OffsetMap | null;
}

/** Tells of snapshots, to a topic (channel `sink`) and to the log. */
export class Notifier {
  readonly #deps: NotifierDeps;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
  }

  notify({ aggregate, type, data, id: given, offset }: Notification): void {
    const { settings, maker, connectorName, logger, emit, nowMs } = this.#deps;
    if (settings.topic === null && !settings.toLog) return;
    const id = given ?? randomUUID();
    const named: NotificationData = { ...data, connector_name: connectorName };
    const entries = DATA_ORDER.flatMap((name) => (named[name] === undefined ? [] : [[name, named[name]] as const]));
    const timestamp = nowMs();
    if (settings.toLog) {
      logger.info("Notification.", {
        id,
        aggregateType: aggregate,
        type,
        additionalData: Object.fromEntries(entries),
        timestamp,
      });
    }
    if (settings.topic === null) return;
    const value = Struct.of(VALUE, [id, type, aggregate, new Map(entries), timestamp]);
    emit(maker.other(settings.topic, Struct.of(KEY, [id]), value, offset));
  }
}

/** Of an initial or blocking snapshot. */
export class SnapshotNotifications {
  readonly #notifier: Notifier;
  readonly #tables: string;

  constructor(notifier: Notifier, tables: readonly string[]) {
    this.#notifier = notifier;
    this.#tables = tables.join(",");
  }

  started(offset: OffsetMap): void {
    this.#send("STARTED", {}, offset);
  }

  tableStarted(table: string, offset: OffsetMap): void {
    this.#send("IN_PROGRESS", { current_collection_in_progress: table, data_collections: this.#tables }, offset);
  }

  tableRead(table: string, rows: number, offset: OffsetMap): void {
    const data = {
      scanned_collection: table,
      total_rows_scanned: String(rows),
      data_collections: this.#tables,
      status: "SUCCEEDED",
    };
    this.#send("TABLE_SCAN_COMPLETED", data, offset);
  }

  completed(offset: OffsetMap): void {
    this.#send("COMPLETED", {}, offset);
  }

  #send(type: string, data: NotificationData, offset: OffsetMap): void {
    this.#notifier.notify({ aggregate: "Initial Snapshot", type, data, offset });
  }
}
