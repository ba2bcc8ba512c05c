import type { Logger, OffsetMap, SourceRecord } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import type { EventMaker } from "../events/event-maker.ts";
import type { Notifier } from "../events/notifications.ts";
import { type SourceNames, sourceBlock, timeOf } from "../events/source-blocks.ts";
import type { StreamState } from "../signals/change-watch.ts";
import type { SnapshotRequest } from "../signals/signal.ts";
import type { TableShape } from "../tables/table-shape.ts";
import type { PgConnection } from "../wire/pg-connection.ts";
import { PgError } from "../wire/pg-error.ts";
import { ChunkReader, type WalkedTable } from "./chunk-reader.ts";
import { IncrementalNotifications, type ScanStatus } from "./incremental-notifications.ts";
import { IncrementalProgress } from "./progress.ts";
import { RowWindow } from "./row-window.ts";
import { expandCollections } from "./table-id.ts";
import type { Watermarks } from "./watermarks.ts";

export interface IncrementalDeps {
  readonly settings: Settings;
  readonly names: SourceNames;
  readonly maker: EventMaker;
  readonly logger: Logger;
  readonly notifier: Notifier;
  readonly watermarks: Watermarks;
  readonly storedOffset: OffsetMap | null;
  /** For queries of its own. */
  connection(): Promise<PgConnection>;
  emit(record: SourceRecord): void;
  readonly stream: StreamState;
  nowMs(): number;
}

/**
 * Reads tables piece by piece while the stream goes on. Each chunk lies between two marks of the log; rows the stream brings
 * in between are not handed over, for the stream's are at least as new. All calls are made while the stream stands still.
 * Each row's offset says that it is done, so that a restart goes on behind it.
 */
export class IncrementalSnapshot {
  readonly #deps: IncrementalDeps;
  readonly #progress: IncrementalProgress;
  readonly #notifications: IncrementalNotifications;
  readonly #window = new RowWindow();
  #reader: ChunkReader | null = null;
  #connection: PgConnection | null = null;
  #paused = false;
  #stops: string[] = [];
  #rowsScanned = 0;
  #placeRead: ReturnType<StreamState["place"]> | null = null;

  constructor(deps: IncrementalDeps) {
    this.#deps = deps;
    this.#progress = IncrementalProgress.of(deps.storedOffset);
    this.#notifications = new IncrementalNotifications(deps.notifier, this.#progress, deps.stream.offset);
    this.#store();
  }

  /** True while rows wait for the mark that ends their window. */
  get waits(): boolean {
    return this.#deps.watermarks.isOpen;
  }

  /** Those still to be read. */
  get tables(): readonly string[] {
    return this.#progress.ids;
  }

  /** Goes on after a restart. */
  async resumeStored(): Promise<void> {
    if (!this.#progress.running) return;
    this.#deps.logger.info("Incremental snapshot goes on.", { tables: this.#progress.ids });
    await this.#readChunk();
  }

  async execute({ id, collections, conditions, surrogateKey }: SnapshotRequest): Promise<void> {
    const idle = !this.#progress.running;
    const ids = expandCollections(collections, await (await this.#chunks()).ids());
    const added = ids.map((table) => {
      const filter = conditions.find(({ matches }) => matches(table))?.filter ?? "";
      return { id: table, condition: filter === "" ? null : filter, surrogateKey };
    });
    this.#progress.add(added, id);
    this.#store();
    if (!idle) return;
    this.#notifications.started();
    await this.#readChunk();
  }

  /** At the end of the chunk under way. No collections: all. */
  stop(collections: readonly string[]): void {
    if (this.#progress.running) this.#stops.push(...(collections.length === 0 ? [".*"] : collections));
  }

  pause(): void {
    if (!this.#progress.running || this.#paused) return;
    this.#paused = true;
    this.#notifications.paused();
  }

  async resume(): Promise<void> {
    if (!this.#progress.running || !this.#paused) return;
    this.#paused = false;
    this.#notifications.resumed();
    await this.#readChunk();
  }

  async marked(edge: "open" | "close", id: string): Promise<void> {
    if (this.#deps.watermarks.marked(edge, id)) await this.#closeWindow();
  }

  /** The stream is at this place. Null: nothing is to be done. */
  reached(lsn: number): Promise<void> | null {
    return this.#deps.watermarks.reached(lsn) ? this.#closeWindow() : null;
  }

  /** A row of the stream, before or after its change. */
  streamed(shape: TableShape, values: readonly unknown[]): void {
    if (this.#deps.watermarks.isOpen) this.#window.drop(shape, values);
  }

  truncated(shape: TableShape): void {
    if (this.#deps.watermarks.isOpen) this.#window.clear(shape);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #closeWindow(): Promise<void> {
    const { settings, names, maker, emit, stream, nowMs } = this.#deps;
    const shape = this.#window.shape;
    const at = settings.readOnly ? this.#placeRead! : stream.place();
    for (const { values, key } of this.#window.take()) {
      this.#progress.sent(key);
      this.#store();
      const source = sourceBlock(names, {
        time: timeOf(nowMs() * 1000),
        snapshot: "incremental",
        commitLsn: at.commitLsn,
        schema: shape!.schema,
        table: shape!.name,
        txId: null,
        lsn: at.lsn,
        xmin: null,
        origin: null,
        originLsn: null,
      });
      emit(maker.row("r", { shape: shape!, source, transaction: null, offset: stream.offset() }, null, values));
    }
    await this.#readChunk();
  }

  async #readChunk(): Promise<void> {
    await this.#applyStops();
    if (!this.#progress.running || this.#paused) return;
    const { watermarks, logger } = this.#deps;
    const connection = await this.#connected();
    this.#placeRead = this.#deps.stream.place();
    try {
      await watermarks.open(connection);
      await this.#fillWindow();
      await watermarks.close(connection);
    } catch (error) {
      if (!isRefused(error)) throw error;
      logger.error("Incremental snapshot given up: its marks cannot be written.", { error: error.message });
      while (this.#progress.running) this.#skip("SQL_EXCEPTION");
    }
    this.#store();
  }

  async #fillWindow(): Promise<void> {
    const reader = await this.#chunks();
    for (let current = this.#progress.current; current !== null; current = this.#progress.current) {
      try {
        const found = await reader.lookUp(current);
        if (found.table === null) this.#skip(found.reason);
        else if (await this.#fillFrom(reader, found.table)) return;
      } catch (error) {
        if (!isRefused(error)) throw error;
        this.#skip("SQL_EXCEPTION", error.message);
      }
    }
  }

  /** False when the table has no more rows. */
  async #fillFrom(reader: ChunkReader, table: WalkedTable): Promise<boolean> {
    const progress = this.#progress;
    progress.types = table.keys.map(({ type }) => type);
    const { id } = progress.current!;
    if (progress.maximum === null) {
      const maximum = await reader.maximum(table);
      if (maximum === null) {
        this.#skip("EMPTY");
        return false;
      }
      progress.begin(maximum);
    }
    const { rows, end } = await reader.read(table, { after: progress.chunkEnd, upTo: progress.maximum }, this.#window);
    this.#rowsScanned += rows;
    if (rows === 0) {
      this.#notifications.scanned(id, this.#rowsScanned, "SUCCEEDED");
      this.#rowsScanned = 0;
      this.#next();
      return false;
    }
    progress.chunkEnd = end;
    this.#notifications.inProgress(id, end!);
    return true;
  }

  #skip(status: ScanStatus, error?: string): void {
    const id = this.#progress.current?.id;
    if (id === undefined) return;
    if (status !== "EMPTY")
      this.#deps.logger.warn("Table skipped by the incremental snapshot.", { table: id, status, error });
    this.#notifications.scanned(id, this.#rowsScanned, status);
    this.#next();
  }

  #next(): void {
    this.#progress.next();
    if (this.#progress.running) return;
    this.#deps.logger.info("Incremental snapshot read.");
    this.#notifications.completed();
    this.#progress.correlationId = null;
  }

  async #applyStops(): Promise<void> {
    if (this.#stops.length === 0) return;
    const wanted = expandCollections(this.#stops, await (await this.#chunks()).ids());
    this.#stops = [];
    const current = this.#progress.current?.id ?? null;
    const stopped = wanted.filter((id) => id !== current && this.#progress.remove(id));
    if (current !== null && wanted.includes(current)) {
      stopped.push(current);
      this.#rowsScanned = 0;
      this.#next();
    }
    this.#notifications.aborted(stopped);
    this.#store();
  }

  #store(): void {
    this.#deps.stream.store(this.#progress.toOffset());
  }

  async #chunks(): Promise<ChunkReader> {
    const connection = await this.#connected();
    this.#reader ??= new ChunkReader(this.#deps.settings, connection);
    return this.#reader;
  }

  async #connected(): Promise<PgConnection> {
    this.#connection ??= await this.#deps.connection();
    return this.#connection;
  }
}

/** The server refuses a statement; not a lost connection. */
function isRefused(error: unknown): error is PgError {
  return error instanceof PgError && !error.retriable;
}
