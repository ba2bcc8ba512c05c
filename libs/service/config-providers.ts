import { type ConfigProvider, ConfigProviderError } from "./config-provider.ts";
import { directoryProvider, envProvider, fileProvider } from "./file-providers.ts";
import type { ProviderParams } from "./provider-params.ts";
import { Secrets } from "./secrets.ts";
import { secretsProvider } from "./secrets-provider.ts";

const REFERENCE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g;

interface Reference {
  /** As it is written. */
  readonly text: string;
  readonly provider: string;
  readonly path: string;
  readonly key: string;
}

/** When values may be others than those that were given. */
export interface ReloadPlan {
  /** The age at which they are to be read anew in any case; null: none. */
  readonly ttlMs: number | null;
  /** How often to ask whether they have changed; null: never. */
  readonly intervalMs: number | null;
  /** The references that stand for another value now. One that is gone keeps its value: files are replaced, not edited. */
  changed(): Promise<string[]>;
}

export interface Revealed {
  readonly config: Record<string, string>;
  /** The values that must not be shown. */
  readonly secrets: Secrets;
  readonly reload: ReloadPlan;
}

/** Resolves `${provider:path:key}` and `${provider:key}`, in the process that needs the value, and nowhere else (I9). */
export class ConfigProviders {
  readonly #providers: ReadonlyMap<string, ConfigProvider>;
  readonly #hidden: Secrets;

  /** @param hidden what must not be shown either: secrets of the worker's. */
  constructor(providers: ReadonlyMap<string, ConfigProvider>, hidden: Secrets = Secrets.none) {
    this.#providers = providers;
    this.#hidden = hidden;
  }

  /** The same, and whoever resolves something is to hide these too. */
  alsoHiding(secrets: Secrets): ConfigProviders {
    return new ConfigProviders(this.#providers, secrets);
  }

  /** Replaces every reference; as in Connect, one that nobody knows stays as it is. */
  async resolve(config: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    return (await this.reveal(config)).config;
  }

  /** As `resolve`; with the values that must not be shown, and when to ask again. */
  async reveal(config: Readonly<Record<string, string>>): Promise<Revealed> {
    const references = Object.values(config).flatMap(referencesIn);
    const values = await this.#lookUp(references);
    const resolved = Object.entries(config).map(([name, value]) => [
      name,
      value.replace(REFERENCE, (text) => values.get(text) ?? text),
    ]);
    const providers = references.flatMap(({ provider }) => this.#providers.get(provider) ?? []);
    return {
      config: Object.fromEntries(resolved),
      secrets: new Secrets(values, this.#hidden),
      reload: {
        ttlMs: least(providers.map(({ ttlMs }) => ttlMs)),
        intervalMs: least(providers.map(({ reloadIntervalMs }) => reloadIntervalMs)),
        changed: async () => {
          const now = await this.#lookUp(references.filter(({ provider }) => this.#reloads(provider)));
          return [...now].flatMap(([text, value]) => (values.get(text) === value ? [] : [text]));
        },
      },
    };
  }

  /** Whether a value holds a reference: then what it resolves to must not be shown. */
  static isReference(value: string): boolean {
    return value.search(REFERENCE) >= 0;
  }

  #reloads(provider: string): boolean {
    return (this.#providers.get(provider)?.reloadIntervalMs ?? null) !== null;
  }

  /** Values by reference; each path of a provider is read once. */
  async #lookUp(references: readonly Reference[]): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const [name, ofProvider] of grouped(references, ({ provider }) => provider)) {
      const provider = this.#providers.get(name);
      if (provider === undefined) continue;
      for (const [path, ofPath] of grouped(ofProvider, (reference) => reference.path)) {
        const found = await provider.get(path, [...new Set(ofPath.map(({ key }) => key))]);
        for (const { text, key } of ofPath) if (found.has(key)) values.set(text, found.get(key)!);
      }
    }
    return values;
  }
}

export interface ProviderOptions {
  /** The worker's properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly secretsDir: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The worker's `config.providers`, known by their Java class names, and `secrets`, which needs no set-up.
 * @throws ConfigProviderError for a provider without a class, of one that nobody has, or with a parameter that is no use.
 */
export function openConfigProviders(options: ProviderOptions): ConfigProviders {
  const { properties } = options;
  const providers = new Map([["secrets", openProvider("secrets", "SecretsConfigProvider", options)]]);
  const names = (properties["config.providers"] ?? "").split(",").map((name) => name.trim());
  for (const name of names.filter((each) => each !== "")) {
    const className = properties[`config.providers.${name}.class`]?.trim();
    if (!className) {
      throw new ConfigProviderError(`config.providers names '${name}', but config.providers.${name}.class is missing`);
    }
    providers.set(name, openProvider(name, className, options));
  }
  return new ConfigProviders(providers);
}

function openProvider(name: string, className: string, { properties, secretsDir, env }: ProviderOptions) {
  const prefix = `config.providers.${name}.param.`;
  const given = Object.entries(properties).filter(([key]) => key.startsWith(prefix));
  const values = Object.fromEntries(given.map(([key, value]) => [key.slice(prefix.length), value]));
  const params: ProviderParams = { prefix, values };
  switch (className.slice(className.lastIndexOf(".") + 1)) {
    case "FileConfigProvider":
      return fileProvider(params);
    case "DirectoryConfigProvider":
      return directoryProvider(params);
    case "EnvVarConfigProvider":
      return envProvider(params, env);
    case "SecretsConfigProvider":
      return secretsProvider({ params, dir: secretsDir, env });
    default:
      throw new ConfigProviderError(
        `config.providers.${name}.class is ${className}, which Millrace doesn't have. Use FileConfigProvider, DirectoryConfigProvider, EnvVarConfigProvider or SecretsConfigProvider.`,
      );
  }
}

function referencesIn(value: string): Reference[] {
  return [...value.matchAll(REFERENCE)].map(([text, provider = "", , path = "", key = ""]) => {
    return { text, provider, path, key };
  });
}

function grouped<T>(items: readonly T[], by: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group === undefined) groups.set(by(item), [item]);
    else group.push(item);
  }
  return groups;
}

function least(times: readonly (number | null)[]): number | null {
  const given = times.filter((each) => each !== null);
  return given.length === 0 ? null : Math.min(...given);
}
