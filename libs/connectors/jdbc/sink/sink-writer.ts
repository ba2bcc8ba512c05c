import type { Logger, Schema, SinkRecord } from "@millrace/connect";
import type { JdbcConnection } from "../connection/connection.ts";
import { TableBatch, type Write } from "./record-batch.ts";
import { recordCheck } from "./record-checks.ts";
import { RecordPlan } from "./record-plan.ts";
import { rowBytes, rowChunks } from "./row-chunks.ts";
import { sinkColumns } from "./sink-columns.ts";
import type { BulkStatement, SinkDialect, SqlRow, WriteKind } from "./sink-dialect.ts";
import type { JdbcSinkSettings } from "./sink-settings.ts";
import { writeTarget } from "./table-fit.ts";
import { parseTable, type SinkTable, tableNameFor, tableText } from "./table-name.ts";
import { TableStructure } from "./table-structure.ts";

export interface WriterDeps {
  readonly connector: string;
  readonly settings: JdbcSinkSettings;
  readonly dialect: SinkDialect;
  readonly logger: Logger;
}

/** Runs inside of the transaction that writes the rows, before them. */
export type BeforeRows = (connection: JdbcConnection) => Promise<void>;

const PLANS_MAX = 1000;

interface RowStatement {
  readonly bulk: BulkStatement;
  readonly rows: readonly SqlRow[];
}

/** Records come in runs that have the same schemas. */
interface LastPlan {
  readonly table: SinkTable;
  readonly key: Schema | null;
  readonly value: Schema | null;
  readonly plan: RecordPlan;
}

/** Writes records over one connection. What it knows of tables and plans outlives failures; `forget` drops it. */
export class SinkWriter {
  readonly #deps: WriterDeps;
  readonly #structure: TableStructure;
  readonly #check: (record: SinkRecord) => void;
  readonly #tables = new Map<string, SinkTable>();
  /** By table, then by schemas. */
  #plans = new Map<string, RecordPlan[]>();
  #lastPlan: LastPlan | null = null;
  #largestRowBytes = 1;
  /** Null: there is nothing to do. */
  #bulks = new WeakMap<RecordPlan, Map<WriteKind, BulkStatement | null>>();

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.#structure = new TableStructure(deps);
    this.#check = recordCheck(deps.connector, deps.settings);
  }

  /** Tables may have changed. */
  forget(): void {
    this.#structure.forget();
    this.#bulks = new WeakMap();
  }

  /** How large rows are at the moment: the largest of a few that were written last. */
  get largestRowBytes(): number {
    return this.#largestRowBytes;
  }

  /** All of the records, or none: in one transaction. `before`: what goes with them. */
  async write(connection: JdbcConnection, records: readonly SinkRecord[], before: BeforeRows | null): Promise<void> {
    const writes = this.#plan(records);
    for (const { plan, kind } of writes) await this.#learn(connection, plan, kind);
    await this.#run(connection, this.#statements(writes), before);
  }

  /**
   * The same without waiting for what was sent before, as `JdbcConnection.packed` does it: it is sent when this returns. Null: a
   * table has to be looked at first, or the database has no such way.
   */
  send(connection: JdbcConnection, records: readonly SinkRecord[]): Promise<void> | null {
    const { packed } = connection;
    const writes = packed === null ? [] : this.#plan(records);
    if (packed === null || !writes.every(({ plan, kind }) => this.#bulks.get(plan)?.has(kind))) return null;
    const statements = this.#statements(writes).flatMap(({ bulk, rows }) => {
      return bulk.by === "columns" ? [{ sql: bulk.sql, values: bulk.pack(rows) }] : [];
    });
    return statements.length === 0 ? Promise.resolve() : packed.transaction(statements).then(() => {});
  }

  async #run(
    connection: JdbcConnection,
    statements: readonly RowStatement[],
    before: BeforeRows | null,
  ): Promise<void> {
    const run = async () => {
      await before?.(connection);
      for (const { bulk, rows } of statements) await runBulk(connection, bulk, rows);
    };
    // One statement is a transaction by itself.
    const isOne = statements.length === 1 && (statements[0]!.bulk.by !== "row" || statements[0]!.rows.length === 1);
    if (before === null && (isOne || statements.length === 0)) await run();
    else await connection.transaction(run);
  }

  #statements(writes: readonly Write[]): RowStatement[] {
    const { batchRowsMax } = this.#deps.settings;
    const some = writes.flatMap(({ rows }) => [rows[0]!, rows[rows.length >> 1]!, rows.at(-1)!]);
    this.#largestRowBytes = Math.max(1, ...some.map(rowBytes));
    return writes.flatMap(({ plan, kind, rows }) => {
      const bulk = this.#bulks.get(plan)?.get(kind) ?? null;
      return bulk === null ? [] : chunksOf(bulk, rows, batchRowsMax).map((chunk) => ({ bulk, rows: chunk }));
    });
  }

  #plan(records: readonly SinkRecord[]): Write[] {
    const { insertMode } = this.#deps.settings;
    const batches = new Map<string, TableBatch>();
    for (const record of records) {
      this.#check(record);
      const table = this.#table(record.topic);
      const name = tableText(table);
      let batch = batches.get(name);
      if (batch === undefined) {
        batch = new TableBatch(insertMode);
        batches.set(name, batch);
      }
      batch.add(record, this.#planOf(table, name, record));
    }
    // In one order in every task, so that they do not wait for each other.
    const sorted = [...batches].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([, batch]) => batch.take());
  }

  #table(topic: string): SinkTable {
    let table = this.#tables.get(topic);
    if (table === undefined) {
      const { dialect, settings } = this.#deps;
      table = parseTable(tableNameFor(topic, settings.tableNameFormat), dialect.schemasAreCatalogs);
      this.#tables.set(topic, table);
    }
    return table;
  }

  #planOf(table: SinkTable, name: string, record: SinkRecord): RecordPlan {
    const { settings, dialect } = this.#deps;
    const isDelete = settings.deleteEnabled && (record.value ?? null) === null;
    const key = record.keySchema;
    const value = isDelete ? null : record.valueSchema;
    const last = this.#lastPlan;
    if (last !== null && last.table === table && last.key === key && last.value === value) {
      if (last.plan.isDelete === isDelete) return last.plan;
    }
    const plans = this.#plans.get(name) ?? [];
    let plan = plans.find((each) => each.isFor(key, value, isDelete));
    if (plan === undefined) {
      const columns = sinkColumns(table.name, settings, key, value);
      plan = new RecordPlan(
        { table, columns, keySchema: key, valueSchema: value, isDelete },
        dialect,
        settings.nullAsDefault,
      );
      if (plans.length >= PLANS_MAX) plans.length = 0;
      plans.push(plan);
      this.#plans.set(name, plans);
    }
    this.#lastPlan = { table, key, value, plan };
    return plan;
  }

  async #learn(connection: JdbcConnection, plan: RecordPlan, kind: WriteKind): Promise<void> {
    const known = this.#bulks.get(plan) ?? new Map<WriteKind, BulkStatement | null>();
    if (known.has(kind)) return;
    const { dialect, settings } = this.#deps;
    const { table, columns } = plan;
    let shape = await this.#structure.find(connection, table);
    // What was never written needs no table. It may be there the next time.
    if (shape === null && plan.isDelete && settings.autoCreate) return;
    shape = await this.#structure.fit(connection, table, columns.all);
    const target = writeTarget(table, kind === "delete" ? { ...columns, others: [] } : columns, shape);
    this.#bulks.set(plan, known.set(kind, dialect.bulk(kind, target)));
  }
}

/** Rows as they go into statements, one for each chunk. */
function chunksOf(bulk: BulkStatement, rows: readonly SqlRow[], batchRowsMax: number): readonly (readonly SqlRow[])[] {
  if (bulk.by === "row") return [rows];
  return rowChunks(rows, bulk.by === "rows" ? Math.min(bulk.rowsMax, batchRowsMax) : batchRowsMax);
}

async function runBulk(connection: JdbcConnection, bulk: BulkStatement, rows: readonly SqlRow[]): Promise<void> {
  if (bulk.by === "row") await connection.executeMany(bulk.sql, rows);
  else if (bulk.by === "columns") await connection.packed!.execute({ sql: bulk.sql, values: bulk.pack(rows) });
  else await connection.execute(bulk.sql(rows.length), rows.flat());
}
