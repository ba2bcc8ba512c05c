import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@millrace/time";
import type { Changes } from "./changes.ts";
import { decodeJournal, encodeJournal, type JournalEntry } from "./journal-format.ts";
import type { ConnectorState } from "./model.ts";
import type { Lease, SchedulerStore } from "./store.ts";
import { MemoryStore } from "./store-memory.ts";

/** Entries beyond one per connector after which the file is rewritten. */
const staleEntriesMax = 1_000;

/**
 * For one process: memory, and a file of what must outlive it, which is the epoch, the generations and the task counts that
 * fencing needs. Runners end with the process, so placements and statuses start empty.
 * @param path of the journal; `<path>.tmp` beside it is used too. One process at a time may have it open.
 * @throws JournalError
 */
export async function openJournalStore(path: string, clock: Clock): Promise<SchedulerStore> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const { epoch, connectors } = text === null ? { epoch: 0, connectors: new Map() } : decodeJournal(path, text);
  const journal = new Journal(path, epoch, connectors);
  await journal.write([]);
  return journaled(new MemoryStore(clock, { epoch, connectors: [...connectors.values()] }), journal);
}

/**
 * WHOLE ──write fails──▶ TORN ──next write: a new file takes its place──▶ WHOLE
 *
 * Starts TORN, so that each start leaves a short file. A write is answered once it is on disk (I10).
 */
class Journal {
  readonly #path: string;
  readonly #connectors: Map<string, ConnectorState>;
  #epoch: number;
  #file: FileHandle | null = null;
  #staleEntries = 0;

  constructor(path: string, epoch: number, connectors: ReadonlyMap<string, ConnectorState>) {
    this.#path = path;
    this.#epoch = epoch;
    this.#connectors = new Map(connectors);
  }

  async write(entries: readonly JournalEntry[]): Promise<void> {
    const before = { epoch: this.#epoch, connectors: [...this.#connectors.values()] };
    const file = this.#file;
    this.#file = null;
    if (file && this.#staleEntries < staleEntriesMax) {
      await file.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      await file.sync();
      this.#file = file;
    } else {
      await file?.close();
      this.#file = await replace(this.#path, [{ epoch: before.epoch }, ...before.connectors, ...entries]);
      this.#staleEntries = 0;
    }
    this.#staleEntries += entries.length;
    for (const entry of entries) {
      if ("epoch" in entry) this.#epoch = entry.epoch;
      else this.#connectors.set(entry.connector, entry);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** Write beside, then rename: whoever stops half-way leaves the old file whole. */
async function replace(path: string, entries: readonly JournalEntry[]): Promise<FileHandle> {
  const beside = `${path}.tmp`;
  const file = await open(beside, "w", 0o600);
  await file.appendFile(encodeJournal(entries));
  await file.sync();
  await rename(beside, path);
  const folder = await open(dirname(path), "r");
  await folder.sync();
  await folder.close();
  return file;
}

function journaled(memory: MemoryStore, journal: Journal): SchedulerStore {
  return {
    async acquire(holder: string, leaseMs: number): Promise<Lease | null> {
      const lease = await memory.acquire(holder, leaseMs);
      if (lease) await journal.write([{ epoch: lease.epoch }]);
      return lease;
    },
    async commit(lease: Lease, changes: Changes): Promise<boolean> {
      if (!(await memory.holds(lease))) return false;
      if (changes.connectors.length > 0) await journal.write(changes.connectors);
      return memory.commit(lease, changes);
    },
    renew: (lease, leaseMs) => memory.renew(lease, leaseMs),
    release: (lease) => memory.release(lease),
    holds: (lease) => memory.holds(lease),
    load: () => memory.load(),
    statusesOf: (connector) => memory.statusesOf(connector),
    statusesAfter: (after, connectorsMax) => memory.statusesAfter(after, connectorsMax),
    addTopics: (connector, topics) => memory.addTopics(connector, topics),
    topicsOf: (connector) => memory.topicsOf(connector),
    removeTopics: (connector) => memory.removeTopics(connector),
    close: () => journal.close(),
  };
}
