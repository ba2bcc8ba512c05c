// A MariaDB on 127.0.0.1 from the binaries of Debian's package.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, mariadbAnswers } from "./probe.mjs";
import { type ServerProcess, startServer } from "./server-process.ts";
import { findMariadb } from "./setup/mariadb-server.mjs";

export type MariadbServer = ServerProcess & { readonly url: string };

export type MariadbOptions = {
  /** Holds data and log; data found there is used again. */
  readonly dir: string;
  /** A free one unless given. */
  readonly port?: number;
};

/** Starts MariaDB (user millrace, no password, may do all) and waits until it takes connections. */
export async function startMariadb(options: MariadbOptions): Promise<MariadbServer> {
  const found = findMariadb();
  if (found === undefined) {
    throw new Error("no mariadbd in PATH or /usr/sbin: run  node deploy/dev/setup.mjs --only mariadb");
  }
  const { dir } = options;
  const dataDir = join(dir, "data");
  mkdirSync(dir, { recursive: true });
  // MariaDB refuses to run as root unless told so. The settings of the machine are none of ours.
  const base = ["--no-defaults", ...(process.getuid?.() === 0 ? ["--user=root"] : [])];
  if (!existsSync(dataDir)) fillDataDir(dataDir, found, base);
  // Run at each start, before the first client.
  const initFile = join(dir, "init.sql");
  const grant = (host: string) => `GRANT ALL ON *.* TO 'millrace'@'${host}' IDENTIFIED BY '' WITH GRANT OPTION;\n`;
  writeFileSync(initFile, grant("localhost") + grant("127.0.0.1"));
  const logFile = join(dir, "mariadb.log");
  writeFileSync(logFile, "", { flag: "a" });
  const port = options.port ?? (await freePort());
  const server = await startServer({
    name: "MariaDB",
    command: found.server,
    args: [
      ...base,
      `--datadir=${dataDir}`,
      `--init-file=${initFile}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--socket=",
      "--skip-name-resolve",
      "--character-set-server=utf8mb4",
      "--innodb-flush-method=fsync",
      `--pid-file=${join(dir, "mariadb.pid")}`,
    ],
    logFile,
    answers: () => mariadbAnswers(port),
    stopSignal: "SIGTERM",
  });
  return Object.defineProperties(server, {
    url: { value: `mariadb://millrace@127.0.0.1:${port}/`, enumerable: true },
  }) as MariadbServer;
}

/** As mariadb-install-db does, which wants a package of clients. */
function fillDataDir(dataDir: string, { server, tablesDir }: { server: string; tablesDir: string }, base: string[]) {
  const work = `${dataDir}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  const files = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];
  const statements = [
    "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL, @skip_auth_anonymous=1;\n",
    ...files.map((file) => readFileSync(join(tablesDir, file), "utf8")),
  ];
  const args = [...base, "--bootstrap", `--datadir=${work}`];
  const { status, stderr } = spawnSync(server, args, { input: statements.join(""), encoding: "utf8", cwd: "/" });
  if (status !== 0) throw new Error(`MariaDB cannot fill ${work}:\n${stderr.slice(-2000)}`);
  renameSync(work, dataDir);
}
