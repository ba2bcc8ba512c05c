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
  /** Further ports, for clients that come through a proxy: those on `port` are sent to `advertisedPort` for all that follows. */
  readonly proxied?: readonly { readonly port: number; readonly advertisedPort: number }[];
  /** Broker settings besides ours, as in server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** Starts a broker and waits until it serves (about 1 s). Throws when set-up has not fetched Kafka. */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  if (!existsSync(kafkaFormattedDir)) {
    throw new Error(`no Kafka in ${kafkaFormattedDir}: run  node deploy/dev/setup.mjs --only kafka`);
  }
  const { dir, heapMbMax = 512, proxied = [] } = options;
  const logDir = join(dir, "data");
  mkdirSync(dir, { recursive: true });
  if (!existsSync(logDir)) cpSync(kafkaFormattedDir, logDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const controllerPort = await freePort();
  const settings = { ...listenerSettings(port, controllerPort, proxied), ...options.settings };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const propertiesFile = join(dir, "server.properties");
  writeFileSync(propertiesFile, brokerProperties({ logDir, port, controllerPort }) + lines.join(""));
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

/** Nothing where there is no proxy: what brokerProperties says will do. */
function listenerSettings(
  port: number,
  controllerPort: number,
  proxied: NonNullable<KafkaOptions["proxied"]>,
): Record<string, string> {
  if (proxied.length === 0) return {};
  const named = proxied.map((each, i) => ({ ...each, name: `PROXIED${i + 1}` }));
  const at = (name: string, where: number) => `${name}://127.0.0.1:${where}`;
  const listeners = [at("PLAINTEXT", port), ...named.map(({ name, port: own }) => at(name, own))];
  return {
    listeners: [...listeners, at("CONTROLLER", controllerPort)].join(","),
    "advertised.listeners": [
      at("PLAINTEXT", port),
      ...named.map(({ name, advertisedPort }) => at(name, advertisedPort)),
    ].join(","),
    "listener.security.protocol.map": ["PLAINTEXT", "CONTROLLER", ...named.map(({ name }) => name)]
      .map((name) => `${name}:PLAINTEXT`)
      .join(","),
  };
}
