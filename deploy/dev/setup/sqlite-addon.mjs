// SQLite's Node addon (better-sqlite3): from the cache, else compiled from its npm sources, which bring SQLite along.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run, SetupError } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";
import { compilers, KeptAddon, loadsInChild, nodeGyp, nodeHeadersDir } from "./node-addon.mjs";
import { checkoutDir } from "./places.mjs";

const packageDir = join(checkoutDir, "node_modules/better-sqlite3");
const kept = new KeptAddon({ name: "better-sqlite3", packageDir, files: ["build/Release/better_sqlite3.node"] });

// The package loads its addon with the first database, not before.
const loads = () => loadsInChild(`new (require(${JSON.stringify(packageDir)}))(":memory:").close()`);

async function compile({ report, logFile }) {
  await ensureDebianPackages(compilers, { purpose: "to compile SQLite", report, logFile });
  const nodedir = await nodeHeadersDir({ report, logFile });
  const whatToDo = `see that ${compilers.join(", ")} are installed, then start again`;
  const options = { cwd: packageDir, logFile, whatToDo };
  await run(process.execPath, [nodeGyp(), "configure", "--release", `--nodedir=${nodedir}`], options);
  report("compiling (about a minute, once)");
  await run("make", ["-C", "build", "BUILDTYPE=Release", `-j${availableParallelism()}`], options);
}

export const sqliteAddon = {
  name: "sqlite",
  title: "SQLite",
  after: ["npm"],
  isReady: loads,
  async install(context) {
    if (kept.restore() && loads()) return;
    await compile(context);
    if (!loads()) {
      throw new SetupError("SQLite's addon was compiled but does not load", {
        whatToDo: `run  node -e 'new (require("${packageDir}"))(":memory:")'  to see why`,
        logFile: context.logFile,
      });
    }
    kept.keep();
  },
};
