// The npm packages of package-lock.json, without their install scripts (one of those downloads from outside npm).
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { checkoutDir } from "./places.mjs";

const lockFile = join(checkoutDir, "package-lock.json");
const installedFile = join(checkoutDir, "node_modules/.package-lock.json");
const stampFile = join(checkoutDir, "node_modules/.millrace-lock-sha256");
const lockHash = () => createHash("sha256").update(readFileSync(lockFile)).digest("hex");

export const npmPackages = {
  name: "npm",
  title: "npm packages",
  after: [],
  isReady() {
    if (!existsSync(installedFile)) return false;
    if (existsSync(stampFile)) return readFileSync(stampFile, "utf8") === lockHash();
    return statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs;
  },
  async install({ report, logFile }) {
    report("npm ci");
    await run("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit"], {
      cwd: checkoutDir,
      logFile,
      whatToDo: "check that the npm registry can be reached (npm ping), then start again",
    });
    writeFileSync(stampFile, lockHash());
  },
};
