import type { Logger, OffsetMap, PluginMetrics, SourceRecord } from "@millrace/connect";
import { failPoint } from "@millrace/fail-points";
import type { Settings } from "../config/settings.ts";
import type { EventMaker } from "../events/event-maker.ts";
import { type Notifier, SnapshotNotifications } from "../events/notifications.ts";
import { afterSnapshotOffset, type SnapshotPosition, snapshotOffset } from "../events/offset-state.ts";
import type { SourceNames } from "../events/source-blocks.ts";
import type { Catalog, TableName } from "../tables/catalog.ts";
import { readShape } from "../tables/read-shape.ts";
import type { TableShape } from "../tables/table-shape.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";
import { CopiedRows } from "./copy-row.ts";
import { partCondition, type SnapshotTable, snapshotParts, type TablePart, type TableSize } from "./snapshot-parts.ts";
import { expectedRows, snapshotReport } from "./snapshot-progress.ts";
import { SnapshotRows, TableRows } from "./snapshot-rows.ts";

export interface SnapshotDeps {
  readonly settings: Settings;
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly logger: Logger;
  readonly metrics: PluginMetrics;
  readonly notifier: Notifier;
  /** Of its own: it holds the transaction. */
  readonly connection: PgConnection;
  /** Read beside it, in the same snapshot. */
  readonly others?: readonly PgConnection[];
  readonly catalog: Catalog;
  /** Exported with the slot; null: whatever is there now. */
  readonly snapshotName: string | null;
  readonly position: SnapshotPosition;
  /** SELECT statements of tables that are not read in full, by `schema.table`. */
  readonly selects: ReadonlyMap<string, string>;
  /** Of all records; null: what an initial snapshot has. */
  readonly offset: OffsetMap | null;
  /** False: no more until there is room. */
  emit(record: SourceRecord): boolean;
  nowMs(): number;
}

/** The first server that reads a range of pages without looking at the others. */
const RANGES_SINCE_VERSION = 140_000;
const REPORT_INTERVAL_MS = 10_000;

/** Hands over every row there is, as of one moment. With more connections, tables and parts of large tables side by side. */
export async function runSnapshot(deps: SnapshotDeps, tables: readonly TableName[]): Promise<void> {
  const { connection, others = [], position } = deps;
  await openTransactions(deps);
  const found = await findTables(deps, tables);
  const run = new SnapshotRun(deps, found, snapshotParts(found, 1 + others.length));
  const during = deps.offset ?? snapshotOffset(position, false);
  const names = tables.map(({ schema, name }) => `${schema}.${name}`);
  const notifications = new SnapshotNotifications(deps.notifier, names);
  notifications.started(during);
  failPoint("cdc.snapshot.begun");
  await Promise.all([connection, ...others].map((each) => run.read(each, notifications, during)));
  run.finish();
  failPoint("cdc.snapshot.end");
  notifications.completed(deps.offset ?? afterSnapshotOffset(position));
  for (const each of [connection, ...others]) await each.query("COMMIT");
}

/** All of one snapshot: that of the slot, else that of the first connection. */
async function openTransactions({ connection, others = [], snapshotName }: SnapshotDeps): Promise<void> {
  await begin(connection, snapshotName);
  if (others.length === 0) return;
  const [row] = await connection.query("SELECT pg_catalog.pg_export_snapshot() AS name");
  for (const each of others) await begin(each, row!.name!);
}

async function begin(connection: PgConnection, snapshotName: string | null): Promise<void> {
  await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (snapshotName !== null) await connection.query(`SET TRANSACTION SNAPSHOT ${quoteText(snapshotName)}`);
}

/** Locks them, where that is wanted; those that are gone by now are left out. */
async function findTables(deps: SnapshotDeps, tables: readonly TableName[]): Promise<SnapshotTable[]> {
  const { connection, settings, catalog } = deps;
  const [server] = await connection.query("SELECT current_setting('server_version_num') AS version");
  const ranges = Number(server!.version) >= RANGES_SINCE_VERSION;
  const sizes = await readSizes(connection, tables);
  const found: SnapshotTable[] = [];
  for (const table of tables) {
    if (settings.snapshot.lock) {
      await connection.query(`SET LOCAL lock_timeout = ${settings.snapshot.lockTimeoutMs}`);
      await connection.query(`LOCK TABLE ${qualified(table)} IN ACCESS SHARE MODE`);
    }
    const described = await readShape(catalog, settings, table.oid);
    const size = sizes.get(table.oid);
    if (described === null || size === undefined) continue;
    const { shape } = described;
    found.push({ shape, size, divisible: ranges && size.plain && !deps.selects.has(shape.id) });
  }
  return found;
}

async function readSizes(
  connection: PgConnection,
  tables: readonly TableName[],
): Promise<ReadonlyMap<number, TableSize & { readonly plain: boolean }>> {
  const oids = quoteText(`{${tables.map(({ oid }) => oid).join(",")}}`);
  const rows = await connection.query(
    `SELECT c.oid, c.relkind, sum(pg_catalog.pg_relation_size(p.oid)) / current_setting('block_size')::int AS pages,
       CASE WHEN min(p.reltuples) < 0 THEN NULL ELSE sum(p.reltuples)::bigint END AS rows
     FROM pg_catalog.pg_class c
     LEFT JOIN LATERAL (
       SELECT oid, reltuples FROM pg_catalog.pg_class WHERE c.relkind <> 'p' AND oid = c.oid
       UNION ALL SELECT l.oid, l.reltuples FROM pg_catalog.pg_partition_tree(c.oid) t
       JOIN pg_catalog.pg_class l ON l.oid = t.relid WHERE c.relkind = 'p' AND t.isleaf) p ON true
     WHERE c.oid = ANY (${oids}::oid[]) GROUP BY c.oid, c.relkind`,
  );
  return new Map(
    rows.map(({ oid, relkind, pages, rows: count }) => {
      const size = { pages: Math.ceil(Number(pages ?? 0)), rows: count == null ? null : Number(count) };
      return [Number(oid), { ...size, plain: relkind === "r" }];
    }),
  );
}

class SnapshotRun {
  readonly #deps: SnapshotDeps;
  readonly #tables: readonly { readonly rows: TableRows; parts: number; begun: boolean }[];
  readonly #parts: readonly TablePart[];
  readonly #rows: SnapshotRows;
  readonly #expected: number;
  readonly #startMs: number;
  #next = 0;
  #reportMs: number;
  #finished = false;

  constructor(deps: SnapshotDeps, tables: readonly SnapshotTable[], parts: readonly TablePart[]) {
    this.#deps = deps;
    this.#parts = parts;
    this.#tables = tables.map(({ shape }, i) => {
      const own = parts.filter(({ table }) => table === i).length;
      return { rows: new TableRows(shape, i === 0), parts: own, begun: false };
    });
    this.#rows = new SnapshotRows(deps);
    this.#expected = expectedRows(tables.map(({ size }) => size));
    this.#startMs = deps.nowMs();
    this.#reportMs = this.#startMs + REPORT_INTERVAL_MS;
    const report = () => (this.#finished ? null : this.#report());
    const { metrics } = deps;
    metrics.gauge("snapshot_rows_expected", {
      help: "Rows a snapshot under way reads, as the catalog estimates them.",
      read: () => report()?.rowsExpected ?? null,
    });
    metrics.gauge("snapshot_rows_read", {
      help: "Rows a snapshot under way has read.",
      read: () => report()?.rows ?? null,
    });
    metrics.gauge("snapshot_remaining_seconds", {
      help: "For how long a snapshot under way still reads at its speed so far.",
      read: () => report()?.secondsLeft ?? null,
    });
  }

  /** Takes one part after the other. */
  async read(connection: PgConnection, notifications: SnapshotNotifications, offset: OffsetMap): Promise<void> {
    for (;;) {
      const part = this.#parts[this.#next++];
      if (part === undefined) return;
      const table = this.#tables[part.table]!;
      const { shape } = table.rows;
      if (!table.begun) notifications.tableStarted(shape.id, offset);
      table.begun = true;
      await this.#copy(connection, part, table.rows);
      if (--table.parts > 0) continue;
      this.#rows.end(table.rows);
      failPoint("cdc.snapshot.table");
      notifications.tableRead(shape.id, table.rows.count, offset);
      this.#deps.logger.info("Table read.", { table: shape.id, rows: table.rows.count });
    }
  }

  finish(): void {
    this.#rows.finish();
    this.#finished = true;
  }

  async #copy(connection: PgConnection, part: TablePart, table: TableRows): Promise<void> {
    const { shape } = table;
    const copied = new CopiedRows();
    await connection.copyOut(this.#sql(part, shape), (bytes, from, to) => {
      if (copied.receive(bytes, from)) {
        failPoint("cdc.snapshot.rows");
        this.#tell();
      }
      return this.#rows.row(table, copied.read(from, to, shape));
    });
  }

  #sql(part: TablePart, shape: TableShape): string {
    const columns = shape.columns.flatMap(({ name, index }) => (index < 0 ? [] : [quoteName(name)])).join(", ");
    const override = this.#deps.selects.get(shape.id);
    const from = override === undefined ? qualified(shape) : `(${override.replace(/;\s*$/, "")}) AS chosen`;
    return `COPY (SELECT ${columns} FROM ${from}${partCondition(part)}) TO STDOUT`;
  }

  #report() {
    return snapshotReport(this.#rows.total, this.#expected, this.#deps.nowMs() - this.#startMs);
  }

  /** Now and then, in the log. */
  #tell(): void {
    const nowMs = this.#deps.nowMs();
    if (nowMs < this.#reportMs) return;
    this.#reportMs = nowMs + REPORT_INTERVAL_MS;
    this.#deps.logger.info("Reading tables.", { ...this.#report() });
  }
}

function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}
