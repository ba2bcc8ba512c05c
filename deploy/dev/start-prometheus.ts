// A Prometheus on 127.0.0.1: the one in PATH, or the one that set-up kept.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./probe.mjs";
import { type ServerProcess, startServer } from "./server-process.ts";
import { findCommand } from "./setup/command.mjs";
import { prometheusDir } from "./setup/places.mjs";

export type Prometheus = ServerProcess & { readonly url: string };

/** @throws Error when there is none. */
export function prometheusCommand(name: "prometheus" | "promtool"): string {
  const command = findCommand(name) ?? join(prometheusDir, name);
  if (existsSync(command)) return command;
  throw new Error(`no ${name} in PATH or ${prometheusDir}: run  node deploy/dev/setup.mjs --only prometheus`);
}

/** Starts it with this configuration and waits until it is ready. @param options.dir holds its log and what it has scraped. */
export async function startPrometheus(options: {
  readonly dir: string;
  readonly configFile: string;
}): Promise<Prometheus> {
  const { dir, configFile } = options;
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: "Prometheus",
    command: prometheusCommand("prometheus"),
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile: join(dir, "prometheus.log"),
    answers: async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true,
    stopSignal: "SIGTERM",
  });
  return Object.defineProperties(server, { url: { value: url, enumerable: true } }) as Prometheus;
}
