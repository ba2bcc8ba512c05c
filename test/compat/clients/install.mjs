// Installs the clients from their registries and builds the drivers, in the cache of set-up:
//   node test/compat/clients/install.mjs
// A second run finds everything there.
import { cpSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ask, findCommand, run } from "../../../deploy/dev/setup/command.mjs";
import { ensureDebianPackages } from "../../../deploy/dev/setup/debian.mjs";
import { moduleProxies } from "../../../deploy/dev/setup/module-proxies.mjs";
import { runAsScript, setUp } from "../../../deploy/dev/setup/steps.mjs";
import { installedDir, sourceDir } from "./places.mjs";

/** Debian packages of those commands that are missing. */
const packagesFor = (commands) =>
  Object.entries(commands).flatMap(([command, name]) => (findCommand(command) ? [] : [name]));

// `build` runs in a copy of the folder of sources, which then takes its place: it is there whole or not at all.
const ecosystems = [
  {
    name: "python",
    registry: "PyPI",
    debianPackages: () => (ask("python3", ["-c", "import ensurepip, venv"]) === undefined ? ["python3-venv"] : []),
    // A virtual environment dies with the Python it was made by.
    works: (dir) => ask(join(dir, "venv/bin/python"), ["-c", "import kafka_connect"]) !== undefined,
    async build({ cwd, apply }) {
      await apply("python3", ["-m", "venv", "venv"]);
      const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "-r", "requirements.txt"];
      await apply(join(cwd, "venv/bin/python"), pip);
    },
  },
  {
    name: "java",
    registry: "Maven Central",
    debianPackages: () => packagesFor({ java: "default-jre-headless", mvn: "maven" }),
    async build({ cwd, apply }) {
      await apply("mvn", ["-B", "-DoutputDirectory=jars", "-DincludeScope=runtime", "dependency:copy-dependencies"]);
      const jars = readdirSync(join(cwd, "jars")).map((name) => join("jars", name));
      const compiler = ["-cp", "jars/*", "org.eclipse.jdt.internal.compiler.batch.Main"];
      await apply("java", [...compiler, "-17", "-cp", jars.join(delimiter), "-d", "classes", "Driver.java"]);
    },
  },
  {
    name: "go",
    registry: "the Go module proxy",
    debianPackages: () => packagesFor({ go: "golang-go" }),
    async build({ apply }) {
      const env = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "", GOPROXY: moduleProxies() };
      await apply("go", ["build", "-ldflags=-s -w", "-o", "bin/", "./..."], env);
    },
  },
  {
    name: "node",
    registry: "npm",
    debianPackages: () => [],
    build: ({ apply }) => apply("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit"]),
  },
];

function toStep({ name, registry, debianPackages, works = () => true, build }) {
  const dir = installedDir(name);
  return {
    name: `rest-client-${name}`,
    title: `REST clients from ${registry}`,
    after: [],
    isReady: () => existsSync(dir) && works(dir),
    async install({ report, logFile }) {
      await ensureDebianPackages(debianPackages(), { purpose: `for clients from ${registry}`, report, logFile });
      report("fetching and building");
      const cwd = `${dir}.new`;
      const whatToDo = `check that ${registry} can be reached, then start again`;
      const apply = (command, args, env = {}) =>
        run(command, args, { cwd, env, logFile, whatToDo, timeoutMs: 300_000 });
      for (const stale of [cwd, dir]) rmSync(stale, { recursive: true, force: true });
      cpSync(sourceDir(name), cwd, { recursive: true });
      await build({ cwd, apply });
      renameSync(cwd, dir);
    },
  };
}

runAsScript(() => setUp(ecosystems.map(toStep)));
