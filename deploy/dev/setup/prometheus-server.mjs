// Prometheus and promtool, for tests of /metrics: from PATH, else unpacked from Debian's package, which starts nothing.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ask, findCommand, SetupError } from "./command.mjs";
import { unpackDebianPackage } from "./debian.mjs";
import { cacheDir, prometheusDir } from "./places.mjs";

const binaries = ["prometheus", "promtool"];

export const prometheusServer = {
  name: "prometheus",
  title: "Prometheus",
  after: [],
  isReady: () => binaries.every((name) => existsSync(join(prometheusDir, name)) || findCommand(name) !== undefined),
  async install(context) {
    mkdirSync(prometheusDir, { recursive: true });
    const workDir = mkdtempSync(join(cacheDir, "prometheus-work-"));
    try {
      const unpacked = await unpackDebianPackage("prometheus", workDir, context);
      if (unpacked !== undefined && binaries.every((name) => keep(join(unpacked, "usr/bin", name), name))) return;
    } finally {
      rmSync(workDir, { recursive: true, force: true });
    }
    throw new SetupError("no prometheus: Debian's package could not be unpacked", {
      whatToDo: "run as root:  apt-get update && apt-get install -y --no-install-recommends prometheus",
      logFile: context.logFile,
    });
  },
};

function keep(binary, name) {
  if (!existsSync(binary) || ask(binary, ["--version"]) === undefined) return false;
  const kept = join(prometheusDir, name);
  copyFileSync(binary, `${kept}.new`);
  renameSync(`${kept}.new`, kept);
  return true;
}
