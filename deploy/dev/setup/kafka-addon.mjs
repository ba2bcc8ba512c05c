// librdkafka's Node addon: from the cache, else compiled. Its ready-made binary is never fetched: that download is
// neither npm's nor Debian's, and fails behind most company proxies.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run, SetupError } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";
import { correctionId, correctLibrdkafka } from "./librdkafka-correction.mjs";
import { compilers, KeptAddon, loadsInChild, nodeGyp, nodeHeadersDir } from "./node-addon.mjs";
import { makePackedRecords, packedRecordsAreMade } from "./packed-records.mjs";
import { checkoutDir } from "./places.mjs";

const packageDir = join(checkoutDir, "node_modules/@confluentinc/kafka-javascript");
/** Beside the library: with which correction it was compiled. */
const correctionFile = "build/deps/correction";
// The addon looks for its libraries beside itself, in ../deps.
const kept = new KeptAddon({
  name: "librdkafka",
  edition: correctionId,
  packageDir,
  files: [
    "build/Release/confluent-kafka-javascript.node",
    "build/deps/librdkafka.so.1",
    "build/deps/librdkafka++.so.1",
    correctionFile,
  ],
});
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

const loads = () => isCorrected() && loadsInChild(`require(${JSON.stringify(packageDir)})`);

function isCorrected() {
  const path = join(packageDir, correctionFile);
  return existsSync(path) && readFileSync(path, "utf8") === correctionId;
}

async function compile({ report, logFile }) {
  await ensureDebianPackages(debianPackages, { purpose: "to compile librdkafka", report, logFile });
  const nodedir = await nodeHeadersDir({ report, logFile });
  const options = { cwd: packageDir, logFile, env: { CKJS_LINKING: "dynamic" }, whatToDo: byHand };
  correctLibrdkafka(join(packageDir, "deps/librdkafka"));
  report("configuring");
  await Promise.all([
    run(process.execPath, [nodeGyp(), "configure", `--nodedir=${nodedir}`], options),
    run(process.execPath, ["../util/configure"], { ...options, cwd: join(packageDir, "deps") }),
  ]);
  report("compiling (a minute or so, once)");
  const jobs = `-j${availableParallelism()}`;
  // Not by the package's rule for the library: that configures once more, beside ninety compilers that read what it writes.
  await run("make", ["-C", "deps/librdkafka", "libs", "install-subdirs", jobs], options);
  const libraryIsThere = ["--old-file", "Release/obj.target/deps/librdkafka.stamp"];
  const goals = ["BUILDTYPE=Release", "confluent-kafka-javascript"];
  await run("make", ["-C", "build", ...libraryIsThere, ...goals, jobs], options);
  writeFileSync(join(packageDir, correctionFile), correctionId);
}

async function installAddon(context) {
  if (loads() || (kept.restore() && loads())) return;
  await compile(context);
  if (!loads()) {
    throw new SetupError("librdkafka's addon was compiled but does not load", {
      whatToDo: `run  node -e 'require("${packageDir}")'  to see why`,
      logFile: context.logFile,
    });
  }
  kept.keep();
}

export const kafkaAddon = {
  name: "addon",
  title: "librdkafka",
  after: ["npm"],
  isReady: () => packedRecordsAreMade() && loads(),
  async install(context) {
    await installAddon(context);
    await ensureDebianPackages(compilers, { purpose: "to compile what hands records to it", ...context });
    await makePackedRecords({ ...context, whatToDo: byHand });
  },
};
