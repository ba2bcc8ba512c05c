import {
  ConnectError,
  isConnectError,
  isRetriable,
  RetriableError,
  type SinkOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type SinkTopicPartition,
} from "@millrace/connect";
import { parseJdbcUrl } from "../connection/jdbc-url.ts";
import { ExactlyOnce } from "./exactly-once.ts";
import { sinkDialect } from "./sink-dialects.ts";
import { SinkLink } from "./sink-link.ts";
import { type JdbcSinkSettings, jdbcSinkSettings } from "./sink-settings.ts";
import { type BeforeRows, SinkWriter } from "./sink-writer.ts";
import { hitsRowTwice, mayPass, shownError } from "./write-failure.ts";
import { WriteQueue } from "./write-queue.ts";

/** A write has failed. `again`: the runtime was asked to come back for another try. */
interface Failure {
  readonly error: unknown;
  readonly again: boolean;
}

/** While the database works on one batch, it has the next one already. */
const BATCHES_IN_FLIGHT = 2;
/** What waits longer for the database costs the garbage collector more than the database gains by larger batches. */
const GATHERED_MAX = 1000;
const GATHERED_BYTES_MAX = 4_000_000;

/**
 * Writes what it is given to tables. While the database works, the next records are read and decoded: `put` ends before they
 * are written, and a later one tells how that went. What comes faster than it is written is gathered to larger batches.
 *
 *   put ──▶ QUEUED (`WriteQueue`; one transaction for each batch) ──▶ written
 *              └─ a batch fails, and all behind it ─▶ PENDING ──put throws RetriableError, the runtime keeps what it put──┐
 *   QUEUED ◀── what is pending was written by itself, or reported ── put again ◀──────────────────────────────────────────┘
 *
 * Until records are written, `preCommit` lets no offset behind them be committed.
 */
export class JdbcSinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: JdbcSinkSettings;
  #link!: SinkLink;
  #writer!: SinkWriter;
  #exactlyOnce: ExactlyOnce | null = null;
  #retriesLeft = 0;
  #overlaps = false;
  #queue!: WriteQueue;
  /** Of writes that have failed. */
  #pending: readonly SinkRecord[] = [];
  #failure: Failure | null = null;

  async start(context: SinkTaskContext): Promise<void> {
    const settings = jdbcSinkSettings(context.config);
    this.#context = context;
    this.#settings = settings;
    this.#retriesLeft = settings.retriesMax;
    const dialect = sinkDialect(parseJdbcUrl(settings.url).product, settings);
    this.#link = new SinkLink(settings, context, context.signal);
    this.#writer = new SinkWriter({ connector: context.connector, settings, dialect, logger: context.logger });
    this.#queue = new WriteQueue({
      batchesMax: BATCHES_IN_FLIGHT,
      gatheredMax: () =>
        Math.min(settings.batchRowsMax, GATHERED_MAX, Math.ceil(GATHERED_BYTES_MAX / this.#writer.largestRowBytes)),
      send: (records) => this.#send(records),
      write: (records) => this.#write(records),
      written: () => {
        this.#retriesLeft = settings.retriesMax;
      },
    });
    // The runtime then looks for the records at fault among those of the very `put` that failed.
    this.#overlaps = context.config["millrace.put.isolate"]?.trim().toLowerCase() !== "true";
    if (settings.exactlyOnce) this.#exactlyOnce = new ExactlyOnce(context.connector);
    await this.#link.connection();
  }

  async open(partitions: readonly SinkTopicPartition[]): Promise<void> {
    if (this.#exactlyOnce === null) return;
    await this.#queue.settled();
    const stored = await this.#exactlyOnce.open(await this.#link.connection(), partitions);
    for (const { topic, partition, next } of stored) {
      if (next !== null) this.#context.offset({ topic, partition, offset: next });
    }
  }

  async close(partitions: readonly SinkTopicPartition[]): Promise<void> {
    await this.#queue.settled();
    this.#collect();
    this.#exactlyOnce?.close(partitions);
    // What was not written comes again, to whoever has the partition then.
    const isGone = ({ originalTopic, originalPartition }: SinkRecord) =>
      partitions.some(({ topic, partition }) => topic === originalTopic && partition === originalPartition);
    this.#pending = this.#pending.filter((record) => !isGone(record));
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0 || !this.#overlaps) await this.#queue.settled();
    await this.#settle();
    if (records.length === 0) return;
    if (this.#overlaps) return this.#enqueue(records);
    try {
      await this.#write(records);
    } catch (error) {
      await this.#failed(records, error);
    }
    this.#done();
  }

  async #enqueue(records: readonly SinkRecord[]): Promise<void> {
    while (!this.#queue.fits(records.length)) {
      await this.#queue.room();
      await this.#settle();
    }
    // Nothing is thrown from here on: what `put` has taken is not given again.
    await this.#queue.add(records);
  }

  /** Of partitions with records that are not written, where these begin. */
  async preCommit(offsets: readonly SinkOffset[]): Promise<readonly SinkOffset[]> {
    await this.#queue.settled();
    this.#collect();
    const starts = new Map<string, number>();
    for (const { originalTopic, originalPartition, originalOffset } of this.#pending) {
      const key = `${originalTopic}-${originalPartition}`;
      starts.set(key, Math.min(originalOffset, starts.get(key) ?? originalOffset));
    }
    if (starts.size === 0) return offsets;
    return offsets.map((end) => ({
      ...end,
      offset: Math.min(end.offset, starts.get(`${end.topic}-${end.partition}`) ?? end.offset),
    }));
  }

  async stop(): Promise<void> {
    await this.#link?.drop();
    await this.#queue?.settled();
  }

  /** Null: not without waiting for what is being written. */
  #send(records: readonly SinkRecord[]): Promise<void> | null {
    const connection = this.#link.current;
    return connection === null || this.#exactlyOnce !== null ? null : this.#writer.send(connection, records);
  }

  /** After a failure, when all is settled: what is left of all that was taken is pending, in order. */
  #collect(): void {
    const { failure } = this.#queue;
    if (failure === null) return;
    this.#pending = this.#queue.take();
    this.#failure = { error: failure.error, again: false };
  }

  /** Deals with a write that has failed: writes again, reports records, or throws. */
  async #settle(): Promise<void> {
    if (this.#queue.failure !== null) await this.#queue.settled();
    this.#collect();
    if (this.#failure?.again === true || hitsRowTwice(this.#failure?.error)) {
      try {
        await this.#write(this.#pending);
        this.#done();
      } catch (error) {
        this.#failure = { error, again: false };
      }
    }
    if (this.#failure === null) return;
    const { error } = this.#failure;
    this.#failure = { error, again: true };
    await this.#failed(this.#pending, error);
    this.#done();
  }

  #done(): void {
    this.#pending = [];
    this.#failure = null;
    this.#retriesLeft = this.#settings.retriesMax;
  }

  async #write(given: readonly SinkRecord[]): Promise<void> {
    const connection = await this.#link.connection();
    let records = given;
    let before: BeforeRows | null = null;
    if (this.#exactlyOnce !== null) {
      records = await this.#exactlyOnce.unwritten(connection, given);
      before = this.#exactlyOnce.advance(records);
    }
    if (records.length === 0) return;
    try {
      await this.#writer.write(connection, records, before);
    } catch (error) {
      if (!hitsRowTwice(error) || records.length === 1) throw error;
      // Keys that differ, and are the same to the database: apart from each other they fit.
      for (const half of halves(records)) await this.#write(half);
      return;
    }
    this.#exactlyOnce?.written(records);
    this.#dealtWith(records);
  }

  /** Written or reported: not again, whatever becomes of those behind. */
  #dealtWith(records: readonly SinkRecord[]): void {
    if (this.#pending[0] === records[0]) this.#pending = this.#pending.slice(records.length);
  }

  /** Another try later, the records at fault to the reporter, or the end of the task. */
  async #failed(records: readonly SinkRecord[], error: unknown): Promise<void> {
    if (mayPass(error)) await this.#retry(records.length, error);
    if (this.#context.errantRecordReporter === null) throw this.#fatal(error);
    await this.#isolate(records, error);
  }

  /** Finds the records at fault by halves, so that all others are written; order is kept. */
  async #isolate(records: readonly SinkRecord[], error: unknown): Promise<void> {
    if (records.length === 1) {
      await this.#context.errantRecordReporter!.report(records[0]!, this.#shown(error));
      return this.#dealtWith(records);
    }
    for (const half of halves(records)) {
      try {
        await this.#write(half);
      } catch (cause) {
        // A database that is busy or gone is no record's fault.
        if (isRetriable(cause)) await this.#retry(half.length, cause);
        await this.#isolate(half, cause);
      }
    }
  }

  /** Throws what lets the same records come again, while there are retries left; then what another try won't change ends it. */
  async #retry(count: number, error: unknown): Promise<void> {
    const shown = this.#shown(error);
    this.#writer.forget();
    this.#exactlyOnce?.uncertain();
    await this.#link.drop();
    this.#context.logger.warn(`Write of ${count} records failed, remainingRetries=${this.#retriesLeft}`, {
      error: shown,
    });
    if (this.#retriesLeft > 0) {
      this.#retriesLeft--;
      this.#context.timeout(this.#settings.retryBackoffMs);
      throw new RetriableError(shown.message, { cause: shown, code: shown.code });
    }
    if (isRetriable(error)) throw this.#fatal(error);
  }

  #fatal(error: unknown): ConnectError {
    const shown = this.#shown(error);
    return isConnectError(error) && !mayPass(error)
      ? shown
      : new ConnectError(`Exception chain:\n${shown}\n`, { cause: shown });
  }

  #shown(error: unknown): ConnectError {
    return shownError(error, this.#settings.trimSensitiveLog);
  }
}

function halves(records: readonly SinkRecord[]): (readonly SinkRecord[])[] {
  const middle = records.length >> 1;
  return [records.slice(0, middle), records.slice(middle)];
}
