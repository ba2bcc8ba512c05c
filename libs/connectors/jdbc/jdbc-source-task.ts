import {
  ConnectError,
  isRetriable,
  type OffsetMap,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from "@millrace/connect";
import { BulkTable } from "./bulk-table.ts";
import { connectDatabase } from "./connect.ts";
import type { Database, TableShape } from "./dialect.ts";
import { OrderedTable } from "./ordered-table.ts";
import { startOf } from "./position.ts";
import { INITIAL_NOW, type JdbcSourceSettings, jdbcSourceSettings } from "./settings.ts";
import { parseQuotedNames, plainName, type TableId } from "./table-id.ts";
import { tableOrder } from "./table-order.ts";
import type { RowsBatch, TableReader } from "./table-reader.ts";

/** Of a task's config: its share of the tables. */
export const TABLES_KEY = "tables";

const WAIT_MAX_MS = 1000;

interface Table {
  /** Null: the query. */
  readonly id: TableId | null;
  readonly topic: string;
  readonly partition: OffsetMap;
  dueAtMs: number;
  /** When the columns were last looked up; a described table keeps its reader until they change. */
  describedAtMs: number;
  shape: TableShape | null;
  reader: TableReader | null;
  offset: OffsetMap | null;
}

/** Takes its tables in turn: each is read to its end, then left alone for poll.interval.ms. */
export class JdbcSourceTask implements SourceTask {
  #context!: SourceTaskContext;
  #settings!: JdbcSourceSettings;
  #database: Database | null = null;
  #tables: Table[] = [];
  #failures = 0;
  #initialMs = 0;

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    this.#settings = jdbcSourceSettings(context.config);
    const ids = this.#assigned();
    const offsets = await this.#storedOffsets(ids);
    this.#tables = ids.map((id, i) => ({
      id,
      topic: this.#settings.topicPrefix + (id?.name ?? ""),
      partition: partitionOf(id),
      dueAtMs: 0,
      describedAtMs: Number.NEGATIVE_INFINITY,
      shape: null,
      reader: null,
      offset: offsets[i] ?? null,
    }));
    this.#database = await connectDatabase(this.#settings, context, context.signal);
    const { timestampInitialMs } = this.#settings;
    const fromNow = timestampInitialMs === INITIAL_NOW;
    this.#initialMs = fromNow ? Number((await this.#database.now()) / 1_000_000n) : (timestampInitialMs ?? 0);
    for (const table of this.#tables) await this.#describe(table);
  }

  async poll(): Promise<readonly SourceRecord[] | null> {
    const nowMs = this.#context.nowMs();
    const table = this.#tables.find((each) => each.dueAtMs <= nowMs);
    if (table === undefined) return this.#wait(Math.min(...this.#tables.map((each) => each.dueAtMs)) - nowMs);
    try {
      const records = await this.#pollTable(table);
      this.#failures = 0;
      return records;
    } catch (error) {
      throw await this.#failure(table, error);
    }
  }

  async stop(): Promise<void> {
    for (const table of this.#tables) await table.reader?.close();
    await this.#database?.close();
    this.#database = null;
  }

  async #pollTable(table: Table): Promise<readonly SourceRecord[] | null> {
    if (table.reader === null) await this.#describe(table);
    const reader = table.reader!;
    const batch = await reader.next();
    if (batch.kind === "rows") return this.#records(table, batch);
    if (batch.kind === "wait") {
      this.#postpone(table, batch.delayMs);
    } else if (batch.kind === "changed") {
      table.reader = null;
      table.describedAtMs = Number.NEGATIVE_INFINITY;
    } else {
      this.#postpone(table, this.#settings.pollIntervalMs);
      await this.#describeAgain(table);
    }
    return null;
  }

  #records(table: Table, { rows, from, to, offsets }: RowsBatch): SourceRecord[] {
    const { topic, partition } = table;
    const valueSchema = table.shape!.schema;
    const records = new Array<SourceRecord>(to - from);
    let sourceOffset: OffsetMap | null = null;
    for (let row = from; row < to; row++) {
      if (offsets !== null) sourceOffset = offsets(row);
      const value = rows.struct(row);
      records[row - from] = {
        sourcePartition: partition,
        sourceOffset,
        topic,
        // Named although null: transforms replace parts faster than they add them.
        keySchema: null,
        key: null,
        valueSchema,
        value,
      };
    }
    table.offset = sourceOffset;
    return records;
  }

  /** A query's columns change only with those of its tables, and are dearer to find. */
  async #describeAgain(table: Table): Promise<void> {
    const { pollIntervalMs, tablePollIntervalMs } = this.#settings;
    const maxAgeMs = table.id === null ? tablePollIntervalMs : Math.min(pollIntervalMs, tablePollIntervalMs);
    if (this.#context.nowMs() - table.describedAtMs >= maxAgeMs) await this.#describe(table);
  }

  /** Looks up the columns; only when they differ from before does reading start anew, after the last row handed over. */
  async #describe(table: Table): Promise<void> {
    const database = this.#database!;
    const shape = await (table.id === null
      ? database.describeQuery(this.#settings.query)
      : database.describe(table.id));
    if (shape === null) {
      throw new ConnectError(`Table ${plainName(table.id!)} does not exist, or the user may not see it.`, {
        code: "TABLE_MISSING",
      });
    }
    table.describedAtMs = this.#context.nowMs();
    if (table.reader !== null && shape.schema.equals(table.shape?.schema)) return;
    await table.reader?.close();
    if (shape.dropped.length > 0) {
      const fields = { table: table.id?.name ?? "query", columns: shape.dropped };
      this.#context.logger.warn("Columns of types that have no Connect type are left out.", fields);
    }
    table.shape = shape;
    table.reader = this.#reader(table, shape);
  }

  #reader(table: Table, shape: TableShape): TableReader {
    const database = this.#database!;
    const { batchMaxRows, mode, marks, inFlightGuard, querySuffix, timestampDelayMs } = this.#settings;
    if (mode === "bulk") return new BulkTable(database, shape, batchMaxRows, querySuffix);
    const order = tableOrder(shape, this.#settings);
    return new OrderedTable({
      database,
      shape,
      order,
      marks,
      start: startOf(table.offset, marks, order.keys.length, this.#initialMs),
      guard: inFlightGuard,
      delayMs: timestampDelayMs,
      suffix: querySuffix,
      batchMaxRows,
      logger: this.#context.logger,
      nowMs: () => this.#context.nowMs(),
    });
  }

  /** Its tables, or null for the query. */
  #assigned(): (TableId | null)[] {
    if (this.#settings.query !== "") return [null];
    const ids = parseQuotedNames(this.#context.config[TABLES_KEY] ?? "");
    if (ids.length > 0) return ids;
    throw new ConnectError(
      "Task is being killed because it was not assigned a table nor a query to execute. " +
        "Check that the table settings match a table the user may see.",
      { code: "NO_TABLE" },
    );
  }

  /** By `{protocol, table}` with the full name, else by the legacy `{table}` with the bare one. */
  async #storedOffsets(ids: readonly (TableId | null)[]): Promise<(OffsetMap | null)[]> {
    const legacy = ids.map((id) => (id === null ? partitionOf(id) : { table: id.name }));
    const stored = await this.#context.offsets.offsets([...ids.map(partitionOf), ...legacy]);
    return ids.map((_, i) => stored[i] ?? stored[ids.length + i] ?? null);
  }

  async #failure(table: Table, error: unknown): Promise<unknown> {
    await table.reader?.close().catch(() => {});
    table.reader = null;
    if (!isRetriable(error)) return error;
    this.#failures++;
    this.#postpone(table, this.#settings.pollIntervalMs);
    const { queryRetryAttempts } = this.#settings;
    if (queryRetryAttempts < 0 || this.#failures <= queryRetryAttempts) return error;
    return new ConnectError(`Query failed ${this.#failures} times in a row: ${(error as Error).message}`, {
      cause: error,
    });
  }

  #postpone(table: Table, delayMs: number): void {
    table.dueAtMs = this.#context.nowMs() + delayMs;
    this.#tables = [...this.#tables.filter((each) => each !== table), table];
  }

  async #wait(delayMs: number): Promise<null> {
    const { signal } = this.#context;
    try {
      await this.#context.sleep(Math.max(1, Math.min(delayMs, WAIT_MAX_MS)), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return null;
  }
}

function partitionOf(id: TableId | null): OffsetMap {
  return id === null ? { query: "query" } : { protocol: "1", table: plainName(id) };
}
