import { ConfigError, type Password } from "@millrace/connect";
import { type JdbcUrl, type Product, parseJdbcUrl } from "./jdbc-url.ts";

/** What a statement may be given for a placeholder. Dates and times as text, in the database's own form. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null;

/** A column of a result, as the database describes it. */
export interface ResultColumn {
  readonly name: string;
  /** As the driver names it: a type's name, or its number on Postgres. Empty: the driver does not tell (SQLite's expressions). */
  readonly type: string;
  /** As far as the driver tells: digits, or length in bytes; fraction digits; and the rest. */
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
  readonly unsigned?: boolean;
  readonly binary?: boolean;
  readonly autoIncrement?: boolean;
}

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  /**
   * Values by column: integers as numbers, beyond 2^53 as bigints; decimals, dates and times as text; bytes as Buffers;
   * everything else as the driver gives it.
   */
  readonly rows: readonly (readonly unknown[])[];
}

/** A statement whose values are packed as the database's protocol takes them. */
export interface PackedStatement {
  readonly sql: string;
  readonly values: Uint8Array;
}

/** Runs packed statements. Gives how many rows were changed. */
export interface PackedSender {
  /**
   * All of them or none, behind what was sent before, for which it doesn't wait; it is sent when the call returns. Rejects
   * too, with nothing done, when one before has failed that was not answered yet.
   */
  transaction(statements: readonly PackedStatement[]): Promise<number>;
  /** By itself, or inside of the connection's transaction. */
  execute(statement: PackedStatement): Promise<number>;
}

/**
 * One connection to a database, used by one caller at a time. It never connects again by itself: what follows a lost
 * connection fails, so that no half of a transaction can run outside of it. Failures are ConnectErrors, retriable where a
 * new connection or another try may help; `code` is the SQLSTATE or the driver's own code.
 */
export interface JdbcConnection {
  readonly product: Product;
  /** For the nth value of a statement, from 1: `$1`, `?`, `@p1` or `:1`. */
  placeholder(n: number): string;
  query(sql: string, values?: readonly SqlValue[]): Promise<QueryResult>;
  /** How many rows were changed, as the database counts. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<number>;
  /** The same statement for each row, in order and in one round trip where the driver can. */
  executeMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Null: this database's statements are not packed. Nothing else is run before what it sends is answered. */
  readonly packed: PackedSender | null;
  /** Commits when `work` resolves, rolls back when it rejects. Not nested. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Does not wait for what runs. Twice is once. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** `jdbc:…`, as Java users write it. */
  readonly url: string;
  /** Take precedence over those in the URL. */
  readonly user: string | null;
  readonly password: Password | null;
  /** Driver properties, as `connection.<name>` gives them. Those in the URL take precedence. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Told to the database where it keeps such names. Default: `millrace`. */
  readonly applicationName?: string;
  /** Waits, to try again while another holds a SQLite file. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
  /** Aborted: the connection is closed at once, and what runs on it fails. */
  readonly signal?: AbortSignal;
}

/** What a driver needs: the URL understood, and who logs in. */
export interface ConnectionTarget {
  readonly address: JdbcUrl;
  readonly user: string | null;
  readonly password: string | null;
  readonly applicationName: string;
  readonly sleep: ConnectionOptions["sleep"];
}

/** The driver of a database is loaded with the first connection to one. */
const OPENERS: Readonly<Record<Product, (target: ConnectionTarget) => Promise<JdbcConnection>>> = {
  postgres: async (target) => (await import("./postgres-connection.ts")).openPostgres(target),
  mysql: async (target) => (await import("./mysql-connection.ts")).openMysql(target),
  sqlite: async (target) => (await import("./sqlite-connection.ts")).openSqlite(target),
  sqlserver: async (target) => (await import("./sqlserver-connection.ts")).openSqlserver(target),
  oracle: async (target) => (await import("./oracle-connection.ts")).openOracle(target),
};

/**
 * A connection that has logged in.
 * @throws ConfigError for a URL that cannot be understood, never with the URL in its message: it may hold a password (I9).
 */
export async function openConnection(options: ConnectionOptions): Promise<JdbcConnection> {
  const { signal, sleep } = options;
  if (options.url === "") throw new ConfigError("connection.url is empty.", { code: "CONFIG_INVALID" });
  signal?.throwIfAborted();
  const address = parseJdbcUrl(options.url, options.properties);
  const connection = await OPENERS[address.product]({
    address,
    user: options.user ?? address.user,
    password: options.password?.value ?? address.password,
    applicationName: options.applicationName ?? "millrace",
    sleep,
  });
  if (signal === undefined) return connection;
  const abort = () => void connection.close();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) {
    await connection.close();
    signal.throwIfAborted();
  }
  return {
    product: connection.product,
    placeholder: (n) => connection.placeholder(n),
    query: (sql, values) => connection.query(sql, values),
    execute: (sql, values) => connection.execute(sql, values),
    executeMany: (sql, rows) => connection.executeMany(sql, rows),
    packed: connection.packed,
    transaction: (work) => connection.transaction(work),
    async close() {
      signal.removeEventListener("abort", abort);
      await connection.close();
    },
  };
}

/** Rows as objects by column name. */
export function rowObjects<T = Readonly<Record<string, unknown>>>(result: QueryResult): T[] {
  return result.rows.map((row) => Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i]])) as T);
}
