// Debian packages: installs what is missing when it may, otherwise says which command the user must run.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ask, findCommand, run, SetupError } from "./command.mjs";

/** Those of `packages` that are not installed. Empty on systems without dpkg: there the tools themselves will tell. */
function missing(packages) {
  if (!findCommand("dpkg-query")) return [];
  return packages.filter(
    (name) => !ask("dpkg-query", ["-W", "-f", "$" + "{db:Status-Status}", name])?.includes("installed"),
  );
}

/** ["apt-get"] as root, ["sudo", "-n", "apt-get"] where sudo asks for no password, undefined where neither holds. */
function aptGet() {
  if (!findCommand("apt-get")) return undefined;
  if (process.getuid() === 0) return ["apt-get"];
  return ask("sudo", ["-n", "true"]) === undefined ? undefined : ["sudo", "-n", "apt-get"];
}

// apt takes one lock for the machine and steps run side by side, so installations queue here.
let queue = Promise.resolve();

/** Runs `task`, which calls apt, when no other step does; resolves or rejects as the task. */
export function inAptQueue(task) {
  const turn = queue.then(task);
  queue = turn.catch(() => {});
  return turn;
}

/**
 * Unpacks a package into `workDir` without installing it, which needs no root and starts nothing. The folder; undefined where
 * that cannot be done.
 */
export async function unpackDebianPackage(name, workDir, { report, logFile }) {
  if (!findCommand("apt-get") || !findCommand("dpkg")) return undefined;
  report("unpacking the Debian package");
  try {
    await inAptQueue(async () => {
      // A fresh Debian container has no package lists; only root can fetch them.
      const isListed = ask("apt-cache", ["show", "--no-all-versions", name]);
      if (!isListed && process.getuid() === 0) await run("apt-get", ["update"], { logFile, timeoutMs: 180_000 });
      await run("apt-get", ["download", name], { cwd: workDir, logFile, timeoutMs: 120_000 });
    });
    const archive = readdirSync(workDir).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
    await run("dpkg", ["-x", archive, "unpacked"], { cwd: workDir, logFile });
    return join(workDir, "unpacked");
  } catch {
    return undefined;
  }
}

/** Makes sure the packages are installed. `purpose` completes "needed …" in the message to the user. */
export function ensureDebianPackages(packages, { purpose, report, logFile }) {
  return inAptQueue(() => install(packages, { purpose, report, logFile }));
}

async function install(packages, { purpose, report, logFile }) {
  const wanted = missing(packages);
  if (wanted.length === 0) return;
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${wanted.join(" ")}`;
  const apt = aptGet();
  if (!apt) {
    throw new SetupError(`Debian packages needed ${purpose} are missing, and only root can install them`, {
      whatToDo: `run as root:  ${byHand}\nthen start again`,
    });
  }
  report(`installing ${wanted.join(" ")}`);
  const whatToDo = `run as root:  ${byHand}\nand see why it fails; then start again`;
  const [command, ...prefix] = apt;
  const apply = (args, options) =>
    run(command, [...prefix, "-o", "DPkg::Lock::Timeout=120", ...args], {
      logFile,
      whatToDo,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      ...options,
    });
  await apply(["update"], { timeoutMs: 180_000 });
  await apply(["install", "-y", "--no-install-recommends", ...wanted]);
}
