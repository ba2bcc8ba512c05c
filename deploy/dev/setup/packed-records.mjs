// Our own few lines beside librdkafka's addon, compiled against its sources: see libs/kafka/librdkafka/packed-records.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { nodeHeadersDir } from "./node-addon.mjs";
import { checkoutDir } from "./places.mjs";

const sourceDir = join(checkoutDir, "libs/kafka/librdkafka/packed-records");
const sources = readdirSync(sourceDir)
  .toSorted()
  .map((name) => join(sourceDir, name));
const packageDir = join(checkoutDir, "node_modules/@confluentinc/kafka-javascript");
const outDir = join(packageDir, "build/Release");
const addonVersion = () => JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")).version;

/** What it was made from; beside it when it was. */
const stampFile = join(outDir, "packed-records.stamp");
const stamp = () => {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  return `${addonVersion()} abi${process.versions.modules} ${hash.digest("hex")}`;
};

export const packedRecordsAreMade = () => existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp();

/** A few seconds. A running process keeps the one it has loaded. */
export async function makePackedRecords({ report, logFile, whatToDo }) {
  const nodedir = await nodeHeadersDir({ report, logFile });
  const made = join(outDir, `packed-records-${process.pid}.node`);
  const includes = [
    join(nodedir, "include/node"),
    join(checkoutDir, "node_modules/nan"),
    packageDir,
    join(packageDir, "deps/librdkafka/src"),
    join(packageDir, "deps/librdkafka/src-cpp"),
  ];
  const args = [
    ...["-shared", "-fPIC", "-O2", "-std=c++17", "-DNODE_GYP_MODULE_NAME=packed_records", "-DBUILDING_NODE_EXTENSION"],
    `-DADDON_VERSION="${addonVersion()}"`,
    ...includes.map((dir) => `-I${dir}`),
    ...[
      "-o",
      made,
      ...sources.filter((name) => name.endsWith(".cc")),
      join(packageDir, "build/deps/librdkafka.so.1"),
      "-Wl,-rpath,$ORIGIN/../deps",
    ],
  ];
  await run("g++", args, { cwd: outDir, logFile, whatToDo });
  renameSync(made, join(outDir, "packed-records.node"));
  writeFileSync(stampFile, stamp());
}
