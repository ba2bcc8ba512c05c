// `config.providers.<name>.param.*`, as every provider reads them.
import { isAbsolute, normalize } from "node:path";
import { JavaPattern } from "@millrace/java-text";
import { ConfigProviderError } from "./config-provider.ts";

export interface ProviderParams {
  /** `config.providers.<name>.param.`, which messages begin with. */
  readonly prefix: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Paths as written, without following links, as in Kafka. Without the parameter: every path. */
export function allowedPaths(
  { prefix, values }: ProviderParams,
  exists: (path: string) => boolean,
): (path: string) => boolean {
  const given = (values["allowed.paths"] ?? "").split(",").map((path) => path.trim());
  const allowed = given.filter((path) => path !== "").map((path) => normalize(`${path}/`));
  if (allowed.length === 0) return () => true;
  for (const path of allowed) {
    const shown = path.slice(0, -1) || "/";
    if (!isAbsolute(path)) throw new ConfigProviderError(`${prefix}allowed.paths: Path ${shown} is not absolute`);
    if (!exists(shown)) throw new ConfigProviderError(`${prefix}allowed.paths: Path ${shown} does not exist`);
  }
  return (path) => allowed.some((each) => normalize(`${path}/`).startsWith(each));
}

/** Keys that match Java's regular expression as a whole. Without the parameter: every key. */
export function allowedKeys({ prefix, values }: ProviderParams): (key: string) => boolean {
  const given = values["allowlist.pattern"];
  if (given === undefined) return () => true;
  try {
    const pattern = new JavaPattern(given);
    return (key) => pattern.matches(key);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ConfigProviderError(`${prefix}allowlist.pattern is no regular expression: ${reason}`, cause);
  }
}

/** `ttl.ms` and `reload.interval.ms`. 0: none. */
export function times(
  params: ProviderParams,
  reloadIntervalMs: number,
): { readonly ttlMs: number | null; readonly reloadIntervalMs: number | null } {
  return {
    ttlMs: milliseconds(params, "ttl.ms", 0) || null,
    reloadIntervalMs: milliseconds(params, "reload.interval.ms", reloadIntervalMs) || null,
  };
}

function milliseconds({ prefix, values }: ProviderParams, name: string, absent: number): number {
  const given = values[name]?.trim();
  if (given === undefined) return absent;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new ConfigProviderError(`${prefix}${name} is '${given}', which is no number of milliseconds`);
}
