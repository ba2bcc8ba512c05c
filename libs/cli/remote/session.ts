import { createInterface } from "node:readline/promises";
import type { Arguments, OptionSpecs } from "../arguments.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { ConnectRest } from "./connect-rest.ts";
import { contextFile, serverUrl } from "./context-file.ts";
import { type Format, formatOf } from "./output.ts";

/** What a command that talks to a server works with. */
export interface Session {
  readonly rest: ConnectRest;
  readonly format: Format;
  readonly args: Arguments;
  write(text: string): void;
  /** For people only: never part of what a script reads. */
  note(text: string): void;
  /** Rows as JSON or YAML where that is wanted. @returns whether it was. */
  structured(value: unknown): Promise<boolean>;
  /** True without asking when nobody sits there, or with `--yes`. */
  confirmed(question: string): Promise<boolean>;
  /** Escape sequences for colours, or nothing. */
  paint(colour: "red" | "green" | "yellow" | "bold", text: string): string;
}

const help = "default: MILLRACE_URL, the current context, http://localhost:8083";

export const serverOptions = {
  url: { value: true, help: `address of a gateway, or of Kafka Connect (${help})` },
  context: { value: true, help: "a context by its name, see 'millrace context'" },
} satisfies OptionSpecs;

export const outputOption = {
  output: { value: true, short: "o", help: "table, wide, json or yaml (default table)" },
} satisfies OptionSpecs;

export const yesOption = {
  yes: { value: false, short: "y", help: "do it without asking" },
} satisfies OptionSpecs;

const colours = { red: 31, green: 32, yellow: 33, bold: 1 };

export function openSession(args: Arguments, env: Readonly<Record<string, string | undefined>>): Session {
  const { options } = args;
  const format = formatOf(options);
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const coloured = process.stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    rest: new ConnectRest(serverUrl(contextFile(env), options, env)),
    format,
    args,
    write: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    async structured(value) {
      if (format === "json") process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      if (format === "yaml") process.stdout.write((await import("yaml")).stringify(value));
      return format === "json" || format === "yaml";
    },
    async confirmed(question) {
      if (options.yes === "true" || !isTerminal) return true;
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    paint: (colour, text) => (coloured ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text),
  };
}

/** The names given, or with `--all` every connector there is. @throws CliError when there are none. */
export async function namesOf({ rest, args }: Session): Promise<readonly string[]> {
  if (args.options.all === "true") return (await rest.get("/connectors")) as string[];
  if (args.files.length > 0) return args.files;
  throw new CliError("name a connector, or several, or say --all", EXIT.usage);
}

export function oneName({ args }: Session, usage: string): string {
  const [name, ...more] = args.files;
  if (name !== undefined && more.length === 0) return name;
  throw new CliError(`usage: millrace ${usage}`, EXIT.usage);
}

/** Each by itself, so that one that fails does not keep the others from it. @returns the exit code. */
export async function forEach(
  session: Session,
  names: readonly string[],
  act: (name: string) => Promise<string>,
): Promise<number> {
  let exitCode: number = EXIT.done;
  for (const name of names) {
    try {
      session.write(`${await act(name)}\n`);
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode === EXIT.unreachable) throw error;
      session.note(`${name}: ${error.message}\n`);
      exitCode = exitCode === EXIT.done || exitCode === error.exitCode ? error.exitCode : EXIT.failed;
    }
  }
  return exitCode;
}
