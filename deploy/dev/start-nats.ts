// A nats-server on 127.0.0.1: the one in PATH, or the one that set-up kept.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, natsAnswers } from "./probe.mjs";
import { type ServerProcess, startServer } from "./server-process.ts";
import { findCommand } from "./setup/command.mjs";
import { natsDir } from "./setup/places.mjs";

export type NatsServer = ServerProcess & { readonly url: string };

export type NatsOptions = {
  /** Holds the log and the configuration. */
  readonly dir: string;
  /** A free one unless given. */
  readonly port?: number;
};

/** The assignment of one runner is one message, about 4 kB for each task. As deploy/docker/nats.conf. */
const config = "max_payload: 8MB\n";

/** Starts NATS and waits until it greets. Throws when there is no nats-server. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const kept = join(natsDir, "nats-server");
  const command = findCommand("nats-server") ?? kept;
  if (!existsSync(command))
    throw new Error(`no nats-server in PATH or ${natsDir}: run  node deploy/dev/setup.mjs --only nats`);
  mkdirSync(options.dir, { recursive: true });
  const configFile = join(options.dir, "nats.conf");
  writeFileSync(configFile, config);
  const port = options.port ?? (await freePort());
  const server = await startServer({
    name: "NATS",
    command,
    args: ["--config", configFile, "--addr", "127.0.0.1", "--port", String(port)],
    logFile: join(options.dir, "nats.log"),
    answers: () => natsAnswers(port),
    stopSignal: "SIGTERM",
  });
  return Object.defineProperties(server, {
    url: { value: `nats://127.0.0.1:${port}`, enumerable: true },
  }) as NatsServer;
}
