import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Open for appending. */
export interface JournalFile {
  append(bytes: Uint8Array): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  /** What was appended or truncated survives a power cut once this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The part of a file system that a journal needs; a test's own can be cut off at any byte. */
export interface JournalFiles {
  /** null: no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Makes the file when there is none. */
  open(path: string): Promise<JournalFile>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** No error when there is none. */
  remove(path: string): Promise<void>;
  /** A rename in the folder of `path` survives a power cut once this resolves. */
  syncFolderOf(path: string): Promise<void>;
}

export const systemFiles: JournalFiles = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return null;
      throw error;
    }
  },
  async open(path) {
    // Configs may hold secrets as the user wrote them: nobody else reads the file.
    const handle = await open(path, "a", 0o600);
    return {
      append: (bytes) => handle.appendFile(bytes),
      truncate: (lengthBytes) => handle.truncate(lengthBytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolderOf(path) {
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};
