// MariaDB: the server's binaries from Debian. The package without the service: nothing starts by itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findCommand, SetupError } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";

const orGiveOne = "or start a MariaDB or MySQL yourself and give its address in MARIADB_URL";

/** The server, and the folder of the SQL files that fill a new data folder; undefined where one is missing. */
export function findMariadb() {
  // Debian keeps servers where only root's PATH looks.
  const server = findCommand("mariadbd") ?? ["/usr/sbin/mariadbd"].find((path) => existsSync(path));
  const tablesDir = ["/usr/share/mysql", "/usr/share/mariadb"].find((path) =>
    existsSync(join(path, "mysql_system_tables.sql")),
  );
  return server && tablesDir ? { server, tablesDir } : undefined;
}

export const mariadbServer = {
  name: "mariadb",
  title: "MariaDB",
  after: [],
  givenBy: "MARIADB_URL",
  isReady: () => findMariadb() !== undefined,
  async install({ report, logFile }) {
    await ensureDebianPackages(["mariadb-server-core"], { purpose: "to run MariaDB", report, logFile });
    if (findMariadb()) return;
    throw new SetupError("no mariadbd in PATH or /usr/sbin, or its SQL files are missing", {
      whatToDo: `install MariaDB's server (Debian: mariadb-server-core), then start again\n${orGiveOne}`,
      logFile,
    });
  },
};
