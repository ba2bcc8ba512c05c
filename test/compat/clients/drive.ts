import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type Ecosystem, installedDir } from "./places.mjs";

export interface Client {
  /** As in the README and of its file in `expected`. */
  readonly name: string;
  readonly ecosystem: Ecosystem;
  /** In the folder where it is installed. */
  readonly command: readonly string[];
  /** Whether it says in requests what a name beyond ASCII is. */
  readonly unicode: boolean;
}

export const clients: readonly Client[] = [
  { name: "kafka-connect-py", ecosystem: "python", command: ["venv/bin/python", "driver.py"], unicode: true },
  {
    name: "sourcelab",
    ecosystem: "java",
    command: ["java", "-cp", ["classes", "jars/*"].join(delimiter), "Driver"],
    unicode: false,
  },
  { name: "redpanda-console", ecosystem: "go", command: ["bin/redpanda-console"], unicode: true },
  { name: "terraform-provider", ecosystem: "go", command: ["bin/terraform-provider"], unicode: true },
  { name: "kafka-connect-client", ecosystem: "node", command: [process.execPath, "driver.mjs"], unicode: true },
];

const TIMEOUT_MS = 120_000;

/**
 * Runs a client through its steps against a worker that sees `dir`, with a connector and a topic of its own. What it
 * printed, with NAME and TOPIC for theirs; with what went wrong as well when it did not end well.
 */
export function drive(client: Client, base: string, dir: string, run: string): Promise<string> {
  const name = `${run} ${client.name} ${client.unicode ? "ä" : "a"}+b`;
  const topic = `${run}-${client.name}`;
  const file = join(dir, `${client.name}.txt`);
  writeFileSync(file, "one\ntwo\n");
  const cwd = installedDir(client.ecosystem);
  const [command, ...args] = client.command;
  // A command without a folder is looked for in PATH.
  const path = command!.includes("/") ? resolve(cwd, command!) : command!;
  return new Promise((done, fail) => {
    const child = spawn(path, [...args, base, name, file, topic], { cwd, timeout: TIMEOUT_MS, killSignal: "SIGKILL" });
    let printed = "";
    let complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    child.on("error", fail);
    child.on("close", (code, signal) => {
      const end = code === 0 ? "" : `${complaints}ended with ${signal ?? `exit code ${code}`}\n`;
      done(`${printed}${end}`.replaceAll(name, "NAME").replaceAll(topic, "TOPIC"));
    });
  });
}

export const expectedFile = ({ name }: Client): string => join(import.meta.dirname, "expected", `${name}.txt`);
