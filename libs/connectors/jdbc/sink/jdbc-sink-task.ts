import {
  ConnectError,
  isConnectError,
  isRetriable,
  RetriableError,
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
import { mayPass, shownError } from "./write-failure.ts";

/** Writes what it is given to tables before `put` ends: one transaction for each `put`. */
export class JdbcSinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: JdbcSinkSettings;
  #link!: SinkLink;
  #writer!: SinkWriter;
  #exactlyOnce: ExactlyOnce | null = null;
  #retriesLeft = 0;

  async start(context: SinkTaskContext): Promise<void> {
    const settings = jdbcSinkSettings(context.config);
    this.#context = context;
    this.#settings = settings;
    this.#retriesLeft = settings.retriesMax;
    const dialect = sinkDialect(parseJdbcUrl(settings.url).product, settings);
    this.#link = new SinkLink(settings, context, context.signal);
    this.#writer = new SinkWriter({ connector: context.connector, settings, dialect, logger: context.logger });
    if (settings.exactlyOnce) this.#exactlyOnce = new ExactlyOnce(context.connector);
    await this.#link.connection();
  }

  async open(partitions: readonly SinkTopicPartition[]): Promise<void> {
    if (this.#exactlyOnce === null) return;
    const stored = await this.#exactlyOnce.open(await this.#link.connection(), partitions);
    for (const { topic, partition, next } of stored) {
      if (next !== null) this.#context.offset({ topic, partition, offset: next });
    }
  }

  async close(partitions: readonly SinkTopicPartition[]): Promise<void> {
    this.#exactlyOnce?.close(partitions);
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      await this.#write(records);
    } catch (error) {
      await this.#failed(records, error);
    }
    this.#retriesLeft = this.#settings.retriesMax;
  }

  async stop(): Promise<void> {
    await this.#link?.drop();
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
    await this.#writer.write(connection, records, before);
    this.#exactlyOnce?.written(records);
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
      return;
    }
    const middle = records.length >> 1;
    for (const half of [records.slice(0, middle), records.slice(middle)]) {
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
