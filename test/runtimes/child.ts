import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findCommand } from "../../deploy/dev/setup/command.mjs";

export interface Command {
  /** As failures call it: "scheduler under Deno". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An exit code, or the signal that ended the process. */
export type Ending = number | NodeJS.Signals;

export interface Child {
  readonly name: string;
  /** Resolves once all output has been read; rejects when the process could not be started. */
  readonly ended: Promise<Ending>;
  /** The last lines printed, to standard output and error. */
  output(): string;
  /** The field of the first JSON line that has it. Rejects, quoting the output, when the process ends without. */
  printed(field: string): Promise<unknown>;
  /** SIGTERM, and SIGKILL after 15 s. */
  stop(): Promise<Ending>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
// The kernel ends the child even where we are killed without a chance to do so ourselves.
const setpriv = process.platform === "linux" ? findCommand("setpriv") : undefined;
const notOutlivingUs = setpriv ? [setpriv, "--pdeathsig", "KILL", "--"] : [];
const outputLinesMax = 500;
const stopTimeoutMs = 15_000;

/** Starts a process in the checkout's folder. */
export function startChild({ name, command, args, env }: Command): Child {
  const [program, ...rest] = [...notOutlivingUs, command, ...args] as [string, ...string[]];
  const child = spawn(program, rest, { cwd: root, env: { ...env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const readers = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > outputLinesMax) lines.shift();
      for (const read of readers) read(line);
    });
  }
  const output = () => lines.join("\n");
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "SIGKILL"));
  });
  ended.catch(() => {});

  return {
    name,
    ended,
    output,
    printed: (field) =>
      new Promise((resolve, reject) => {
        const read = (line: string) => {
          const value = fieldOf(line, field);
          if (value !== undefined) resolve(value);
        };
        readers.add(read);
        for (const line of lines) read(line);
        ended.then(
          (ending) => reject(new Error(`${name} ended with ${ending} before it printed "${field}":\n${output()}`)),
          reject,
        );
      }),
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      return ended.finally(() => clearTimeout(late));
    },
  };
}

function fieldOf(line: string, field: string): unknown {
  if (!line.startsWith("{")) return undefined;
  try {
    return (JSON.parse(line) as Record<string, unknown>)[field];
  } catch {
    return undefined;
  }
}
