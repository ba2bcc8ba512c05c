import { ProtocolError } from "@millrace/protocol";
import { ConnectorTable } from "./connector-table.ts";
import type { Command } from "./decide.ts";
import { type JournalFile, type JournalFiles, systemFiles } from "./journal-files.ts";
import { decodeJournal, encodeEntry, encodeJournal } from "./journal-format.ts";
import type { Applied, ConfigStore, HistoryRange } from "./store.ts";
import { Turns } from "./turns.ts";

export interface JournalStoreOptions {
  /** Default: the system's. */
  readonly files?: JournalFiles;
  /** Rewritten when larger than this and twice its size after the last rewrite. Default 1 MiB. */
  readonly compactBytesMin?: number;
  readonly logger?: { warn(message: string, fields?: Record<string, unknown>): void };
}

/**
 * Desired state of one process, without a database: in memory, behind an append-only file. One process at a time may have
 * the file open.
 * @param path of the journal; its folder must exist. `<path>.tmp` beside it is used too.
 * @throws Error JOURNAL_FOREIGN, JOURNAL_CORRUPT
 */
export async function openJournalStore(path: string, options: JournalStoreOptions = {}): Promise<ConfigStore> {
  const store = new JournalStore(path, options);
  await store.open();
  return store;
}

export class JournalError extends Error {
  readonly code: "JOURNAL_FOREIGN" | "JOURNAL_CORRUPT";
  readonly retriable = false;

  constructor(code: "JOURNAL_FOREIGN" | "JOURNAL_CORRUPT", message: string) {
    super(message);
    this.name = "JournalError";
    this.code = code;
  }
}

/**
 *   open() ─▶ WRITABLE ──(a failed write cannot be taken back)──▶ READ ONLY, until opened again
 *
 * A write: decide, append, sync, and only then show it to readers and answer (I10). Writes take turns.
 */
class JournalStore implements ConfigStore {
  readonly #path: string;
  readonly #files: JournalFiles;
  readonly #options: JournalStoreOptions;
  readonly #table = new ConnectorTable();
  #file: JournalFile | null = null;
  #writable = true;
  /** Length of the durable part. */
  #bytes = 0;
  #compactedBytes = 0;
  readonly #turns = new Turns();

  constructor(path: string, options: JournalStoreOptions) {
    this.#path = path;
    this.#files = options.files ?? systemFiles;
    this.#options = options;
  }

  async open(): Promise<void> {
    const bytes = await this.#files.read(this.#path);
    if (bytes === null) return this.#compact();
    const journal = decodeJournal(bytes);
    if (journal.kind === "foreign") {
      throw new JournalError("JOURNAL_FOREIGN", `${this.#path} is not a config journal of Millrace; name another file`);
    }
    if (journal.kind === "corrupt") {
      throw new JournalError(
        "JOURNAL_CORRUPT",
        `Line ${journal.line} of the config journal ${this.#path} cannot be read; restore the file from a backup, or remove that line and lose its change`,
      );
    }
    for (const entry of journal.entries) this.#table.store(entry);
    this.#file = await this.#files.open(this.#path);
    this.#bytes = journal.goodBytes;
    this.#compactedBytes = encodeJournal(this.#table.entries()).length;
    if (journal.goodBytes < bytes.length) {
      await this.#cutBack();
      this.#options.logger?.warn("Dropped the unfinished last line of the config journal; it was never acknowledged", {
        path: this.#path,
        droppedBytes: bytes.length - journal.goodBytes,
      });
    }
  }

  async get(name: string) {
    return this.#table.get(name);
  }

  async changes(sinceRevision: number) {
    return this.#table.changes(sinceRevision);
  }

  async cleanUps() {
    return this.#table.cleanUps();
  }

  async history(name: string, range?: HistoryRange) {
    return this.#table.history(name, range);
  }

  apply(command: Command, atMs: number): Promise<Applied> {
    return this.#turns.take(() => this.#write(command, atMs));
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      this.#writable = false;
      await this.#file?.close();
      this.#file = null;
    });
  }

  async #write(command: Command, atMs: number): Promise<Applied> {
    const decision = this.#table.decide(command, atMs);
    if (decision.kind === "refuse") throw decision.error;
    const { connector } = decision;
    if (decision.kind === "keep") return { changed: false, created: false, connector };
    await this.#compactIfGrown();
    const entry = { connector, history: decision.history ? [decision.history] : [] };
    await this.#append(encodeEntry(entry));
    this.#table.store(entry);
    return { changed: true, created: decision.created, connector };
  }

  async #append(line: Uint8Array): Promise<void> {
    if (!this.#writable || !this.#file) {
      throw this.#unwritable("the journal is closed after an earlier failure; restart the process", undefined);
    }
    try {
      await this.#file.append(line);
      await this.#file.sync();
    } catch (cause) {
      await this.#takeBack();
      throw this.#unwritable("nothing was stored; look for free space and a healthy disk, then try again", cause);
    }
    this.#bytes += line.length;
  }

  /** Part of a line may be there, or all of it with no promise that it stays. It must not be found at the next start. */
  async #takeBack(): Promise<void> {
    try {
      await this.#cutBack();
    } catch {
      this.#writable = false;
    }
  }

  async #cutBack(): Promise<void> {
    await this.#file?.truncate(this.#bytes);
    await this.#file?.sync();
  }

  async #compactIfGrown(): Promise<void> {
    const limit = Math.max(this.#options.compactBytesMin ?? 1024 * 1024, 2 * this.#compactedBytes);
    if (this.#bytes <= limit || !this.#writable) return;
    try {
      await this.#compact();
    } catch (error) {
      this.#options.logger?.warn("The config journal was not compacted and goes on growing", {
        path: this.#path,
        error,
      });
    }
  }

  /**
   * A complete new file takes the journal's name in one step, so a cut leaves the old or the new one. Until the folder is
   * synced a cut may bring the old one back; whatever was acknowledged after that would be lost, hence `#writable = false`.
   */
  async #compact(): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    await this.#files.remove(temporary);
    const file = await this.#files.open(temporary);
    const bytes = encodeJournal(this.#table.entries());
    try {
      await file.append(bytes);
      await file.sync();
      await this.#files.rename(temporary, this.#path);
    } catch (error) {
      await file.close();
      throw error;
    }
    const old = this.#file;
    this.#file = file;
    this.#bytes = bytes.length;
    this.#compactedBytes = bytes.length;
    try {
      await this.#files.syncFolderOf(this.#path);
    } catch (error) {
      this.#writable = false;
      throw error;
    } finally {
      await old?.close();
    }
  }

  #unwritable(advice: string, cause: unknown): ProtocolError {
    const reason = cause instanceof Error ? ` (${cause.message})` : "";
    return new ProtocolError("UNAVAILABLE", `The config journal ${this.#path} cannot be written${reason}: ${advice}`, {
      cause,
    });
  }
}
