import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigProvider, ConfigProviderError } from "./config-provider.ts";
import { parseProperties } from "./properties.ts";
import { allowedKeys, allowedPaths, type ProviderParams, times } from "./provider-params.ts";

/** Kafka's providers, with its texts. By themselves they never reload. */
const NEVER = 0;

/** FileConfigProvider: the path is that of a .properties file. */
export function fileProvider(params: ProviderParams): ConfigProvider {
  const allowed = allowedPaths(params, existsSync);
  return {
    ...times(params, NEVER),
    async get(path, keys) {
      if (path === "" || !allowed(path)) return new Map();
      try {
        const properties = parseProperties(await readFile(path, "utf8"));
        return new Map(keys.flatMap((key) => (Object.hasOwn(properties, key) ? [[key, properties[key]!]] : [])));
      } catch (cause) {
        throw new ConfigProviderError(`Could not read properties from file ${path}`, cause);
      }
    },
  };
}

/** DirectoryConfigProvider: the path is a folder, a key the name of a file in it, whose whole content is the value. */
export function directoryProvider(params: ProviderParams): ConfigProvider {
  const allowed = allowedPaths(params, existsSync);
  return {
    ...times(params, NEVER),
    async get(path, keys) {
      const values = new Map<string, string>();
      if (path === "" || !allowed(path)) return values;
      const names = new Set(await readdir(path).catch(() => []));
      for (const key of keys.filter((each) => names.has(each))) {
        const file = join(path, key);
        try {
          if ((await stat(file)).isFile()) values.set(key, await readFile(file, "utf8"));
        } catch (cause) {
          throw new ConfigProviderError(`Could not read file ${file} for property ${key}`, cause);
        }
      }
      return values;
    },
  };
}

/** EnvVarConfigProvider: there is no path. */
export function envProvider(params: ProviderParams, env: Readonly<Record<string, string | undefined>>): ConfigProvider {
  const allowed = allowedKeys(params);
  return {
    ...times(params, NEVER),
    async get(path, keys) {
      if (path !== "") {
        throw new ConfigProviderError(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`);
      }
      return new Map(keys.flatMap((key) => (allowed(key) && env[key] !== undefined ? [[key, env[key]]] : [])));
    },
  };
}
