import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { ConnectError } from "@millrace/connect";

/** The module that a package names in its package.json. */
export interface PluginFile {
  /** As it was found: through links, as written in `plugin.path`. */
  readonly file: string;
  /** Without links; one module is loaded once. */
  readonly real: string;
}

/**
 * The plugin modules of a `plugin.path`. Each of its folders is a plugin, or holds plugins: in folders of their own, in scopes
 * (`@acme/…`), or installed by npm, there or one folder down (`node_modules`). What a plugin itself has in node_modules is
 * its own, and is not looked at.
 */
export async function findPluginFiles(
  folders: readonly string[],
  failed: (path: string, error: unknown) => void,
): Promise<PluginFile[]> {
  const files = new Map<string, PluginFile>();
  const visit = async (folder: string): Promise<boolean> => {
    try {
      const found = await pluginFile(folder);
      if (found !== null && !files.has(found.real)) files.set(found.real, found);
      return found !== null;
    } catch (error) {
      failed(folder, error);
      return true;
    }
  };
  const visitPackages = async (folder: string): Promise<void> => {
    for (const name of await foldersIn(folder)) {
      const path = join(folder, name);
      if (name.startsWith("@")) for (const each of await foldersIn(path)) await visit(join(path, each));
      else await visit(path);
    }
  };
  for (const folder of folders) {
    if (await visit(folder)) continue;
    try {
      await readdir(folder);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== "ENOTDIR") {
        failed(folder, new ConnectError(`plugin.path names it, and it cannot be read: ${message}`, { cause: error }));
      }
      continue;
    }
    for (const name of await foldersIn(folder)) {
      const path = join(folder, name);
      if (name === "node_modules" || name.startsWith("@")) await visitPackages(path);
      else if (!(await visit(path))) await visitPackages(join(path, "node_modules"));
    }
  }
  return [...files.values()];
}

/**
 * A package is a plugin when its package.json says `"millrace": "./plugin.ts"`: the only registration.
 * @throws ConnectError for a package.json that cannot be read, or says something else.
 */
async function pluginFile(folder: string): Promise<PluginFile | null> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const { millrace } = parse(text);
  if (millrace === undefined) return null;
  if (typeof millrace !== "string" || millrace === "") {
    throw new ConnectError(`"millrace" in its package.json must be the path of a module`, { code: "PLUGIN_INVALID" });
  }
  const file = join(folder, millrace);
  const real = await realpath(file).catch((cause: unknown) => {
    throw new ConnectError(`"millrace" in its package.json names ${millrace}, which is not there`, {
      code: "PLUGIN_INVALID",
      cause,
    });
  });
  return { file, real };
}

function parse(text: string): { readonly millrace?: unknown } {
  try {
    return JSON.parse(text) as { millrace?: unknown };
  } catch (cause) {
    throw new ConnectError(`its package.json cannot be read: ${(cause as Error).message}`, {
      code: "PLUGIN_INVALID",
      cause,
    });
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort();
}
