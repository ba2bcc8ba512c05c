// No tests: the databases that suites of this folder run against. Postgres, MariaDB and SQLite always; SQL Server and Oracle where
// a server is given.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Password } from "@millrace/connect";
import { type JdbcConnection, openConnection } from "../connection/connection.ts";
import type { Product } from "../connection/jdbc-url.ts";

export interface TestDatabase {
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
  /** `connection.url` and who logs in, as connectors are configured. */
  readonly config: Readonly<Record<string, string>>;
  /** One more connection; the caller closes it. */
  open(signal?: AbortSignal): Promise<JdbcConnection>;
  drop(): Promise<void>;
}

export interface TestServer {
  readonly product: Product;
  /** A database of its own, empty. */
  create(name: string): Promise<TestDatabase>;
}

const optional = [
  { product: "sqlserver" as const, variable: "SQLSERVER_URL" },
  { product: "oracle" as const, variable: "ORACLE_URL" },
];

export const testServers: readonly TestServer[] = [
  { product: "postgres", create: createPostgres },
  { product: "mysql", create: createMysql },
  { product: "sqlite", create: createSqlite },
  ...optional.flatMap(({ product, variable }) => {
    const url = process.env[variable];
    return url === undefined ? [] : [{ product, create: () => given(url) }];
  }),
];

async function createPostgres(name: string): Promise<TestDatabase> {
  const { hostname, port, user, password } = address("DATABASE_URL", 5432);
  const base = `jdbc:postgresql://${hostname}:${port}/`;
  const admin = testDatabase(`${base}postgres`, user, password);
  const database = `jdbc_${name}_${process.pid}`;
  await run(admin, `CREATE DATABASE ${database}`);
  return testDatabase(base + database, user, password, () => run(admin, `DROP DATABASE ${database} WITH (FORCE)`));
}

async function createMysql(name: string): Promise<TestDatabase> {
  const { hostname, port, user, password } = address("MARIADB_URL", 3306);
  const base = `jdbc:mariadb://${hostname}:${port}/`;
  const admin = testDatabase(base, user, password);
  const database = `jdbc_${name}_${process.pid}`;
  await run(admin, `CREATE DATABASE ${database}`);
  return testDatabase(base + database, user, password, () => run(admin, `DROP DATABASE ${database}`));
}

async function createSqlite(name: string): Promise<TestDatabase> {
  const dir = mkdtempSync(join(tmpdir(), `jdbc-${name}-`));
  return testDatabase(`jdbc:sqlite:${join(dir, "test.db")}`, null, null, async () => {
    rmSync(dir, { recursive: true, force: true });
  });
}

/** A JDBC URL with user and password as the product writes them; tests use tables of names of their own. */
async function given(url: string): Promise<TestDatabase> {
  return testDatabase(url, null, null);
}

function address(variable: string, portDefault: number) {
  const text = process.env[variable];
  if (text === undefined) throw new Error(`${variable} is not set: it names the server these tests need.`);
  const { hostname, port, username, password } = new URL(text);
  return {
    hostname,
    port: port || portDefault,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

function testDatabase(url: string, user: string | null, password: string | null, drop = async () => {}): TestDatabase {
  return {
    url,
    user,
    password,
    config: {
      "connection.url": url,
      ...(user === null ? {} : { "connection.user": user }),
      ...(password === null ? {} : { "connection.password": password }),
    },
    open: (signal) =>
      openConnection({
        url,
        user,
        password: password === null ? null : new Password(password),
        sleep,
        ...(signal === undefined ? {} : { signal }),
      }),
    drop,
  };
}

async function run(database: TestDatabase, sql: string): Promise<void> {
  const connection = await database.open();
  await connection.execute(sql);
  await connection.close();
}

export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
