import { ConnectError, isConnectError, isRetriable, RetriableError, SchemaBuilder } from "@millrace/connect";
import postgres from "postgres";
import type { Bound, Column, Database, Dialect, Order, Rows, Scan, Slice, TableShape } from "../dialect.ts";
import { type PostgresAddress, parsePostgresUrl } from "../jdbc-url.ts";
import { type OrderWords, orderBy, sliceWhere } from "../order-sql.ts";
import { type Position, rowNumber } from "../position.ts";
import type { JdbcSourceSettings } from "../settings.ts";
import type { TableId } from "../table-id.ts";
import {
  type CatalogColumn,
  columnType,
  isInstant,
  readNanos,
  timeExpression,
  timestampLiteral,
} from "./column-types.ts";
import { openSocket } from "./open-socket.ts";
import type { ReadColumn } from "./received-row.ts";
import { ResultDescription } from "./result-description.ts";
import { RowCollector, type RowKind } from "./row-collector.ts";
import { type RowSink, RowTap, type RowTarget } from "./row-tap.ts";
import {
  APPLICATION_NAME,
  boundQuery,
  CLOCK,
  columnsQuery,
  ownLocksQuery,
  primaryKeyQuery,
  quoteName,
  quoteText,
  resultColumnsQuery,
  runningQuery,
  tableName,
  tablesQuery,
  unfinishedQuery,
} from "./sql.ts";

export const postgresDialect: Dialect = {
  name: "PostgreSqlDatabaseDialect",
  accepts: (url) => url.startsWith("jdbc:postgresql:"),
  open: (settings) => new PostgresDatabase(parsePostgresUrl(settings.url), settings),
};

interface PostgresColumn extends Column, ReadColumn, CatalogColumn {
  readonly select: (column: string) => string;
}

interface PostgresShape extends TableShape {
  readonly columns: readonly PostgresColumn[];
  readonly selected: string;
  readonly from: string;
  /** The table's own locks show who writes to it; not so of a view or a query. */
  readonly ownLocks: boolean;
}

/** Undefined column, table or function, and a cached plan that no longer fits: the table was changed. */
const SHAPE_CHANGED = ["42703", "42P01", "42883", "0A000"];

/** What rows are ordered by, behind their own columns. */
const TIMESTAMP: ReadColumn = { name: "timestamp", read: readNanos, form: "other" };

interface Client {
  readonly sql: postgres.Sql;
  readonly target: RowTarget;
}

class PostgresDatabase implements Database {
  readonly #open: () => Client;
  readonly #settings: JdbcSourceSettings;
  readonly #zone: string;
  #client: Client;

  constructor(address: PostgresAddress, settings: JdbcSourceSettings) {
    this.#settings = settings;
    this.#zone = quoteText(settings.timeZone);
    this.#open = () => openClient(address, settings);
    this.#client = this.#open();
  }

  async check(): Promise<void> {
    await this.#query("SELECT 1");
  }

  tables(types: readonly string[]): Promise<TableId[]> {
    return this.#query<TableId>(tablesQuery(types));
  }

  async now(): Promise<bigint> {
    const [row] = await this.#query<{ now: string }>(`SELECT (${CLOCK})::text AS now`);
    return BigInt(row!.now);
  }

  async describe(id: TableId): Promise<PostgresShape | null> {
    const columns = await this.#query<CatalogColumn>(columnsQuery(id));
    if (columns.length === 0) return null;
    const primaryKey = await this.#query<{ name: string }>(primaryKeyQuery(id));
    const [locks] = await this.#query<{ own: boolean }>(ownLocksQuery(id));
    return this.#shape(columns, {
      id,
      from: tableName(id),
      primaryKey: primaryKey.map(({ name }) => name),
      ownLocks: locks?.own === true,
    });
  }

  async describeQuery(query: string): Promise<PostgresShape> {
    const description = new ResultDescription();
    const from = `(${query}\n) AS millrace_query`;
    await this.#run(`SELECT * FROM ${from} LIMIT 0`, description);
    const columns = await this.#query<CatalogColumn>(resultColumnsQuery(description.columns));
    // What an outer join leaves out is null, whatever the column's table says.
    const outer = /\b(left|right|full|grouping|rollup|cube)\b/i.test(query);
    const typed = outer ? columns.map((column) => ({ ...column, nullable: true })) : columns;
    return this.#shape(typed, { id: null, from, primaryKey: [], ownLocks: false });
  }

  #shape(
    columns: readonly CatalogColumn[],
    about: Pick<PostgresShape, "id" | "from" | "primaryKey" | "ownLocks">,
  ): PostgresShape {
    const typed = columns.map((column) => ({ ...column, as: columnType(column, this.#settings) }));
    const known = typed.flatMap(({ as, ...column }) =>
      as === null ? [] : [{ ...column, ...as, instant: isInstant(column) }],
    );
    const schema = SchemaBuilder.struct();
    if (about.id !== null) schema.name(about.id.name);
    for (const column of known) schema.field(column.name, column.schema);
    return {
      ...about,
      columns: known,
      dropped: typed.filter(({ as }) => as === null).map(({ name, type }) => `${name} (${type})`),
      schema: schema.build(),
      selected: known.map((column) => column.select(quoteName(column.name))).join(", "),
    };
  }

  read(shape: TableShape, slice: Slice): Promise<Rows | null> {
    const { schema, columns, selected, from } = shape as PostgresShape;
    const { order, rowsMax, suffix } = slice;
    const words = this.#words(order);
    const where = `WHERE ${sliceWhere(words, slice)} ORDER BY ${orderBy(words)}`;
    const list = words.time === null ? selected : `${selected}, ${words.selectedTime}`;
    const query = `SELECT ${list} FROM ${from} ${where}`;
    const kind: RowKind = { schema, columns, ...(words.time !== null && { last: TIMESTAMP }) };
    const limited = suffix === "" ? query : `SELECT * FROM (${query} ${suffix}\n) AS millrace_slice`;
    return this.#rows(`${limited} LIMIT ${rowsMax}`, kind);
  }

  async bound(shape: TableShape, order: Order, after: Position): Promise<Bound> {
    const { id, from } = shape as PostgresShape;
    const words = this.#words(order);
    const where = sliceWhere(words, { after, upTo: null });
    const first = this.#byRunning(shape, order)
      ? `SELECT (${words.time === null ? newest(words, from, where) : this.#settledClock(order, from, where)})::text AS "upTo"`
      : boundQuery(id!, from, order.keys[0]!.name, where);
    const [row] = await this.#query<{ upTo: string | null; writers?: string | null }>(first);
    const upTo = row!.upTo === null ? null : rowNumber(row!.upTo);
    if (upTo === null) return { upTo, writers: [] };
    const writers = row!.writers === undefined ? await this.#running(id) : row!.writers;
    return { upTo, writers: writers?.split(",") ?? [] };
  }

  async unfinished(shape: TableShape, order: Order, writers: readonly string[]): Promise<readonly string[]> {
    const query = unfinishedQuery((shape as PostgresShape).id, writers, this.#byRunning(shape, order));
    const rows = await this.#query<{ writer: string }>(query);
    return rows.map((row) => row.writer);
  }

  scan(shape: TableShape, suffix: string): Scan {
    const { selected, from, ...kind } = shape as PostgresShape;
    const query = `SELECT ${selected} FROM ${from} ${suffix}`;
    let open = false;
    const close = async () => {
      if (!open) return;
      open = false;
      await this.#query("ROLLBACK");
    };
    return {
      next: async (rowsMax) => {
        if (!open) {
          const declared = await this.#rows(`BEGIN; DECLARE millrace_scan NO SCROLL CURSOR FOR ${query}`, kind);
          open = declared !== null;
          if (!open) {
            await this.#query("ROLLBACK");
            return null;
          }
        }
        const rows = await this.#rows(`FETCH ${rowsMax} FROM millrace_scan`, kind);
        if (rows === null || rows.length < rowsMax) await close();
        return rows;
      },
      close,
    };
  }

  async #running(id: TableId | null): Promise<string | null> {
    const [row] = await this.#query<{ writers: string | null }>(runningQuery(id));
    return row!.writers;
  }

  #byRunning(shape: TableShape, order: Order): boolean {
    return order.timestamps.length > 0 || !(shape as PostgresShape).ownLocks;
  }

  /**
   * The clock, where there is a row after the position. Later writers may still use a timestamp that rounds to one before the clock: by a column's own precision, or by an
   * application's milliseconds.
   */
  #settledClock({ timestamps }: Order, from: string, where: string): string {
    const digits = (timestamps as readonly PostgresColumn[]).map(({ type, modifier }) =>
      type === "date" ? -5 : modifier < 0 ? 6 : modifier,
    );
    const coarsest = Math.min(3, ...digits);
    const settled = coarsest < 0 ? CLOCK : `${CLOCK} - ${10n ** BigInt(9 - coarsest)}`;
    return `SELECT CASE WHEN EXISTS (SELECT FROM ${from} WHERE ${where}) THEN ${settled} END`;
  }

  #words({ timestamps, keys }: Order): OrderWords & { readonly selectedTime: string } {
    const zone = this.#zone;
    const none = { time: null, selected: "", local: false };
    const { time, selected, local } =
      timestamps.length === 0 ? none : timeExpression(timestamps as readonly PostgresColumn[], quoteName, zone);
    return {
      time,
      selectedTime: selected,
      keys: keys.map(({ name }) => quoteName(name)),
      instant: (nanos) => timestampLiteral(nanos, local ? zone : null),
      text: quoteText,
    };
  }

  async close(): Promise<void> {
    await this.#client.sql.end({ timeout: 1 });
  }

  async #query<T>(query: string): Promise<T[]> {
    try {
      return [...(await this.#client.sql.unsafe(query))] as T[];
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async #rows(query: string, kind: RowKind): Promise<Rows | null> {
    const sink = new RowCollector(kind);
    try {
      await this.#run(query, sink);
    } catch (error) {
      if (SHAPE_CHANGED.includes(codeOf(error))) return null;
      throw error;
    }
    return sink;
  }

  async #run(query: string, sink: RowSink): Promise<void> {
    const { sql, target } = this.#client;
    target.sink = sink;
    try {
      await sql.unsafe(query);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      target.sink = null;
    }
  }

  /** After a socket that could not be opened, postgres.js 3.4 lets every later query wait for ever: the client is replaced. */
  #failure(error: unknown): ConnectError {
    const failure = databaseError(error);
    if (isRetriable(failure)) {
      void this.#client.sql.end({ timeout: 0 }).catch(() => {});
      this.#client = this.#open();
    }
    return failure;
  }
}

/** Of one connection, made by the first query. */
function openClient(address: PostgresAddress, settings: JdbcSourceSettings): Client {
  const target: RowTarget = { sink: null };
  const user = settings.user ?? address.user ?? "postgres";
  const options = {
    host: address.host,
    port: address.port,
    user,
    password: settings.password?.value ?? address.password ?? "",
    database: address.database ?? user,
    max: 1,
    ssl: false as const,
    fetch_types: false,
    connect_timeout: Math.ceil(address.connectTimeoutMs / 1000),
    onnotice: () => {},
    socket: async () => new RowTap(await openSocket(address), target),
    connection: {
      application_name: address.applicationName ?? APPLICATION_NAME,
      ...sessionSettings(address, settings),
    },
  };
  return { sql: postgres(options), target };
}

function sessionSettings({ searchPath }: PostgresAddress, { isolation }: JdbcSourceSettings): Record<string, string> {
  const session: Record<string, string> = { TimeZone: "UTC", DateStyle: "ISO", bytea_output: "hex" };
  if (isolation !== "DEFAULT") session.default_transaction_isolation = isolation.toLowerCase().replace("_", " ");
  if (searchPath !== null) session.search_path = searchPath;
  return session;
}

function newest({ keys }: OrderWords, from: string, where: string): string {
  return `SELECT max(${keys[0]}) FROM ${from} WHERE ${where}`;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? "");
}

/** Connection trouble, resource shortage and conflicts may pass; a wrong password or query does not. */
const PASSING =
  /^(08|53|57P|40|55P03|25P03|CONNECTION_|CONNECT_TIMEOUT|ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;

function databaseError(error: unknown): ConnectError {
  if (isConnectError(error)) return error;
  const code = codeOf(error);
  const message = `Postgres: ${(error as Error).message || code}`;
  const options = { cause: error, code: code === "" ? "DATABASE" : code };
  return code === "" || PASSING.test(code) ? new RetriableError(message, options) : new ConnectError(message, options);
}
