// Our own few lines beside librdkafka's addon, compiled against its sources: see libs/kafka/librdkafka/record-producer.cc.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { nodeHeadersDir } from "./node-addon.mjs";
import { checkoutDir } from "./places.mjs";

const source = join(checkoutDir, "libs/kafka/librdkafka/record-producer.cc");
const packageDir = join(checkoutDir, "node_modules/@confluentinc/kafka-javascript");
const outDir = join(packageDir, "build/Release");
const addonVersion = () => JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")).version;

/** What it was made from; beside it when it was. */
const stampFile = join(outDir, "record-producer.stamp");
const stamp = () => {
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex");
  return `${addonVersion()} abi${process.versions.modules} ${hash}`;
};

export const recordProducerIsMade = () => existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp();

/** Two seconds. A running process keeps the one it has loaded. */
export async function makeRecordProducer({ report, logFile, whatToDo }) {
  const nodedir = await nodeHeadersDir({ report, logFile });
  const made = join(outDir, `record-producer-${process.pid}.node`);
  const includes = [
    join(nodedir, "include/node"),
    join(checkoutDir, "node_modules/nan"),
    packageDir,
    join(packageDir, "deps/librdkafka/src"),
    join(packageDir, "deps/librdkafka/src-cpp"),
  ];
  const args = [
    ...["-shared", "-fPIC", "-O2", "-std=c++17", "-DNODE_GYP_MODULE_NAME=record_producer", "-DBUILDING_NODE_EXTENSION"],
    `-DADDON_VERSION="${addonVersion()}"`,
    ...includes.map((dir) => `-I${dir}`),
    ...["-o", made, source, join(packageDir, "build/deps/librdkafka.so.1"), "-Wl,-rpath,$ORIGIN/../deps"],
  ];
  await run("g++", args, { cwd: outDir, logFile, whatToDo });
  renameSync(made, join(outDir, "record-producer.node"));
  writeFileSync(stampFile, stamp());
}
