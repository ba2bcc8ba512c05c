import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../deploy/dev/probe.mjs";
import { checkoutDir } from "../../deploy/dev/setup/places.mjs";
import { RestClient } from "../../deploy/prove/rest-client.ts";
import { type Service, startService } from "../../deploy/prove/service-process.ts";

/** Of the servers that all system tests share. @throws Error saying which variable is missing. */
export function sharedServer(
  variable: "KAFKA_BOOTSTRAP_SERVERS" | "DATABASE_URL" | "NATS_URL" | "ELASTICSEARCH_URL",
): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: it names the server these tests need`);
  return value;
}

/** One test's folder, and everything that runs in it. */
export class StandaloneFixture {
  readonly dir: string;
  /** Tells topics, groups and databases of this run from those of others. */
  readonly run: string;
  #services: Service[] = [];
  #clients: RestClient[] = [];

  constructor(name: string) {
    this.run = `${name}_${process.pid}`;
    this.dir = mkdtempSync(join(tmpdir(), `millrace-${name}-`));
    mkdirSync(join(this.dir, "logs"));
  }

  /** Writes a file into the folder; its path. */
  write(name: string, text: string): string {
    const path = join(this.dir, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Through the command line's bin, with a worker.properties of these lines if any; on a port of its own. */
  async start(options: {
    readonly properties?: Readonly<Record<string, string>>;
    readonly connectorFiles?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<{ readonly service: Service; readonly rest: RestClient }> {
    const { properties, connectorFiles = [], env = {} } = options;
    const port = await freePort();
    const name = `standalone-${this.#services.length + 1}`;
    const files = properties === undefined ? [] : [this.write(`${name}.properties`, propertiesText(properties))];
    const service = await startService({
      name,
      command: "standalone",
      files: [...files, ...connectorFiles],
      settings: { listeners: `http://127.0.0.1:${port}`, "millrace.data.dir": join(this.dir, "data") },
      dir: join(this.dir, "logs"),
      throughBin: true,
      env,
    });
    const rest = new RestClient(`http://127.0.0.1:${port}`);
    this.#services.push(service);
    this.#clients.push(rest);
    return { service, rest };
  }

  /** Every answer, log line and file of state that holds one of these texts, by its name. */
  leaks(secrets: readonly string[]): string[] {
    const places = new Map(this.#clients.flatMap(({ answers }) => answers.map((answer) => [answer, answer] as const)));
    for (const folder of ["logs", "data"]) {
      for (const path of filesIn(join(this.dir, folder))) places.set(path, readFileSync(path, "latin1"));
    }
    return [...places].flatMap(([place, text]) => {
      return secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`);
    });
  }

  logTail(lines = 30): string {
    const { logFile } = this.#services.at(-1)!;
    return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  async close(): Promise<void> {
    for (const service of this.#services) await service.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]));
}

export interface Exit {
  readonly code: number;
  readonly stdout: string;
  /** Standard error behind it. */
  readonly output: string;
}

/** Runs the command line to its end. */
export function runMillrace(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Exit> {
  const bin = join(checkoutDir, "libs/cli/bin/millrace.mjs");
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, cwd: tmpdir(), timeout: 60_000 };
    execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, output: stdout + stderr });
    });
  });
}
