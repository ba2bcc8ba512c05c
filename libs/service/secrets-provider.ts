import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type ConfigProvider, ConfigProviderError } from "./config-provider.ts";
import { openKubernetesSecrets } from "./kubernetes-secrets.ts";
import { type ProviderParams, times } from "./provider-params.ts";

/** Kubernetes itself takes about a minute to bring a new value into a mounted file. */
const RELOAD_INTERVAL_MS = 60_000;

export interface SecretsProviderOptions {
  readonly params: ProviderParams;
  /** `millrace.secrets.dir`. */
  readonly dir: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `${secrets:path:key}`, where it is found first: the environment variable MILLRACE_SECRET_<PATH>_<KEY>, the file
 * `<dir>/<path>/<key>` without a newline at its end, or in a Kubernetes cluster the secret `name` or `namespace/name` that the
 * path names.
 */
export function secretsProvider({ params, dir, env }: SecretsProviderOptions): ConfigProvider {
  const kubernetes = openKubernetesSecrets(params.values, env);
  return {
    ...times(params, RELOAD_INTERVAL_MS),
    async get(path, keys) {
      const values = new Map<string, string>();
      for (const key of keys) {
        const value = env[variable(path, key)] ?? (dir === null ? null : await readSecretFile(within(dir, path), key));
        if (value !== null) values.set(key, value);
      }
      if (values.size === keys.length || kubernetes === null || path === "") return values;
      const secret = await kubernetes(path);
      for (const key of keys) if (!values.has(key) && secret.has(key)) values.set(key, secret.get(key)!);
      return values;
    },
  };
}

function variable(path: string, key: string): string {
  return `MILLRACE_SECRET_${path}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

async function readSecretFile(folder: string, key: string): Promise<string | null> {
  if (basename(key) !== key) throw new ConfigProviderError(`The secret's key '${key}' is not a plain file name`);
  const file = join(folder, key);
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new ConfigProviderError(`Could not read the secret's file ${file}: check that it may be read`, cause);
  }
}

function within(dir: string, path: string): string {
  const root = resolve(dir);
  const target = resolve(root, path);
  if (target === root || target.startsWith(`${root}/`)) return target;
  throw new ConfigProviderError(`The secret's path '${path}' leads out of ${root}`);
}
