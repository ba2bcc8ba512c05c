import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";

export interface OpenPostgresOptions {
  /** Bound of the connection pool. */
  readonly maxConnections: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Tries before giving up on a server that does not answer yet. Default 10: about 12 s. */
  readonly attemptsMax?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly logger?: { warn(message: string, fields?: Record<string, unknown>): void };
}

export interface Postgres {
  readonly db: PostgresJsDatabase;
  readonly sql: Sql;
  /** Lets running queries end, for 5 s at most. Idempotent. */
  close(): Promise<void>;
}

/** `code` is the driver's or Postgres's own, such as ECONNREFUSED or 28P01. */
export class PostgresOpenError extends Error {
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, options: { retriable: boolean; cause: unknown }) {
    super(message, { cause: options.cause });
    this.name = "PostgresOpenError";
    this.code = code;
    this.retriable = options.retriable;
  }
}

/** No statement, lock wait or forgotten transaction may hold others up for longer (I8). */
const sessionLimits = {
  statement_timeout: 30_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
};

/**
 * Resolves once the server has answered a query. Retries while it may still be starting; throws PostgresOpenError with
 * the host, the database and what to do, never the password.
 *
 * Prefer one statement to a transaction held open across messages: when the connection of an open one is cut, postgres.js
 * 3.4 throws where nobody can catch it, or runs what is left inside another transaction (porsager/postgres#1208, #1216).
 */
export async function openPostgres(url: string, options: OpenPostgresOptions): Promise<Postgres> {
  const place = describePlace(url);
  await probe(url, place, options);
  const sql = postgres(url, {
    max: options.maxConnections,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: options.applicationName, ...sessionLimits },
  });
  return { db: drizzle(sql), sql, close: () => sql.end({ timeout: 5 }) };
}

/** A client of one connection, because the driver spaces out the tries of one connection by its `backoff`. */
async function probe(url: string, place: string, options: OpenPostgresOptions): Promise<void> {
  const attemptsMax = options.attemptsMax ?? 10;
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => {},
    backoff: (retries: number) => Math.min(0.1 * 2 ** retries, 2),
    connection: { application_name: options.applicationName },
  });
  const stop = () => void sql.end({ timeout: 0 });
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      try {
        await sql`select 1`;
        return;
      } catch (cause) {
        options.signal?.throwIfAborted();
        const error = describeFailure(cause, place);
        if (!error.retriable || attempt >= attemptsMax) throw error;
        options.logger?.warn(`Waiting for ${place}`, { code: error.code, attempt, attemptsMax });
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await sql.end({ timeout: 0 });
  }
}

function describePlace(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `database "${pathname.slice(1) || "(default)"}" on Postgres ${hostname || "localhost"}:${port || "5432"}`;
  } catch (cause) {
    throw new PostgresOpenError(
      "INVALID_URL",
      "The database URL must look like postgres://user:password@host:5432/name",
      {
        retriable: false,
        // The parser's own error repeats the URL, and with it the password.
        cause: (cause as { code?: unknown }).code,
      },
    );
  }
}

const advice: Record<string, string> = {
  "28P01": "the password was refused; correct the user or password in the database URL",
  "28000": "the login was refused; check the user in the database URL and the server's pg_hba.conf",
  "3D000": "there is no such database; create it or correct the name in the database URL",
  "57P03": "the server is still starting or shutting down; try again",
  "53300": "the server has no connection left; raise max_connections or lower the pool sizes",
  ECONNREFUSED: "nothing listens there; start the server or correct host and port in the database URL",
  ENOTFOUND: "the host name is not known; correct it in the database URL",
  CONNECT_TIMEOUT: "the server did not answer in time; check host, port and firewall",
};

const refusedForGood = /^(28|3D|42)/;

function describeFailure(cause: unknown, place: string): PostgresOpenError {
  const { code = "UNKNOWN", message } = cause as { code?: string; message: string };
  const text = advice[code] ?? `${message}; check the database URL and the server's log`;
  return new PostgresOpenError(code, `Cannot open ${place}: ${text} (${code})`, {
    retriable: !refusedForGood.test(code),
    cause,
  });
}
