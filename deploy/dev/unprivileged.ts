// For servers that refuse to run as root: the account they get instead, and folders it can reach.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Account } from "./server-process.ts";

/** Undefined unless we are root: then `nobody`. */
export function unprivilegedAccount(server: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((text) => text.startsWith("nobody:"));
  const [uid, gid] = line?.split(":").slice(2, 4).map(Number) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(`${server} refuses to run as root and there is no user nobody to run it as: start as another user`);
  }
  return { uid, gid };
}

/** The folder itself where the account can reach it; else one under the system's temporary folder, named after it. */
export function reachableDir(account: Account | undefined, dir: string, server: string): string {
  if (account === undefined || reaches(account, dir)) return dir;
  const name = createHash("sha256").update(dir).digest("hex").slice(0, 12);
  return ownFolder(join(tmpdir(), `millrace-${server}-${name}`), (path) => mkdirSync(path, { mode: 0o755 }));
}

/** A server's files where the account can reach them: in place, or copied out of where only root may enter. */
export function reachableCopy(account: Account | undefined, files: string, name: string): string {
  if (account === undefined || reaches(account, files)) return files;
  return ownFolder(join(tmpdir(), `millrace-${name}`), (path) => {
    const work = mkdtempSync(`${path}-`);
    cpSync(files, join(work, "copy"), { recursive: true, verbatimSymlinks: true });
    // Another start may have been quicker.
    if (!existsSync(path)) renameSync(join(work, "copy"), path);
    rmSync(work, { recursive: true, force: true });
  });
}

/** Whether an account can enter every folder on the way to a path, as far as the path exists. */
function reaches(account: Account, path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat && (stat.uid === account.uid ? stat.mode & 0o100 : stat.mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** A folder with a name anyone can guess is used only when it is ours. */
function ownFolder(path: string, create: (path: string) => void): string {
  if (!existsSync(path)) create(path);
  if (statSync(path).uid !== 0) throw new Error(`${path} belongs to another user: remove it, then start again`);
  return path;
}
