// Pure: what a driver's error means.
import { ConnectError, isConnectError, RetriableError } from "@millrace/connect";

/**
 * Lost or refused connections, a shortage of resources, and conflicts with other transactions: another try may help. SQLSTATE
 * classes, and the codes of Node, postgres.js, mysql2, SQLite, tedious and Oracle for the same.
 */
const PASSING = new RegExp(
  `^(${[
    "08|53|57P|40|55P03|25P03|CONNECTION_|CONNECT_TIMEOUT|ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN",
    "PROTOCOL_CONNECTION_LOST|ER_LOCK_|ER_CON_COUNT|ER_TOO_MANY_USER_CONNECTIONS|ER_SERVER_SHUTDOWN|ER_CHECKREAD",
    "ER_STATEMENT_TIMEOUT|ER_QUERY_INTERRUPTED|ER_CONNECTION_KILLED|SQLITE_BUSY|SQLITE_LOCKED|SQLITE_IOERR",
    "ESOCKET|ETIMEOUT|ELOGIN_TRANSIENT|ECLOSE|EINVALIDSTATE|1205|3960|ORA-00060|ORA-00054|ORA-03|ORA-12[15]|NJS-5",
  ].join("|")})`,
);

export function errorCode(error: unknown): string {
  return String((error as { code?: unknown }).code ?? "");
}

/** A driver's error as ours: `Postgres: relation "t" does not exist`, code `42P01`. */
export function databaseError(product: string, error: unknown, code = errorCode(error)): ConnectError {
  if (isConnectError(error)) return error;
  const message = `${product}: ${(error as Error).message || code}`;
  const options = { cause: error, code: code === "" ? "DATABASE" : code };
  return code === "" || PASSING.test(code) ? new RetriableError(message, options) : new ConnectError(message, options);
}

export function connectionLost(product: string, cause?: unknown): RetriableError {
  return new RetriableError(`${product}: the connection is closed`, { cause, code: "CONNECTION_CLOSED" });
}
