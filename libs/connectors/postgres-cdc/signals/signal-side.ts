import { ConfigError, type OffsetMap, type SourceRecord } from "@millrace/connect";
import type { CaptureDeps } from "../capture/capture.ts";
import type { Notifier } from "../events/notifications.ts";
import { IncrementalSnapshot } from "../incremental/incremental-snapshot.ts";
import { IncrementalProgress } from "../incremental/progress.ts";
import { LogWatermarks, SignalWatermarks, type Watermarks } from "../incremental/watermarks.ts";
import type { TableName } from "../tables/catalog.ts";
import { PgConnection } from "../wire/pg-connection.ts";
import { runBlockingSnapshot } from "./blocking-snapshot.ts";
import type { ChangeWatch, StreamState } from "./change-watch.ts";
import { SignalDesk } from "./signal-desk.ts";
import { SignalFile } from "./signal-file.ts";
import type { SignalSource } from "./signal-source.ts";
import { SignalTopic } from "./signal-topic.ts";

export interface SignalSideDeps {
  readonly capture: CaptureDeps;
  /** Offset the stream goes on from; null when it begins. */
  readonly storedOffset: OffsetMap | null;
  readonly notifier: Notifier;
  readonly stream: StreamState;
  readonly signal: AbortSignal;
  /** `schema.table` of tables to be read beside the stream, although no signal says so. */
  readonly added: readonly string[];
  emit(record: SourceRecord): void;
  /** In the order a snapshot reads them. */
  tables(): Promise<readonly TableName[]>;
  /** Runs it while the stream stands still. */
  exclusively(work: () => Promise<void>): Promise<void>;
}

/** Everything signals need: where they come from and what they set going. */
export class SignalSide {
  readonly #deps: SignalSideDeps;
  readonly #incremental: IncrementalSnapshot | null;
  readonly #desk: SignalDesk;

  constructor(deps: SignalSideDeps) {
    this.#deps = deps;
    const { capture, notifier, stream, signal, tables } = deps;
    const { settings, context } = capture;
    const watermarks = this.#watermarks();
    const nowMs = () => context.nowMs();
    this.#incremental =
      watermarks === null
        ? null
        : new IncrementalSnapshot({
            settings,
            names: capture.names,
            maker: capture.maker,
            logger: context.logger,
            notifier,
            watermarks,
            storedOffset: deps.storedOffset,
            connection: async () => {
              const connection = await PgConnection.open(settings.address, {});
              connection.onLost = (error) => capture.queue.fail(error);
              return connection;
            },
            emit: deps.emit,
            stream,
            nowMs,
          });
    this.#desk = new SignalDesk({
      settings: settings.signals,
      incremental: this.#incremental,
      logger: context.logger,
      blocking: (request) => runBlockingSnapshot({ ...capture, notifier, stream, signal, tables }, request),
      offset: stream.offset,
    });
  }

  /** Null: the stream need not be watched. */
  get watch(): ChangeWatch | null {
    return this.#incremental === null ? null : this.#desk;
  }

  /** Rows wait for the stream to come to some place. */
  get waits(): boolean {
    return this.#incremental?.waits ?? false;
  }

  /** Before the stream begins: what was under way goes on. */
  async start(): Promise<void> {
    await this.#incremental?.resumeStored();
  }

  /** Takes signals from beside the stream until the task stops. */
  async run(): Promise<void> {
    const { capture, signal } = this.#deps;
    const sources = await this.#sources();
    try {
      while (sources.length > 0 && !signal.aborted) {
        for (const source of sources) {
          for (const each of await source.read()) await this.#deps.exclusively(() => this.#desk.act(each));
        }
        await capture.context.sleep(capture.settings.signals.pollIntervalMs, signal).catch(() => {});
      }
    } finally {
      for (const source of sources) await source.close();
    }
  }

  /** Begins to read the added tables, but for those under way since before a restart. */
  async readAdded(): Promise<void> {
    const { added, exclusively } = this.#deps;
    const incremental = this.#incremental;
    if (incremental === null) return;
    const collections = added.filter((id) => !incremental.tables.includes(id)).map(escaped);
    if (collections.length === 0) return;
    const request = {
      id: "added-tables",
      kind: "incremental",
      collections,
      conditions: [],
      surrogateKey: null,
    } as const;
    await exclusively(() => incremental.execute(request));
  }

  async close(): Promise<void> {
    await this.#incremental?.close();
  }

  async #sources(): Promise<SignalSource[]> {
    const { settings, context, names } = this.#deps.capture;
    const { file, topic, unknown } = settings.signals;
    if (unknown.length > 0)
      context.logger.warn("Signal channels not known here are passed over.", { channels: unknown });
    const sources: SignalSource[] = file === null ? [] : [new SignalFile(file, context.logger)];
    if (topic !== null) {
      if (context.openTopic === undefined)
        throw new ConfigError("signal.enabled.channels=kafka: there is no Kafka here.");
      const reader = await context.openTopic(topic.name, topic.client);
      sources.push(new SignalTopic({ reader, key: names.name, waitMs: topic.waitMs, logger: context.logger }));
    }
    return sources;
  }

  #watermarks(): Watermarks | null {
    const { settings, context } = this.#deps.capture;
    const [table] = settings.signals.tables;
    const unsignalled = this.#deps.added.length > 0 || IncrementalProgress.of(this.#deps.storedOffset).running;
    if (settings.readOnly || (table === undefined && unsignalled)) return new LogWatermarks();
    return table === undefined
      ? null
      : new SignalWatermarks(table, settings.incremental.strategy, () => context.nowMs());
  }
}

/** As a regular expression. */
function escaped(id: string): string {
  return id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
