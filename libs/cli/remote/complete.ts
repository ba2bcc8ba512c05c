import type { Arguments } from "../arguments.ts";
import type { Command } from "../commands.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { completionScripts, completionsFor } from "./completion.ts";
import { ConnectRest } from "./connect-rest.ts";
import { contextFile, serverUrl } from "./context-file.ts";

const NAMES_TIMEOUT_MS = 1_000;

/** `completion bash|zsh|fish`. */
export function completion({ files: [shell] }: Arguments): number {
  const script = completionScripts[shell ?? ""];
  if (script === undefined) throw new CliError("usage: millrace completion bash|zsh|fish", EXIT.usage);
  process.stdout.write(script);
  return EXIT.done;
}

/** `__complete words…`, asked by those scripts: one answer a line. Says nothing rather than fail. */
export async function complete(
  typed: readonly string[],
  commands: Readonly<Record<string, Command>>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { words, connectors, files } = completionsFor(typed, commands);
  const last = typed.at(-1) ?? "";
  const names = connectors ? await connectorNames(env) : [];
  const answers = files ? [":files"] : [...words, ...names.filter((name) => name.startsWith(last))];
  process.stdout.write(answers.map((each) => `${each}\n`).join(""));
  return EXIT.done;
}

async function connectorNames(env: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  try {
    const rest = new ConnectRest(serverUrl(contextFile(env), {}, env));
    return (await rest.get("/connectors", { signal: AbortSignal.timeout(NAMES_TIMEOUT_MS) })) as string[];
  } catch {
    return [];
  }
}
