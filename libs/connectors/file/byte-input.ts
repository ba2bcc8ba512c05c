import { fstatSync, read } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { ConnectError } from "@millrace/connect";

/** Bytes in order, from a file or a stream. One read at a time. */
export interface ByteInput {
  /** A read may wait for a writer (standard input, a pipe) instead of answering 0 at the end. */
  readonly blocks: boolean;
  /** Bytes read into `buffer` from `at` on; 0 when there is nothing more for now. */
  read(buffer: Buffer, at: number): Promise<number>;
  /** Whether the end reached is the end of this input for good: its path names other content now. */
  outdated(): Promise<"replaced" | "truncated" | null>;
  /** Bytes that are there and not read yet; absent where nobody knows. */
  behind?(): number;
  close(): Promise<void>;
}

export const standardInput: ByteInput = {
  blocks: true,
  read: (buffer, at) =>
    new Promise((resolve, reject) => {
      read(0, buffer, at, buffer.length - at, null, (error, length) =>
        error === null ? resolve(length) : reject(error),
      );
    }),
  outdated: async () => null,
  close: async () => {},
};

/** Null when there is no such file. A start beyond the end means other content: it is read from its first byte. */
export async function openFile(path: string, start: number): Promise<{ input: ByteInput; start: number } | null> {
  try {
    const handle = await open(path, "r");
    const stats = await handle.stat();
    if (!stats.isFile()) return { input: pipeInput(handle), start: 0 };
    const from = start > stats.size ? 0 : start;
    return { input: new FileInput(path, handle, from), start: from };
  } catch (error) {
    if (isMissing(error)) return null;
    throw new ConnectError(`Cannot open file ${path} for reading: ${(error as Error).message}`, { cause: error });
  }
}

class FileInput implements ByteInput {
  readonly blocks = false;
  readonly #path: string;
  readonly #handle: FileHandle;
  #position: number;

  constructor(path: string, handle: FileHandle, position: number) {
    this.#path = path;
    this.#handle = handle;
    this.#position = position;
  }

  async read(buffer: Buffer, at: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, at, buffer.length - at, this.#position);
    this.#position += bytesRead;
    return bytesRead;
  }

  async outdated(): Promise<"replaced" | "truncated" | null> {
    const open = await this.#handle.stat({ bigint: true });
    if (open.size < this.#position) return "truncated";
    try {
      const named = await stat(this.#path, { bigint: true });
      return named.ino === open.ino && named.dev === open.dev ? null : "replaced";
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** One call of the system, on a file that is open. */
  behind(): number {
    return Math.max(0, fstatSync(this.#handle.fd).size - this.#position);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function pipeInput(handle: FileHandle): ByteInput {
  return {
    blocks: true,
    read: async (buffer, at) => (await handle.read(buffer, at, buffer.length - at, null)).bytesRead,
    outdated: async () => null,
    close: () => handle.close(),
  };
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
