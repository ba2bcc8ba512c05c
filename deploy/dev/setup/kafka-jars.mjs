// Kafka: its jars by Maven, a formatted log directory to copy, and an archive of its classes for quick starts.
import { spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { brokerArguments, brokerProperties, formatArguments } from "../kafka/broker.mjs";
import { freePort, kafkaAnswers } from "../probe.mjs";
import { findCommand, run } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";
import { kafkaClassesFile, kafkaDir, kafkaFormattedDir, kafkaJarsDir } from "./places.mjs";

const pomFile = fileURLToPath(new URL("../kafka/pom.xml", import.meta.url));
const orGiveOne = "or start a Kafka yourself and give its address in KAFKA_BOOTSTRAP_SERVERS";
const archiveTimeoutMs = 60_000;

async function fetchJars({ report, logFile }) {
  report("fetching jars from Maven Central");
  const work = `${kafkaJarsDir}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // Maven may write beside its pom, and the checkout is not its place.
  copyFileSync(pomFile, join(kafkaDir, "pom.xml"));
  const options = ["-B", "-f", join(kafkaDir, "pom.xml"), `-DoutputDirectory=${work}`, "-DincludeScope=runtime"];
  const whatToDo = `check that Maven Central can be reached, then start again; ${orGiveOne}`;
  await run("mvn", [...options, "dependency:copy-dependencies"], { logFile, whatToDo });
  renameSync(work, kafkaJarsDir);
}

async function format({ report, logFile }) {
  report("formatting");
  const work = `${kafkaFormattedDir}.new`;
  rmSync(work, { recursive: true, force: true });
  const propertiesFile = join(kafkaDir, "format.properties");
  writeFileSync(propertiesFile, brokerProperties({ logDir: work, port: 9092, controllerPort: 9093 }));
  const whatToDo = `needs Java 17 or newer (java -version); ${orGiveOne}`;
  await run("java", formatArguments(propertiesFile), { logFile, whatToDo });
  renameSync(work, kafkaFormattedDir);
}

/** Runs a broker once and lets the JVM write down the classes it loaded. Brokers also start without: it only saves time. */
async function archiveClasses({ report, logFile }) {
  report("preparing quick starts");
  const logDir = join(kafkaDir, "archive-run");
  cpSync(kafkaFormattedDir, logDir, { recursive: true });
  const port = await freePort();
  const propertiesFile = join(kafkaDir, "archive.properties");
  writeFileSync(propertiesFile, brokerProperties({ logDir, port, controllerPort: await freePort() }));
  const log = openSync(logFile, "a");
  const broker = spawn("java", brokerArguments(propertiesFile, { classes: "record" }), {
    stdio: ["ignore", log, log],
    timeout: archiveTimeoutMs,
    killSignal: "SIGKILL",
  });
  const ended = new Promise((resolve) => broker.on("exit", resolve));
  while (broker.exitCode === null && broker.signalCode === null && !(await kafkaAnswers(port))) await sleep(50);
  broker.kill("SIGTERM");
  await ended;
  closeSync(log);
  rmSync(logDir, { recursive: true, force: true });
}

export const kafkaJars = {
  name: "kafka",
  title: "Kafka",
  after: [],
  givenBy: "KAFKA_BOOTSTRAP_SERVERS",
  isReady: () => existsSync(kafkaJarsDir) && existsSync(kafkaFormattedDir) && findCommand("java") !== undefined,
  async install(context) {
    const packages = [];
    if (!findCommand("java")) packages.push("default-jre-headless");
    if (!findCommand("mvn") && !existsSync(kafkaJarsDir)) packages.push("maven");
    await ensureDebianPackages(packages, { purpose: "to run Kafka", ...context });
    if (!existsSync(kafkaJarsDir)) await fetchJars(context);
    if (!existsSync(kafkaFormattedDir)) await format(context);
    if (!existsSync(kafkaClassesFile)) await archiveClasses(context);
  },
};
