import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ServerProcess, startServer } from "../dev/server-process.ts";
import { checkoutDir } from "../dev/setup/places.mjs";

export interface Service extends ServerProcess {
  readonly name: string;
  readonly logFile: string;
}

export interface ServiceOptions {
  /** Of the log: "runner-1". */
  readonly name: string;
  /** Of the command line: "runner". */
  readonly command: string;
  /** Worker settings, as with `--set`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dir: string;
  /** Files before the settings: worker.properties, connectors. */
  readonly files?: readonly string[];
  /** Run through the command line's bin, which brings its build up to date first; otherwise from the build as it is. */
  readonly throughBin?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const bin = join(checkoutDir, "libs/cli/bin/millrace.mjs");
const build = join(checkoutDir, "dist/cli.js");
/** What a service says, as its last word of starting. */
const READY = /"msg":"(the [\w ]+ is ready|the config service answers|Millrace standalone is ready)"/;

/** Starts one service of Millrace as a process and waits until it says that it is ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, command, settings, dir, files = [], throughBin = false, env = {} } = options;
  const logFile = join(dir, `${name}.log`);
  let readBytes = 0;
  const answers = async () => {
    const text = readFileSync(logFile).subarray(readBytes).toString();
    return READY.test(text);
  };
  const set = Object.entries({ ...settings, "millrace.log.format": "json" });
  const server = await startServer({
    name: `millrace ${name}`,
    command: process.execPath,
    args: [throughBin ? bin : build, command, ...files, ...set.flatMap(([key, value]) => ["--set", `${key}=${value}`])],
    logFile,
    answers,
    stopSignal: "SIGTERM",
    env,
  });
  return {
    name,
    logFile,
    get pid() {
      return server.pid;
    },
    kill: (signal) => server.kill(signal),
    stop: () => server.stop(),
    async restart() {
      await server.kill();
      readBytes = statSync(logFile).size;
      await server.restart();
    },
  };
}
