// A one-node Kafka (KRaft) on 127.0.0.1, from the jars that set-up fetched.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brokerArguments, brokerProperties } from "./kafka/broker.mjs";
import { freePort, kafkaAnswers } from "./probe.mjs";
import { type ServerProcess, startServer } from "./server-process.ts";
import { kafkaFormattedDir } from "./setup/places.mjs";

export type KafkaServer = ServerProcess & { readonly bootstrapServers: string };

export type KafkaOptions = {
  /** Holds data, settings and log; data found there is used again. */
  readonly dir: string;
  /** A free one unless given. */
  readonly port?: number;
  /** 512 unless given. */
  readonly heapMbMax?: number;
  /** Broker settings besides ours, as in server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** Starts a broker and waits until it serves (about 1 s). Throws when set-up has not fetched Kafka. */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  if (!existsSync(kafkaFormattedDir)) {
    throw new Error(`no Kafka in ${kafkaFormattedDir}: run  node deploy/dev/setup.mjs --only kafka`);
  }
  const { dir, heapMbMax = 512, settings = {} } = options;
  const logDir = join(dir, "data");
  mkdirSync(dir, { recursive: true });
  if (!existsSync(logDir)) cpSync(kafkaFormattedDir, logDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const propertiesFile = join(dir, "server.properties");
  writeFileSync(propertiesFile, brokerProperties({ logDir, port, controllerPort: await freePort() }) + lines.join(""));
  const server = await startServer({
    name: "Kafka",
    command: "java",
    args: brokerArguments(propertiesFile, { heapMbMax }),
    logFile: join(dir, "kafka.log"),
    answers: () => kafkaAnswers(port),
    stopSignal: "SIGTERM",
  });
  return Object.defineProperties(server, {
    bootstrapServers: { value: `127.0.0.1:${port}`, enumerable: true },
  }) as KafkaServer;
}
