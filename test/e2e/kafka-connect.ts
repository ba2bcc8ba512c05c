import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../deploy/dev/probe.mjs";
import { startServer } from "../../deploy/dev/server-process.ts";
import { cacheDir, kafkaJarsDir } from "../../deploy/dev/setup/places.mjs";
import { propertiesText } from "./standalone-fixture.ts";

const kafkaVersion = "4.3.1";
const pluginsDir = join(cacheDir, `connect-file-${kafkaVersion}`);
const fetchTimeoutMs = 300_000;

/** The file connectors of this Kafka, from Maven Central the first time: its own jars come without. */
async function fetchFileConnectors(): Promise<void> {
  if (existsSync(pluginsDir)) return;
  const work = `${pluginsDir}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "connect-file"), { recursive: true });
  const artifact = `-Dartifact=org.apache.kafka:connect-file:${kafkaVersion}`;
  const args = ["-B", "dependency:copy", artifact, `-DoutputDirectory=${join(work, "connect-file")}`];
  await promisify(execFile)("mvn", args, { cwd: work, timeout: fetchTimeoutMs });
  renameSync(work, pluginsDir);
}

export interface KafkaConnect {
  readonly url: string;
  stop(): Promise<void>;
}

/** The real Kafka Connect, one distributed worker with the file connectors. @param dir for its files. */
export async function startKafkaConnect(dir: string, bootstrapServers: string, name: string): Promise<KafkaConnect> {
  await fetchFileConnectors();
  const port = await freePort();
  const file = join(dir, "connect.properties");
  const replication = Object.fromEntries(
    ["offset", "config", "status"].flatMap((kind) => [
      [`${kind}.storage.topic`, `${name}-${kind}s`],
      [`${kind}.storage.replication.factor`, "1"],
    ]),
  );
  const converter = "org.apache.kafka.connect.storage.StringConverter";
  writeFileSync(
    file,
    propertiesText({
      "bootstrap.servers": bootstrapServers,
      "group.id": name,
      "key.converter": converter,
      "value.converter": converter,
      listeners: `http://127.0.0.1:${port}`,
      "plugin.path": pluginsDir,
      "plugin.discovery": "service_load",
      ...replication,
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: "Kafka Connect",
    command: "java",
    args: ["-Xmx512m", "-cp", join(kafkaJarsDir, "*"), "org.apache.kafka.connect.cli.ConnectDistributed", file],
    logFile: join(dir, "connect.log"),
    answers: async () => (await fetch(`${url}/connectors`).catch(() => null))?.ok === true,
    stopSignal: "SIGTERM",
  });
  return { url, stop: () => server.stop() };
}
