import { readFile, writeFile } from "node:fs/promises";
import type { Logger } from "@millrace/connect";
import type { Signal } from "./signal.ts";
import { type SignalSource, signalFromJson } from "./signal-source.ts";

/** Signals as lines of JSON in a file, which is emptied as they are read. */
export class SignalFile implements SignalSource {
  readonly #path: string;
  readonly #logger: Logger;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  async read(): Promise<Signal[]> {
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "EISDIR") return "";
      throw error;
    });
    if (text === "") return [];
    await writeFile(this.#path, "");
    return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : (signalFromJson(line, this.#logger) ?? [])));
  }

  async close(): Promise<void> {}
}
