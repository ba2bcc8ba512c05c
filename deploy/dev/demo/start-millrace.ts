import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { createWorkerLogger, LogLevels, loadWorkerConfig } from "@millrace/service";
import { startStandalone } from "../../standalone/standalone.ts";

export interface MillraceOptions {
  readonly dir: string;
  readonly logFile: string;
  readonly bootstrapServers: string;
  /** By path and key, as `${secrets:postgres:username}` names them: `postgres/username`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Of the worker, beside the demo's own. */
  readonly settings: Readonly<Record<string, string>>;
  readonly onStop: (stop: () => Promise<void> | void) => void;
}

/** Standalone in this process, its tasks in task hosts, on port 8083 if that is free. */
export async function startMillrace(options: MillraceOptions) {
  const { dir, logFile, bootstrapServers, settings } = options;
  const secrets = join(dir, "secrets");
  for (const [path, value] of Object.entries(options.secrets)) {
    mkdirSync(dirname(join(secrets, path)), { recursive: true });
    writeFileSync(join(secrets, path), value);
  }
  const json = "org.apache.kafka.connect.json.JsonConverter";
  const worker = loadWorkerConfig({
    mode: "standalone",
    text: "",
    overrides: {
      "bootstrap.servers": bootstrapServers,
      "group.id": "millrace-demo",
      "key.converter": json,
      "value.converter": json,
      "millrace.data.dir": join(dir, "state"),
      "millrace.secrets.dir": secrets,
      "millrace.log.file": logFile,
      listeners: `http://127.0.0.1:${(await isFree(8083)) ? 8083 : 0}`,
      ...settings,
    },
  });
  const levels = new LogLevels(worker.logLevel);
  const logger = createWorkerLogger("demo", worker, levels);
  const lifetime = { onStop: (_name: string, stop: () => Promise<void> | void) => options.onStop(stop) };
  const { addresses, hub } = await startStandalone({ worker, logger, levels, connectorFiles: [] }, lifetime);
  return { base: addresses[0]!, hub };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
