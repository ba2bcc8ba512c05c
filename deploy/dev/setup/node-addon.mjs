// Compiles addons from their npm sources, as one step for each does: node-gyp, Node's headers, and copies kept in the cache.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ask, findCommand, run, SetupError } from "./command.mjs";
import { cacheDir } from "./places.mjs";

export const compilers = ["g++", "make", "python3"];

/** In a child: a broken addon may end the process that loads it. */
export const loadsInChild = (code) => ask(process.execPath, ["-e", code]) !== undefined;

/** Files of a package's build, kept in the cache: one copy per package version, edition of ours, Node ABI, processor and C library. */
export class KeptAddon {
  constructor({ name, edition, packageDir, files }) {
    this.name = name;
    this.edition = edition;
    this.packageDir = packageDir;
    this.files = files;
  }

  get #dir() {
    const { version } = JSON.parse(readFileSync(join(this.packageDir, "package.json"), "utf8"));
    const { glibcVersionRuntime } = process.report.getReport().header;
    const libc = glibcVersionRuntime ? `glibc${glibcVersionRuntime}` : "musl";
    const abi = `abi${process.versions.modules}`;
    const parts = [version, this.edition, abi, process.platform, process.arch, libc];
    return join(cacheDir, this.name, parts.filter((part) => part !== undefined).join("-"));
  }

  /** Copies the kept files into the package; false where none are kept. */
  restore() {
    const from = this.#dir;
    if (!existsSync(from)) return false;
    this.#copy(from, this.packageDir);
    return true;
  }

  keep() {
    const work = mkdtempSync(join(cacheDir, `${this.name}-work-`));
    this.#copy(this.packageDir, work);
    mkdirSync(dirname(this.#dir), { recursive: true });
    rmSync(this.#dir, { recursive: true, force: true });
    renameSync(work, this.#dir);
  }

  #copy(from, to) {
    for (const file of this.files) {
      mkdirSync(dirname(join(to, file)), { recursive: true });
      copyFileSync(join(from, file), join(to, file));
    }
  }
}

/** The folder whose include/node has this Node's headers; where the machine has none, npm's copy of the same version. */
export async function nodeHeadersDir({ report, logFile }) {
  const beside = dirname(dirname(realpathSync(process.execPath)));
  if (existsSync(join(beside, "include/node/node.h"))) return beside;
  const { node: version } = process.versions;
  const kept = join(cacheDir, `node-headers-${version}`);
  if (existsSync(kept)) return kept;
  report("fetching Node's headers from npm");
  const work = mkdtempSync(join(cacheDir, "node-headers-work-"));
  const whatToDo = `install the headers of Node ${version} as ${beside}/include/node, then start again`;
  const options = { cwd: work, logFile, whatToDo };
  try {
    await run("npm", ["pack", `node-${process.platform}-${process.arch}@${version}`], options);
    const [archive] = readdirSync(work);
    await run("tar", ["-xzf", archive, "package/include"], options);
    // Two steps may be at it: whoever comes second leaves the first one's.
    if (!existsSync(kept)) cpSync(join(work, "package"), kept, { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return kept;
}

/** node-gyp as npm brings it. */
export function nodeGyp() {
  const npm = findCommand("npm");
  const folders = npm ? [dirname(dirname(realpathSync(npm)))] : [];
  const root = ask("npm", ["root", "--global"])?.trim();
  if (root) folders.push(join(root, "npm"), root);
  // Debian's own npm keeps node-gyp apart.
  folders.push("/usr/share/nodejs", "/usr/share/nodejs/npm");
  const candidates = folders.flatMap((folder) => [
    join(folder, "node_modules/node-gyp/bin/node-gyp.js"),
    join(folder, "node-gyp/bin/node-gyp.js"),
  ]);
  const found = candidates.find((file) => existsSync(file));
  if (!found) throw new SetupError("npm has no node-gyp", { whatToDo: "install npm 8 or newer, then start again" });
  return found;
}
