// How a one-node Kafka is configured and started; set-up and stack must agree on it to the letter, or the JVM drops
// the prepared classes.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kafkaClassesFile, kafkaJarsDir } from "../setup/places.mjs";

export const clusterId = "4L6g3nShT-eMCtK--X86sw";
const loggingFile = fileURLToPath(new URL("./log4j2.properties", import.meta.url));

/**
 * The text of server.properties for a broker with its own controller, both on 127.0.0.1. After a kill -9 the broker is
 * let back in only when its old session has run out: 3 s instead of 9 makes a restart take 4 s instead of 14.
 */
export function brokerProperties({ logDir, port, controllerPort }) {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${logDir}
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`;
}

const classPath = () =>
  readdirSync(kafkaJarsDir)
    .sort()
    .map((jar) => join(kafkaJarsDir, jar))
    .join(":");

/** Arguments of `java` that run a broker. The serial collector starts quickest and takes the least memory. */
export function brokerArguments(propertiesFile, { heapMbMax = 512, classes = "use" } = {}) {
  const classesOption = {
    use: existsSync(kafkaClassesFile) ? [`-XX:SharedArchiveFile=${kafkaClassesFile}`] : [],
    record: [`-XX:ArchiveClassesAtExit=${kafkaClassesFile}`],
  }[classes];
  return [
    "-Xms64m",
    `-Xmx${heapMbMax}m`,
    "-XX:+UseSerialGC",
    ...classesOption,
    `-Dlog4j2.configurationFile=${loggingFile}`,
    "-cp",
    classPath(),
    "kafka.Kafka",
    propertiesFile,
  ];
}

/** Arguments of `java` that format the log directory named in a properties file. */
export const formatArguments = (propertiesFile) => [
  "-XX:TieredStopAtLevel=1",
  `-Dlog4j2.configurationFile=${loggingFile}`,
  "-cp",
  classPath(),
  "kafka.tools.StorageTool",
  "format",
  "-t",
  clusterId,
  "-c",
  propertiesFile,
];
