import { randomUUID } from "node:crypto";
import { type OffsetMap, Schema, SchemaBuilder, type SourceRecord, Struct } from "@millrace/connect";
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

export interface NotificationsDeps {
  readonly maker: EventMaker;
  /** Null: nobody wants them. */
  readonly topic: string | null;
  readonly connectorName: string;
  emit(record: SourceRecord): void;
  nowMs(): number;
}

/** Tells of an initial snapshot, to the topic of the channel `sink`. */
export class SnapshotNotifications {
  readonly #deps: NotificationsDeps;
  readonly #tables: string;

  constructor(deps: NotificationsDeps, tables: readonly string[]) {
    this.#deps = deps;
    this.#tables = tables.join(",");
  }

  started(offset: OffsetMap): void {
    this.#send("STARTED", {}, offset);
  }

  tableStarted(table: string, offset: OffsetMap): void {
    this.#send("IN_PROGRESS", { current_collection_in_progress: table }, offset, { data_collections: this.#tables });
  }

  tableRead(table: string, rows: number, offset: OffsetMap): void {
    this.#send("TABLE_SCAN_COMPLETED", { scanned_collection: table }, offset, {
      total_rows_scanned: String(rows),
      data_collections: this.#tables,
      status: "SUCCEEDED",
    });
  }

  completed(offset: OffsetMap): void {
    this.#send("COMPLETED", {}, offset);
  }

  /** In the order Debezium has them. */
  #send(
    type: string,
    first: Readonly<Record<string, string>>,
    offset: OffsetMap,
    rest: Readonly<Record<string, string>> = {},
  ): void {
    const { maker, topic, connectorName, emit, nowMs } = this.#deps;
    if (topic === null) return;
    const id = randomUUID();
    const data = new Map(Object.entries({ ...first, connector_name: connectorName, ...rest }));
    const value = Struct.of(VALUE, [id, type, "Initial Snapshot", data, nowMs()]);
    emit(maker.other(topic, Struct.of(KEY, [id]), value, offset));
  }
}
