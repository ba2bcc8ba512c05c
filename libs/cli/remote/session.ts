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
  const somebodySitsThere = process.stdin.isTTY === true && process.stderr.isTTY === true;
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
      if (options.yes === "true" || !somebodySitsThere) return true;
      const answer = await askedFor(`${question} [y/N] `);
      const agreed = answer !== null && /^y(es)?$/i.test(answer.trim());
      if (!agreed) process.stderr.write("Nothing was done.\n");
      return agreed;
    },
    paint: (colour, text) => (coloured ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text),
  };
}

/**
 * One line from the terminal; null for Ctrl-D. The question goes to standard error: standard output may be a pipe.
 * @throws CliError for Ctrl-C.
 */
async function askedFor(question: string): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const over = new AbortController();
  let interrupted = false;
  // Without an answer the question would wait for ever, and Node would end the process with a warning.
  lines.once("SIGINT", () => {
    interrupted = true;
    over.abort();
  });
  lines.once("close", () => over.abort());
  try {
    return await lines.question(question, { signal: over.signal });
  } catch (cause) {
    if (!over.signal.aborted) throw cause;
    process.stderr.write("\n");
    if (interrupted) throw new CliError("interrupted; nothing was done", EXIT.interrupted, { cause });
    return null;
  } finally {
    lines.close();
  }
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
