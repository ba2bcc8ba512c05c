import type { JournalFile, JournalFiles } from "../journal-files.ts";

/** What a sudden end leaves: names or contents that were not synced are kept, or lost. A process's end keeps both. */
export interface Survival {
  readonly unsyncedNames: "kept" | "lost";
  readonly unsyncedBytes: "kept" | "lost";
}

interface Inode {
  bytes: Uint8Array;
  durable: Uint8Array;
}

export class CutError extends Error {}

/** A file system in memory that ends after so many steps: each byte appended is one, and each other change. */
export class CutFiles implements JournalFiles {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #stepsLeft: number;
  /** The next `sync` fails, once: a disk error, not an end. */
  failNextSync = false;

  constructor(stepsLeft = Number.POSITIVE_INFINITY) {
    this.#stepsLeft = stepsLeft;
  }

  /** The same disk at the next start. */
  restart(survival: Survival): CutFiles {
    const next = new CutFiles();
    const names = survival.unsyncedNames === "kept" ? this.#names : this.#durableNames;
    for (const [path, inode] of names) {
      const bytes = survival.unsyncedBytes === "kept" ? inode.bytes : inode.durable;
      const copy = { bytes, durable: bytes };
      next.#names.set(path, copy);
      next.#durableNames.set(path, copy);
    }
    return next;
  }

  async read(path: string): Promise<Uint8Array | null> {
    return this.#names.get(path)?.bytes ?? null;
  }

  async open(path: string): Promise<JournalFile> {
    this.#step();
    const inode = this.#names.get(path) ?? { bytes: new Uint8Array(), durable: new Uint8Array() };
    this.#names.set(path, inode);
    return {
      append: async (bytes) => {
        const written = bytes.subarray(0, Math.min(bytes.length, this.#stepsLeft));
        inode.bytes = Uint8Array.of(...inode.bytes, ...written);
        this.#step(bytes.length);
      },
      truncate: async (lengthBytes) => {
        this.#step();
        inode.bytes = inode.bytes.slice(0, lengthBytes);
      },
      sync: async () => {
        this.#step();
        if (this.failNextSync) {
          this.failNextSync = false;
          throw new Error("EIO: i/o error, fsync");
        }
        inode.durable = inode.bytes;
      },
      close: async () => {},
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    this.#names.set(to, this.#names.get(from)!);
    this.#names.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.#step();
    this.#names.delete(path);
  }

  async syncFolderOf(_path: string): Promise<void> {
    this.#step();
    this.#durableNames = new Map(this.#names);
  }

  #step(steps = 1): void {
    if (this.#stepsLeft < steps) {
      this.#stepsLeft = 0;
      throw new CutError("the power was cut");
    }
    this.#stepsLeft -= steps;
  }
}
