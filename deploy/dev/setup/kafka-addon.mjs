// librdkafka's Node addon: from the cache, else compiled. Its ready-made binary is never fetched: that download is
// neither npm's nor Debian's, and fails behind most company proxies.
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
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { ask, findCommand, run, SetupError } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";
import { cacheDir, checkoutDir } from "./places.mjs";

const packageDir = join(checkoutDir, "node_modules/@confluentinc/kafka-javascript");
const addonFile = "build/Release/confluent-kafka-javascript.node";
// The addon looks for these beside itself, in ../deps.
const libraryFiles = ["build/deps/librdkafka.so.1", "build/deps/librdkafka++.so.1"];
const keptFiles = [addonFile, ...libraryFiles];
const compilers = ["g++", "make", "python3"];
const debianPackages = [
  ...compilers,
  "libssl-dev",
  "zlib1g-dev",
  "libzstd-dev",
  "liblz4-dev",
  "libcurl4-openssl-dev",
  "libsasl2-dev",
];
const byHand = `see that ${compilers.join(", ")} and the headers of OpenSSL, zlib, zstd, lz4, curl and SASL are installed, then start again`;

/** One compiled copy per package version, Node ABI, processor and C library. */
function keptDir() {
  const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"));
  const { glibcVersionRuntime } = process.report.getReport().header;
  const libc = glibcVersionRuntime ? `glibc${glibcVersionRuntime}` : "musl";
  const abi = `abi${process.versions.modules}`;
  return join(cacheDir, "librdkafka", [version, abi, process.platform, process.arch, libc].join("-"));
}

// In a child: a broken addon may end the process that loads it.
const loads = () => ask(process.execPath, ["-e", `require(${JSON.stringify(packageDir)})`]) !== undefined;

function restore() {
  const from = keptDir();
  if (!existsSync(from)) return false;
  for (const file of keptFiles) {
    mkdirSync(dirname(join(packageDir, file)), { recursive: true });
    copyFileSync(join(from, file), join(packageDir, file));
  }
  return loads();
}

function keep() {
  const work = mkdtempSync(join(cacheDir, "librdkafka-work-"));
  for (const file of keptFiles) {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    copyFileSync(join(packageDir, file), join(work, file));
  }
  mkdirSync(dirname(keptDir()), { recursive: true });
  rmSync(keptDir(), { recursive: true, force: true });
  renameSync(work, keptDir());
}

/** The folder whose include/node has this Node's headers; where the machine has none, npm's copy of the same version. */
async function nodeHeadersDir({ report, logFile }) {
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
    cpSync(join(work, "package"), kept, { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return kept;
}

/** node-gyp as npm brings it. */
function nodeGyp() {
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

async function compile({ report, logFile }) {
  await ensureDebianPackages(debianPackages, { purpose: "to compile librdkafka", report, logFile });
  const nodedir = await nodeHeadersDir({ report, logFile });
  const options = { cwd: packageDir, logFile, env: { CKJS_LINKING: "dynamic" }, whatToDo: byHand };
  report("configuring");
  await run(process.execPath, [nodeGyp(), "configure", `--nodedir=${nodedir}`], options);
  await run(process.execPath, ["../util/configure"], { ...options, cwd: join(packageDir, "deps") });
  report("compiling (about 1.5 minutes, once)");
  await run("make", ["-C", "build", "BUILDTYPE=Release", `-j${availableParallelism()}`], options);
}

export const kafkaAddon = {
  name: "addon",
  title: "librdkafka",
  after: ["npm"],
  isReady: loads,
  async install(context) {
    if (restore()) return;
    await compile(context);
    if (!loads()) {
      throw new SetupError("librdkafka's addon was compiled but does not load", {
        whatToDo: `run  node -e 'require("${packageDir}")'  to see why`,
        logFile: context.logFile,
      });
    }
    keep();
  },
};
