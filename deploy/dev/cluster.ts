import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadWorkerConfig, processEnv } from "@millrace/service";
import { startStack } from "./stack.ts";

export interface ClusterOptions {
  /** worker.properties. */
  readonly file?: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly runners: number;
  readonly schedulers: number;
  readonly gateways: number;
}

const BIN = fileURLToPath(new URL("../../libs/cli/bin/millrace.mjs", import.meta.url));
const STOP_TIMEOUT_MS = 15_000;
/** Runners report their last states to a scheduler. */
const STOP_ORDER = ["gateway", "runner", "scheduler", "config"];
const COLOURS = [36, 33, 32, 35, 34, 31];

/**
 * All services as local processes, for development: real NATS and Postgres, started unless their URLs are given, and Kafka
 * too unless the worker's settings name a broker. Ctrl-C stops the services, then the parts.
 */
export async function runCluster(options: ClusterOptions): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-cluster-"));
  const env = processEnv();
  const named = options.overrides["bootstrap.servers"] ?? env.CONNECT_BOOTSTRAP_SERVERS;
  const kafka = options.file === undefined && named === undefined;
  process.stdout.write(`Starting ${kafka ? "Kafka, " : ""}Postgres and NATS …\n`);
  const stack = await startStack({ kafka, postgres: true, nats: true }, { dir });
  const settings: Record<string, string> = {
    "group.id": "millrace-dev",
    "config.storage.topic": "millrace-dev-configs",
    "offset.storage.topic": "millrace-dev-offsets",
    "status.storage.topic": "millrace-dev-status",
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "offset.storage.replication.factor": "-1",
    ...(kafka ? { "bootstrap.servers": stack.env.KAFKA_BOOTSTRAP_SERVERS! } : {}),
    ...(options.file === undefined ? {} : fileSettings(options.file)),
    ...options.overrides,
    "millrace.database.url": stack.env.DATABASE_URL!,
    "millrace.nats.url": stack.env.NATS_URL!,
  };
  const services = startServices(options, settings);
  const code = await Promise.race([signalled(), firstFailure(services)]);
  for (const kind of STOP_ORDER) {
    await Promise.all(services.filter(({ name }) => name.startsWith(kind)).map(({ child }) => end(child)));
  }
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
  return code;
}

interface Service {
  readonly name: string;
  readonly child: ChildProcess;
}

function startServices(options: ClusterOptions, settings: Record<string, string>): Service[] {
  const port = loadWorkerConfig({ overrides: settings }).listeners[0]?.port ?? 8083;
  const names = ["config", ...count("scheduler", options.schedulers), ...count("runner", options.runners)];
  const start = (name: string, own: Record<string, string>, i: number) => {
    const args = Object.entries({ ...settings, ...own }).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const child = spawn(process.execPath, [BIN, name.replace(/-\d+$/, ""), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      // Its own group: Ctrl-C reaches the services through us, in order.
      detached: true,
      env: { ...processEnv(), CONNECT_MILLRACE_LOG_FORMAT: "text" },
    });
    prefixLines(child, `\u001b[${COLOURS[i % COLOURS.length]}m${name.padEnd(12)}\u001b[0m`);
    return { name, child };
  };
  const services = names.map((name, i) => {
    const runner = name.startsWith("runner");
    return start(name, runner ? { "millrace.worker.id": `127.0.0.1:${port + 100 + i}` } : {}, i);
  });
  for (const [i, name] of count("gateway", options.gateways).entries()) {
    services.push(start(name, { listeners: `http://127.0.0.1:${port + i}` }, names.length + i));
  }
  return services;
}

function count(name: string, many: number): string[] {
  return many === 1 ? [name] : Array.from({ length: many }, (_, i) => `${name}-${i + 1}`);
}

function fileSettings(file: string): Readonly<Record<string, string>> {
  return loadWorkerConfig({ file }).properties;
}

function prefixLines(child: ChildProcess, prefix: string): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) process.stdout.write(`${prefix} ${line}\n`);
    });
  }
}

function signalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.stdout.write("\nStopping …\n");
        resolve(0);
      });
    }
  });
}

function firstFailure(services: readonly Service[]): Promise<number> {
  return new Promise((resolve) => {
    for (const { name, child } of services) {
      child.once("exit", (code, signal) => {
        process.stdout.write(`${name} ended (${signal ?? `exit code ${code}`})\n`);
        resolve(code === 0 ? 0 : 1);
      });
    }
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}
