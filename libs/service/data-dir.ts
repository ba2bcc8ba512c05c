import { createHash, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";

export interface DataDirOptions {
  /** `millrace.data.dir`; null for a place of its own per cluster under `./millrace-data`. */
  readonly dataDir: string | null;
  readonly groupId: string;
  readonly bootstrapServers: string;
  readonly configStorageTopic: string;
  readonly offsetStorageTopic: string;
}

export interface DataDir {
  /** Absolute. */
  readonly path: string;
  /** Lets another worker have it. Idempotent. */
  release(): void;
}

/** The data directory cannot be used, or belongs to a worker that runs. */
export class DataDirError extends Error {
  readonly code: "DATA_DIR_IN_USE" | "DATA_DIR_UNUSABLE";
  readonly retriable = false;

  constructor(code: DataDirError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "DataDirError";
    this.code = code;
  }
}

interface Holder {
  readonly pid: number;
  /** When that process started, so that another with its pid is not taken for it; null where it cannot be known. */
  readonly started: string | null;
}

const LOCK = "worker.lock";
const ATTEMPTS_MAX = 5;

/** Where standalone keeps its state; the same for the same cluster, whichever files it was started from. */
export function dataDirPath(options: DataDirOptions): string {
  if (options.dataDir !== null) return resolve(options.dataDir);
  const { groupId, bootstrapServers, configStorageTopic, offsetStorageTopic } = options;
  const hash = createHash("sha256").update(`${bootstrapServers}|${configStorageTopic}|${offsetStorageTopic}`);
  const safe = groupId.replace(/[^A-Za-z0-9._-]/g, "_");
  return resolve("millrace-data", `${safe}-${hash.digest("hex").slice(0, 8)}`);
}

/**
 * Creates the directory and holds it for this process, until `release` or the process's end.
 * @throws DataDirError DATA_DIR_IN_USE naming the holder's pid; DATA_DIR_UNUSABLE.
 */
export function openDataDir(options: DataDirOptions): DataDir {
  const path = dataDirPath(options);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { path, release: takeLock(path) };
  } catch (cause) {
    if (cause instanceof DataDirError) throw cause;
    const message = `The data directory ${path} cannot be used: ${(cause as Error).message}. Set millrace.data.dir to one that can be written.`;
    throw new DataDirError("DATA_DIR_UNUSABLE", message, cause);
  }
}

/**
 * The lock is made under another name and linked into place, so it is never seen half-written, and only one process links
 * it. Of two that find a dead holder's lock, the one whose rename moves exactly that lock removes it; the other, having
 * moved a living one, puts it back.
 */
function takeLock(path: string): () => void {
  const lock = join(path, LOCK);
  const id = randomUUID();
  const mine = join(path, `${LOCK}.${id}`);
  const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid), id });
  writeFileSync(mine, text, { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      if (link(mine, lock)) return () => releaseLock(lock, text);
      const found = read(lock);
      if (found === null) continue;
      const holder = parseHolder(found);
      if (holder !== null && runs(holder)) throw inUse(path, holder);
      removeStale(lock, found);
    }
    throw new DataDirError("DATA_DIR_IN_USE", `The data directory ${path} is being taken by other workers`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function inUse(path: string, { pid }: Holder): DataDirError {
  return new DataDirError(
    "DATA_DIR_IN_USE",
    `The data directory ${path} is in use by the worker with process id ${pid}. Stop it, or set millrace.data.dir to another directory.`,
  );
}

function releaseLock(lock: string, text: string): void {
  if (read(lock) === text) rmSync(lock, { force: true });
}

function removeStale(lock: string, found: string): void {
  const aside = `${lock}.stale.${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if (read(aside) !== found) link(aside, lock);
  rmSync(aside, { force: true });
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === "number" && pid > 0 ? { pid, started: started ?? null } : null;
  } catch {
    return null;
  }
}

function runs({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!isCode(error, "EPERM")) return false;
  }
  const now = startOf(pid);
  return started === null || now === null || started === now;
}

/** Boot and start time of a process where the system tells (Linux); null elsewhere. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The second field, the command, may hold spaces; the 22nd is the start time.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
