import { ConnectError, isConnectError, isRetriable, RetriableError, SchemaBuilder } from "@millrace/connect";
import postgres from "postgres";
import type { Bound, Database, Dialect, RowNumber, Rows, Scan, Slice, TableShape } from "../dialect.ts";
import { type PostgresAddress, parsePostgresUrl } from "../jdbc-url.ts";
import type { JdbcSourceSettings } from "../settings.ts";
import type { TableId } from "../table-id.ts";
import { type CatalogColumn, columnType, type TypeMapping } from "./column-types.ts";
import { openSocket } from "./open-socket.ts";
import { type ReadColumn, RowCollector } from "./row-collector.ts";
import { RowTap, type RowTarget } from "./row-tap.ts";
import { boundQuery, columnsQuery, quoteName, sliceQuery, tableName, tablesQuery, unfinishedQuery } from "./sql.ts";

export const postgresDialect: Dialect = {
  name: "PostgreSqlDatabaseDialect",
  accepts: (url) => url.startsWith("jdbc:postgresql:"),
  open: (settings) => new PostgresDatabase(parsePostgresUrl(settings.url), settings),
};

interface PostgresShape extends TableShape {
  readonly read: readonly ReadColumn[];
  readonly selectFrom: string;
}

/** Undefined column, table or function, and a cached plan that no longer fits: the table was changed. */
const SHAPE_CHANGED = ["42703", "42P01", "42883", "0A000"];

interface Client {
  readonly sql: postgres.Sql;
  readonly target: RowTarget;
}

class PostgresDatabase implements Database {
  readonly #open: () => Client;
  readonly #mapping: TypeMapping;
  #client: Client;

  constructor(address: PostgresAddress, settings: JdbcSourceSettings) {
    this.#mapping = settings;
    this.#open = () => openClient(address, settings);
    this.#client = this.#open();
  }

  async check(): Promise<void> {
    await this.#query("SELECT 1");
  }

  tables(types: readonly string[]): Promise<TableId[]> {
    return this.#query<TableId>(tablesQuery(types));
  }

  async describe(id: TableId): Promise<PostgresShape | null> {
    const columns = await this.#query<CatalogColumn>(columnsQuery(id));
    if (columns.length === 0) return null;
    const typed = columns.map((column) => ({ ...column, as: columnType(column, this.#mapping) }));
    const known = typed.flatMap(({ as, ...column }) => (as === null ? [] : [{ ...column, ...as }]));
    const schema = SchemaBuilder.struct().name(id.name);
    for (const column of known) schema.field(column.name, column.schema);
    return {
      id,
      columns: known,
      dropped: typed.filter(({ as }) => as === null).map(({ name, type }) => `${name} (${type})`),
      schema: schema.build(),
      read: known,
      selectFrom: `SELECT ${known.map((column) => column.select(quoteName(column.name))).join(", ")} FROM ${tableName(id)}`,
    };
  }

  read(shape: TableShape, slice: Slice): Promise<Rows | null> {
    const { selectFrom, read } = shape as PostgresShape;
    return this.#rows(sliceQuery(selectFrom, slice), read);
  }

  async bound(shape: TableShape, column: string): Promise<Bound> {
    const [row] = await this.#query<{ newest: string | null; writers: string | null }>(boundQuery(shape.id, column));
    return { newest: row!.newest === null ? null : rowNumber(row!.newest), writers: row!.writers?.split(",") ?? [] };
  }

  async unfinished(shape: TableShape, writers: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#query<{ writer: string }>(unfinishedQuery(shape.id, writers));
    return rows.map((row) => row.writer);
  }

  scan(shape: TableShape): Scan {
    const { selectFrom, read } = shape as PostgresShape;
    let open = false;
    const close = async () => {
      if (!open) return;
      open = false;
      await this.#query("ROLLBACK");
    };
    return {
      next: async (rowsMax) => {
        if (!open) {
          const declared = await this.#rows(`BEGIN; DECLARE millrace_scan NO SCROLL CURSOR FOR ${selectFrom}`, []);
          open = declared !== null;
          if (!open) {
            await this.#query("ROLLBACK");
            return null;
          }
        }
        const rows = await this.#rows(`FETCH ${rowsMax} FROM millrace_scan`, read);
        if (rows === null || rows.values.length < rowsMax) await close();
        return rows;
      },
      close,
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

  async #rows(query: string, columns: readonly ReadColumn[]): Promise<Rows | null> {
    const sink = new RowCollector(columns);
    const { sql, target } = this.#client;
    target.sink = sink;
    try {
      await sql.unsafe(query);
    } catch (error) {
      if (SHAPE_CHANGED.includes(codeOf(error))) return null;
      throw this.#failure(error);
    } finally {
      target.sink = null;
    }
    if (sink.error !== null) throw sink.error;
    return sink;
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
      application_name: address.applicationName ?? "millrace-jdbc-source",
      TimeZone: "UTC",
      DateStyle: "ISO",
      bytea_output: "hex",
      ...(address.searchPath === null ? {} : { search_path: address.searchPath }),
    },
  };
  return { sql: postgres(options), target };
}

function rowNumber(text: string): RowNumber {
  const big = BigInt(text);
  return big <= Number.MAX_SAFE_INTEGER && big >= Number.MIN_SAFE_INTEGER ? Number(big) : big;
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
