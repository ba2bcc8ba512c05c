// nats-server: from PATH, else unpacked from its Debian package (needs no root), else built by Go.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ask, findCommand, run, SetupError } from "./command.mjs";
import { unpackDebianPackage } from "./debian.mjs";
import { moduleProxies } from "./module-proxies.mjs";
import { cacheDir, natsDir } from "./places.mjs";

const keptFile = join(natsDir, "nats-server");

async function fromDebian(workDir, context) {
  const unpacked = await unpackDebianPackage("nats-server", workDir, context);
  if (unpacked === undefined) return false;
  return keep(["usr/sbin", "usr/bin"].map((folder) => join(unpacked, folder, "nats-server")).find(existsSync));
}

async function fromGo(workDir, { report, logFile }) {
  if (!findCommand("go")) return false;
  report("building with Go");
  const env = { GOBIN: workDir, GOPROXY: moduleProxies() };
  try {
    await run("go", ["install", "github.com/nats-io/nats-server/v2@latest"], { logFile, env, timeoutMs: 600_000 });
  } catch {
    return false;
  }
  return keep(join(workDir, "nats-server"));
}

function keep(binary) {
  if (!binary || ask(binary, ["--version"]) === undefined) return false;
  copyFileSync(binary, `${keptFile}.new`);
  renameSync(`${keptFile}.new`, keptFile);
  return true;
}

export const natsServer = {
  name: "nats",
  title: "NATS",
  after: [],
  givenBy: "NATS_URL",
  isReady: () => existsSync(keptFile) || findCommand("nats-server") !== undefined,
  async install(context) {
    mkdirSync(natsDir, { recursive: true });
    const workDir = mkdtempSync(join(cacheDir, "nats-work-"));
    try {
      if ((await fromDebian(workDir, context)) || (await fromGo(workDir, context))) return;
    } finally {
      rmSync(workDir, { recursive: true, force: true });
    }
    throw new SetupError("no nats-server: neither Debian's package nor a build with Go worked", {
      whatToDo:
        "run as root:  apt-get update && apt-get install -y nats-server\n" +
        "or start one yourself and give its address in NATS_URL",
      logFile: context.logFile,
    });
  },
};
