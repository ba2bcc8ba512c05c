import type { Logger, SourceRecord } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import type { EventMaker } from "../events/event-maker.ts";
import { SnapshotNotifications } from "../events/notifications.ts";
import { afterSnapshotOffset, type SnapshotPosition, snapshotOffset } from "../events/offset-state.ts";
import { type SourceNames, sourceBlock, timeOf } from "../events/source-blocks.ts";
import type { Catalog, TableName } from "../tables/catalog.ts";
import { readShape } from "../tables/read-shape.ts";
import type { TableShape } from "../tables/table-shape.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";
import { readCopyRow } from "./copy-row.ts";

export interface SnapshotDeps {
  readonly settings: Settings;
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly logger: Logger;
  /** Of its own: it holds the transaction. */
  readonly connection: PgConnection;
  readonly catalog: Catalog;
  /** Exported with the slot; null: whatever is there now. */
  readonly snapshotName: string | null;
  readonly position: SnapshotPosition;
  /** False: no more until there is room. */
  emit(record: SourceRecord): boolean;
  nowMs(): number;
}

/** A row that waits until it is known whether another one follows. */
interface Held {
  readonly shape: TableShape;
  readonly values: unknown[];
  readonly firstTable: boolean;
  readonly firstInTable: boolean;
}

/** Hands over every row there is, as of one moment. Markers say where a table and the whole snapshot begin and end. */
export async function runSnapshot(deps: SnapshotDeps, tables: readonly TableName[]): Promise<void> {
  const { connection, settings, snapshotName, logger } = deps;
  await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (snapshotName !== null) await connection.query(`SET TRANSACTION SNAPSHOT ${quoteText(snapshotName)}`);
  const run = new SnapshotRun(deps);
  const { maker, position } = deps;
  const during = snapshotOffset(position, false);
  const notifications = new SnapshotNotifications(
    {
      maker,
      topic: settings.notificationTopic,
      connectorName: settings.topicPrefix,
      emit: (record) => void deps.emit(record),
      nowMs: deps.nowMs,
    },
    tables.map(({ schema, name }) => `${schema}.${name}`),
  );
  notifications.started(during);
  for (const [i, table] of tables.entries()) {
    if (settings.snapshot.lock) {
      await connection.query(`SET LOCAL lock_timeout = ${settings.snapshot.lockTimeoutMs}`);
      await connection.query(`LOCK TABLE ${qualified(table)} IN ACCESS SHARE MODE`);
    }
    const found = await readShape(deps.catalog, settings, table.oid);
    if (found === null) continue;
    const { shape } = found;
    notifications.tableStarted(shape.id, during);
    const rows = await run.copy(shape, i === 0);
    notifications.tableRead(shape.id, rows, during);
    logger.info("Table read.", { table: shape.id, rows });
  }
  run.finish();
  notifications.completed(afterSnapshotOffset(position));
  await connection.query("COMMIT");
}

class SnapshotRun {
  readonly #deps: SnapshotDeps;
  #held: Held | null = null;
  #bytes: Buffer | null = null;
  #latin1 = "";

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  async copy(shape: TableShape, firstTable: boolean): Promise<number> {
    let rows = 0;
    await this.#deps.connection.copyOut(this.#sql(shape), (bytes, from, to) => {
      if (bytes !== this.#bytes) {
        this.#bytes = bytes;
        this.#latin1 = bytes.toString("latin1");
      }
      const values = readCopyRow({ bytes, latin1: this.#latin1 }, from, to, shape);
      return this.#hold({ shape, values, firstTable, firstInTable: rows++ === 0 });
    });
    return rows;
  }

  finish(): void {
    if (this.#held !== null) this.#emit(this.#held, "last");
    this.#held = null;
  }

  #hold(next: Held): boolean {
    const held = this.#held;
    this.#held = next;
    return held === null || this.#emit(held, marker(held, held.shape !== next.shape));
  }

  #emit({ shape, values }: Held, snapshot: string): boolean {
    const { names, maker, position, nowMs } = this.#deps;
    const source = sourceBlock(names, {
      time: timeOf(nowMs() * 1000),
      snapshot,
      commitLsn: null,
      schema: shape.schema,
      table: shape.name,
      txId: position.txId,
      lsn: position.lsn,
      xmin: null,
      origin: null,
      originLsn: null,
    });
    const offset = snapshotOffset(position, snapshot === "last");
    return this.#deps.emit(maker.row("r", { shape, source, transaction: null, offset }, null, values));
  }

  #sql(shape: TableShape): string {
    const columns = shape.columns.flatMap(({ name, index }) => (index < 0 ? [] : [quoteName(name)])).join(", ");
    const override = this.#deps.settings.snapshot.overrides.get(shape.id);
    const from = override === undefined ? qualified(shape) : `(${override.replace(/;\s*$/, "")}) AS chosen`;
    return `COPY (SELECT ${columns} FROM ${from}) TO STDOUT`;
  }
}

function marker({ firstTable, firstInTable }: Held, lastInTable: boolean): string {
  if (firstTable && firstInTable) return "first";
  if (lastInTable) return "last_in_data_collection";
  return firstInTable ? "first_in_data_collection" : "true";
}

function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}
