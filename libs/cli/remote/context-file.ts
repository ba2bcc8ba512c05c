import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CliError, EXIT } from "./cli-error.ts";

/** Clusters by a name that a user gave them. */
export interface Contexts {
  readonly current: string | null;
  readonly contexts: Readonly<Record<string, { readonly url: string }>>;
}

const DEFAULT_URL = "http://localhost:8083";

/** Which server to talk to, in this order: `--url`, `--context`, MILLRACE_URL, the current context, localhost:8083. */
export function serverUrl(
  file: string,
  options: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (options.url !== undefined) return checkedUrl(options.url);
  if (options.context !== undefined) return urlOf(readContexts(file), options.context);
  if (env.MILLRACE_URL) return checkedUrl(env.MILLRACE_URL);
  const contexts = readContexts(file);
  return contexts.current === null ? DEFAULT_URL : urlOf(contexts, contexts.current);
}

/** Where contexts are kept: MILLRACE_CONTEXTS, else below XDG_CONFIG_HOME or ~/.config. */
export function contextFile(env: Readonly<Record<string, string | undefined>>): string {
  return env.MILLRACE_CONTEXTS ?? `${env.XDG_CONFIG_HOME || `${env.HOME ?? "."}/.config`}/millrace/contexts.json`;
}

export function readContexts(file: string): Contexts {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return { current: null, contexts: {} };
    throw new CliError(`the contexts in ${file} cannot be read: ${(cause as Error).message}`, EXIT.failed, { cause });
  }
  try {
    const { current = null, contexts = {} } = JSON.parse(text) as Partial<Contexts>;
    return { current, contexts };
  } catch (cause) {
    throw new CliError(`${file} is no JSON: mend or remove it`, EXIT.failed, { cause });
  }
}

/** Whole or not at all. */
export function writeContexts(file: string, contexts: Contexts): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError(`${text} is no address: give http://host:8083`, EXIT.usage);
  }
  return text.replace(/\/+$/, "");
}

function urlOf({ contexts }: Contexts, name: string): string {
  const context = contexts[name];
  if (context !== undefined) return context.url;
  const known = Object.keys(contexts).join(", ") || "none yet";
  throw new CliError(
    `there is no context ${name} (known: ${known}); make it with: millrace context add ${name} URL`,
    EXIT.usage,
  );
}
