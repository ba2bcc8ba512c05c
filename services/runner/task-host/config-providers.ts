import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, isAbsolute, join, normalize, resolve } from "node:path";
import { ConfigError } from "@millrace/connect";
import { parseProperties } from "@millrace/service";
import { Secrets } from "./secrets.ts";

/**
 * Resolves `${provider:path:key}` and `${provider:key}` here, in the task host, and nowhere else (I9).
 *
 * Known to the worker's `config.providers` by their Java class names: FileConfigProvider (a .properties file),
 * DirectoryConfigProvider (a folder of files, as Kubernetes mounts secrets), EnvVarConfigProvider. `secrets` needs no
 * set-up: `<millrace.secrets.dir>/<path>/<key>`, or the environment variable MILLRACE_SECRET_<PATH>_<KEY>.
 *
 * `config.providers.<name>.param.allowed.paths` and `…param.allowlist.pattern` say what may be read. As in Kafka, what
 * may not is as if it were not there, and paths are compared as written, without following links.
 */
export interface ConfigProvider {
  /** The value, or null when this provider doesn't have it. */
  get(path: string, key: string): Promise<string | null>;
}

const REFERENCE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g;

export class ConfigProviders {
  #providers: ReadonlyMap<string, ConfigProvider>;

  constructor(providers: ReadonlyMap<string, ConfigProvider>) {
    this.#providers = providers;
  }

  /** Replaces every reference; as in Connect, one that nobody knows stays as it is. */
  async resolve(config: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    return (await this.reveal(config)).config;
  }

  /** As `resolve`; with the values that must not be shown. */
  async reveal(
    config: Readonly<Record<string, string>>,
  ): Promise<{ readonly config: Record<string, string>; readonly secrets: Secrets }> {
    const resolved: Record<string, string> = {};
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(config)) resolved[name] = await this.#resolveValue(name, value, values);
    return { config: resolved, secrets: new Secrets(values) };
  }

  /** Whether a value holds a reference: then what it resolves to must not be shown. */
  static isReference(value: string): boolean {
    return value.search(REFERENCE) >= 0;
  }

  async #resolveValue(name: string, value: string, values: Map<string, string>): Promise<string> {
    let text = "";
    let end = 0;
    for (const match of value.matchAll(REFERENCE)) {
      const [whole, providerName = "", , path = "", key = ""] = match;
      const found = await this.#get(name, providerName, path, key);
      if (found !== null) values.set(whole, found);
      text += value.slice(end, match.index) + (found ?? whole);
      end = match.index + whole.length;
    }
    return end === 0 ? value : text + value.slice(end);
  }

  async #get(name: string, providerName: string, path: string, key: string): Promise<string | null> {
    try {
      return (await this.#providers.get(providerName)?.get(path, key)) ?? null;
    } catch (error) {
      throw new ConfigError(
        `Could not read the value of '${name}' from config provider '${providerName}' (path '${path}', key '${key}'): check that it exists and may be read`,
        { code: "CONFIG_PROVIDER", cause: error },
      );
    }
  }
}

export interface ProviderOptions {
  /** The worker's properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly secretsDir: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The worker's `config.providers`, and `secrets`. */
export function openConfigProviders(options: ProviderOptions): ConfigProviders {
  const { properties, env, secretsDir } = options;
  const providers = new Map<string, ConfigProvider>([["secrets", secretsProvider(secretsDir, env)]]);
  const names = (properties["config.providers"] ?? "").split(",").map((name) => name.trim());
  for (const name of names.filter((name) => name !== "")) {
    const className = properties[`config.providers.${name}.class`];
    if (className === undefined) {
      throw new ConfigError(`config.providers names '${name}', but config.providers.${name}.class is missing`);
    }
    providers.set(name, providerOf(name, className, options));
  }
  return new ConfigProviders(providers);
}

function providerOf(name: string, className: string, { properties, env }: ProviderOptions): ConfigProvider {
  const prefix = `config.providers.${name}.param.`;
  const allowedPath = pathFilter(`${prefix}allowed.paths`, properties);
  switch (className.slice(className.lastIndexOf(".") + 1)) {
    case "FileConfigProvider":
      return {
        get: async (path, key) =>
          allowedPath(path) ? (parseProperties(await readFile(path, "utf8"))[key] ?? null) : null,
      };
    case "DirectoryConfigProvider":
      return { get: async (path, key) => (allowedPath(path) ? readSecretFile(path, key) : null) };
    case "EnvVarConfigProvider": {
      const allowedKey = wholePattern(`${prefix}allowlist.pattern`, properties);
      return { get: async (_path, key) => (allowedKey(key) ? (env[key] ?? null) : null) };
    }
    default:
      throw new ConfigError(
        `config.providers.${name}.class is ${className}, which Millrace doesn't have. Use FileConfigProvider, DirectoryConfigProvider or EnvVarConfigProvider.`,
      );
  }
}

/** Without the setting: every path. */
function pathFilter(setting: string, properties: ProviderOptions["properties"]): (path: string) => boolean {
  const given = (properties[setting] ?? "").split(",").map((path) => path.trim());
  const allowed = given.filter((path) => path !== "").map((path) => normalize(`${path}/`));
  if (allowed.length === 0) return () => true;
  for (const path of allowed) {
    if (!isAbsolute(path)) throw new ConfigError(`${setting}: Path ${path} is not absolute`);
    if (!existsSync(path.slice(0, -1) || "/")) throw new ConfigError(`${setting}: Path ${path} does not exist`);
  }
  return (path) => allowed.some((each) => normalize(`${path}/`).startsWith(each));
}

/** Without the setting: every key. */
function wholePattern(setting: string, properties: ProviderOptions["properties"]): (key: string) => boolean {
  const pattern = properties[setting];
  if (pattern === undefined) return () => true;
  try {
    const whole = new RegExp(`^(?:${pattern})$`);
    return (key) => whole.test(key);
  } catch (cause) {
    throw new ConfigError(`${setting} is '${pattern}', which is no regular expression`, { cause });
  }
}

function secretsProvider(dir: string | null, env: ProviderOptions["env"]): ConfigProvider {
  return {
    async get(path, key) {
      const variable = `MILLRACE_SECRET_${path}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
      if (env[variable] !== undefined) return env[variable];
      return dir === null ? null : readSecretFile(within(dir, path), key);
    },
  };
}

async function readSecretFile(folder: string, key: string): Promise<string | null> {
  if (basename(key) !== key) throw new ConfigError(`'${key}' is not a plain file name`);
  try {
    return (await readFile(join(folder, key), "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}

function within(dir: string, path: string): string {
  const root = resolve(dir);
  const target = resolve(root, path);
  if (target !== root && !target.startsWith(`${root}/`)) throw new ConfigError(`'${path}' leads out of ${root}`);
  return target;
}
