import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../deploy/dev/probe.mjs";
import { startServer } from "../../../deploy/dev/server-process.ts";
import { startKafka } from "../../../deploy/dev/stack.ts";
import { RestClient } from "../../../deploy/prove/rest-client.ts";
import type { Worker, WorkerSet } from "./worker-set.ts";

const STRINGS = "org.apache.kafka.connect.storage.StringConverter";

/** Distributed workers of Kafka Connect on a broker of their own. @param settings of each worker, beside its defaults. */
export async function connectWorkers(
  { peerHome, log4j, workers: count }: { peerHome: string; log4j: string; workers: number },
  settings: Readonly<Record<string, string>>,
): Promise<WorkerSet> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-bench-connect-"));
  const kafka = await startKafka({ dir: join(dir, "kafka") });
  const workers: Worker[] = [];
  const clients = new Map<Worker, RestClient>();
  const stops: (() => Promise<void>)[] = [];
  for (let i = 1; i <= count; i++) {
    const port = await freePort();
    const rest = new RestClient(`http://127.0.0.1:${port}`);
    const own = join(dir, `worker-${i}`);
    mkdirSync(own);
    const properties = {
      "bootstrap.servers": kafka.bootstrapServers,
      "group.id": "peer",
      "key.converter": STRINGS,
      "value.converter": STRINGS,
      ...Object.fromEntries(
        ["offset", "config", "status"].flatMap((kind) => [
          [`${kind}.storage.topic`, `peer-${kind}s`],
          [`${kind}.storage.replication.factor`, "1"],
        ]),
      ),
      "exactly.once.source.support": "enabled",
      listeners: `http://127.0.0.1:${port}`,
      "plugin.discovery": "service_load",
      ...settings,
    };
    const file = join(own, "connect.properties");
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(file, lines.join(""));
    const server = await startServer({
      name: `Kafka Connect ${i}`,
      command: "java",
      args: [
        ...["-Xms128m", "-Xmx1g", "-XX:+UseG1GC", "-Djava.awt.headless=true", `-Dlog4j2.configurationFile=${log4j}`],
        ...["-cp", `${peerHome}/kafka/*`, "org.apache.kafka.connect.cli.ConnectDistributed", file],
      ],
      logFile: join(own, "log"),
      answers: () =>
        rest
          .ask("GET", "/connectors")
          .then(({ status }) => status === 200)
          .catch(() => false),
      stopSignal: "SIGTERM",
    });
    stops.push(() => server.stop());
    const worker: Worker = {
      id: `127.0.0.1:${port}`,
      get pid() {
        return server.pid;
      },
      crash: () => server.kill("SIGKILL"),
      drain: () => server.kill("SIGTERM"),
      restart: () => server.restart(),
    };
    workers.push(worker);
    clients.set(worker, rest);
  }
  return {
    label: "Kafka Connect 4.3.1",
    bootstrapServers: kafka.bootstrapServers,
    dir,
    workers,
    restWithout: (worker) => clients.get(workers.find((each) => each !== worker)!)!,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await kafka.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
