import { compactInt64, RetriableError } from "@millrace/connect";
import Database from "better-sqlite3";
import type { ConnectionTarget, JdbcConnection, QueryResult, SqlValue } from "./connection.ts";
import { connectionLost, databaseError, errorCode } from "./database-error.ts";

const PRODUCT = "SQLite";
const RETRY_DELAY_MS = 5;
/** As the JDBC driver's `busy_timeout` by default. */
const BUSY_TIMEOUT_MS = 3000;
const STATEMENTS_MAX = 100;

/**
 * A file, or a database in memory. SQLite runs in this thread: it must not wait inside it for a lock that another connection
 * of the same process holds, so locks are waited for between tries.
 */
export async function openSqlite({ address, sleep }: ConnectionTarget): Promise<JdbcConnection> {
  const { properties } = address;
  const busyTimeoutMs = Number(properties.get("busy_timeout") ?? BUSY_TIMEOUT_MS);
  let sqlite: Database.Database;
  try {
    sqlite = new Database(address.database!, { timeout: 0, readonly: properties.get("open_mode") === "1" });
    sqlite.defaultSafeIntegers(true);
  } catch (error) {
    throw databaseError(PRODUCT, error);
  }
  const statements = new Map<string, Database.Statement>();
  const closed = new AbortController();

  function prepare(text: string): Database.Statement {
    if (closed.signal.aborted) throw connectionLost(PRODUCT);
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    const made = sqlite.prepare(text);
    statements.set(text, made);
    return made;
  }

  async function unlessBusy<T>(action: () => T): Promise<T> {
    for (let waitedMs = 0; ; waitedMs += RETRY_DELAY_MS) {
      try {
        return action();
      } catch (error) {
        const failure = databaseError(PRODUCT, error);
        if (!errorCode(error).startsWith("SQLITE_BUSY") || waitedMs >= busyTimeoutMs) throw failure;
      }
      await sleep(RETRY_DELAY_MS, closed.signal).catch(() => {
        throw new RetriableError(`${PRODUCT}: the connection is closed`, { code: "CONNECTION_CLOSED" });
      });
    }
  }

  const connection: JdbcConnection = {
    product: "sqlite",
    packed: null,
    placeholder: () => "?",
    query: (text, values = []) =>
      unlessBusy((): QueryResult => {
        const statement = prepare(text);
        if (!statement.reader) {
          statement.run(...values.map(parameter));
          return { columns: [], rows: [] };
        }
        const rows = statement.raw(true).all(...values.map(parameter)) as unknown[][];
        const columns = statement.columns().map(({ name, type }) => ({ name, type: type ?? "" }));
        return { columns, rows: rows.map((row) => row.map(compact)) };
      }),
    execute: (text, values = []) => unlessBusy(() => Number(prepare(text).run(...values.map(parameter)).changes)),
    executeMany: (text, rows) => {
      let at = 0;
      return unlessBusy(() => {
        const statement = prepare(text);
        for (; at < rows.length; at++) statement.run(...rows[at]!.map(parameter));
      });
    },
    async transaction(work) {
      // Takes the write lock at once: two that read first and then want to write would wait for each other.
      await unlessBusy(() => prepare("BEGIN IMMEDIATE").run());
      try {
        const result = await work();
        await unlessBusy(() => prepare("COMMIT").run());
        return result;
      } catch (error) {
        if (sqlite.open && sqlite.inTransaction) prepare("ROLLBACK").run();
        throw error;
      }
    },
    async close() {
      closed.abort();
      sqlite.close();
    },
  };
  for (const name of ["journal_mode", "foreign_keys", "synchronous"]) {
    const value = properties.get(name);
    if (value !== undefined && /^\w+$/.test(value)) await connection.query(`PRAGMA ${name} = ${value}`);
  }
  return connection;
}

function compact(value: unknown): unknown {
  return typeof value === "bigint" ? compactInt64(value) : value;
}

function parameter(value: SqlValue): unknown {
  return typeof value === "boolean" ? Number(value) : value;
}
