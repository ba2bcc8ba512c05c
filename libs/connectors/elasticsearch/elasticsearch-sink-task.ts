import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import {
  ConnectError,
  DataError,
  noMetrics,
  type SinkOffset,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type SinkTopicPartition,
} from "@millrace/connect";
import type { Write } from "./bulk/batch.ts";
import type { ItemError, ItemOutcome } from "./bulk/bulk-answer.ts";
import { BulkWriter, noRoom } from "./bulk/bulk-writer.ts";
import { type SinkSettings, sinkSettings } from "./config/settings.ts";
import { DocumentText } from "./documents/document-text.ts";
import { type OperationRules, operationOf, recordText } from "./documents/operation.ts";
import { HttpClient } from "./http/http-client.ts";
import type { RetryDeps } from "./http/retry.ts";
import { OffsetTracker, type TrackedRecord } from "./offset-tracker.ts";
import { Resources } from "./resources.ts";

/** A record whose document is waiting or on its way. */
interface Owner {
  readonly record: SinkRecord;
  readonly tracked: TrackedRecord;
}

/** How long a commit waits for what is on its way, so that little of it comes again. */
const COMMIT_WAIT_MS = 1000;
const STOP_WAIT_MS = 3000;
/** Records behind one that is not done, in buffers: more are not taken. */
const TRACKED_BUFFERS_MAX = 10;
const BULK_PATH = "/_bulk?filter_path=errors,items.*.status,items.*.error";
const LAST_LINE = "Please check DLQ topic for errors.";

/**
 * Writes records as documents. `put` only hands them to the bulk writer; an offset may be committed when Elasticsearch, or
 * the dead letter queue, has every record before it (I6). What fails shows in the next call.
 */
export class ElasticsearchSinkTask implements SinkTask {
  #context!: SinkTaskContext;
  #settings!: SinkSettings;
  #client: HttpClient | null = null;
  #writer!: BulkWriter<Owner>;
  #resources!: Resources;
  #rules!: OperationRules;
  #offsets = new OffsetTracker();
  /** Reports to the dead letter queue that are on their way. */
  #reports = 0;
  #ended = new AbortController();
  #retries = noMetrics.counter("", { help: "" });
  #refusals = noMetrics.counter("", { help: "" });

  start(context: SinkTaskContext): void {
    const settings = sinkSettings(context.config);
    const { batch, document, resource } = settings;
    const client = new HttpClient(settings.http, () => context.nowMs());
    const { signal } = this.#ended;
    // Each request and each wait has one.
    setMaxListeners(0, signal);
    const retry: RetryDeps = {
      settings: settings.retry,
      signal,
      sleep: (delayMs, ended) => context.sleep(delayMs, ended),
      random: () => randomInt(2 ** 32) / 2 ** 32,
      retrying: (what, reason, delayMs) => {
        this.#retries.add();
        context.logger.warn("trying again after a failed request", { what, reason, delayMs });
      },
    };
    this.#measure(context);
    this.#context = context;
    this.#settings = settings;
    this.#client = client;
    this.#rules = {
      settings: document,
      documents: new DocumentText(document.compactMaps),
      inFlightMax: batch.inFlightMax,
    };
    this.#resources = new Resources({
      request: (request) => client.request(request),
      settings: resource,
      dataStream: document.dataStream,
      retry,
    });
    this.#writer = new BulkWriter({
      settings: batch,
      retry,
      send: (lines) =>
        client.request({
          method: "POST",
          path: BULK_PATH,
          body: { text: lines, type: "application/x-ndjson" },
          signal,
        }),
      landed: (write, outcome) => this.#landed(write, outcome),
    });
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    this.#writer.throwIfFailed();
    // All at once: what is not handed on below, because the task is stopped, must not count as written.
    const owners = records.map((record) => ({ record, tracked: this.#track(record) }));
    // Without a turn of the event loop for each record: mostly there is room, and the index is known.
    for (const owner of owners) {
      if (!this.#hasRoom() && !(await this.#untilRoom())) return;
      const preparing = this.#write(owner);
      if (preparing !== null) await preparing;
    }
  }

  async preCommit(offsets: readonly SinkOffset[]): Promise<readonly SinkOffset[]> {
    const { flushSynchronously, flushTimeoutMs } = this.#settings;
    const waitMs = this.#context.signal.aborted ? STOP_WAIT_MS : COMMIT_WAIT_MS;
    this.#writer.flush();
    const limitMs = flushSynchronously ? flushTimeoutMs : Math.min(waitMs, flushTimeoutMs);
    const written = () => this.#writer.held === 0 && this.#reports === 0;
    const all = await this.#writer.until(written, limitMs, this.#ended.signal);
    if (!all && flushSynchronously) throw new ConnectError(`Documents were not written within ${flushTimeoutMs} ms`);
    return this.#offsets.committable(offsets);
  }

  close(partitions: readonly SinkTopicPartition[]): void {
    this.#offsets.forget(partitions);
  }

  async stop(): Promise<void> {
    this.#ended.abort(new ConnectError("The task has ended"));
    const client = this.#client;
    this.#client = null;
    await client?.close();
  }

  #measure({ metrics }: SinkTaskContext): void {
    const read = () => this.#writer.held;
    metrics.gauge("elasticsearch_held_records", { help: "Records that are not documents yet.", read });
    const refused = "Documents that Elasticsearch refused.";
    this.#refusals = metrics.counter("elasticsearch_refused_documents_total", { help: refused });
    this.#retries = metrics.counter("elasticsearch_retries_total", { help: "Requests and documents sent again." });
  }

  #track({ originalTopic, originalPartition, originalOffset }: SinkRecord): TrackedRecord {
    return this.#offsets.add({ topic: originalTopic, partition: originalPartition }, originalOffset);
  }

  #hasRoom(): boolean {
    const { bufferedMax } = this.#settings.batch;
    if (this.#writer.held >= bufferedMax) return false;
    if (this.#offsets.count <= TRACKED_BUFFERS_MAX * bufferedMax) return true;
    this.#offsets.prune();
    return this.#offsets.count <= TRACKED_BUFFERS_MAX * bufferedMax;
  }

  /** False: the task is asked to stop. @throws ConnectError when there is no room for too long. */
  async #untilRoom(): Promise<boolean> {
    const { signal } = this.#context;
    this.#writer.flush();
    if (await this.#writer.until(() => this.#hasRoom(), this.#settings.flushTimeoutMs, signal)) return true;
    if (signal.aborted) return false;
    throw noRoom();
  }

  /** Null when the record has been handed on. */
  #write(owner: Owner): Promise<void> | null {
    const { record } = owner;
    const { document } = this.#settings;
    const hasValue = record.value !== null && record.value !== undefined;
    try {
      const resource = this.#resources.nameOf(record.topic);
      const maps = hasValue && !document.ignoresSchema(record.topic);
      const needed = hasValue || document.onNull === "delete";
      if (needed && !this.#resources.isReady(resource, maps)) return this.#prepare(owner, resource, maps);
      this.#handOn(owner, resource);
      return null;
    } catch (error) {
      return this.#invalid(owner, error);
    }
  }

  async #prepare(owner: Owner, resource: string, maps: boolean): Promise<void> {
    try {
      await this.#resources.prepare(resource, maps ? owner.record.valueSchema : undefined);
      this.#handOn(owner, resource);
    } catch (error) {
      await this.#invalid(owner, error);
    }
  }

  #handOn(owner: Owner, resource: string): void {
    const operation = operationOf(owner.record, resource, this.#rules);
    if (operation === null) this.#skip(owner);
    else this.#writer.add({ operation, bytes: Buffer.byteLength(operation.text), owner });
  }

  /** A record that cannot become a document. @throws whatever else it was, and that too unless it is to be dropped. */
  async #invalid(owner: Owner, error: unknown): Promise<void> {
    if (!(error instanceof DataError)) throw error;
    const { dropInvalid } = this.#settings;
    const reported = this.#report(owner, error, dropInvalid);
    if (!dropInvalid) {
      await reported;
      throw error;
    }
    this.#context.logger.error("cannot convert a record", { record: recordText(owner.record), reason: error.message });
  }

  /** Nothing to write: as Confluent's connector, ignored nulls are reported. */
  #skip(owner: Owner): void {
    const ignored = this.#settings.document.onNull === "ignore" && this.#context.errantRecordReporter !== null;
    if (ignored) void this.#report(owner, new ConnectError("Cannot write null valued record."));
    else owner.tracked.done = true;
  }

  #landed({ owner, operation }: Write<Owner>, outcome: Exclude<ItemOutcome, { kind: "busy" }>): void {
    if (outcome.kind === "done") owner.tracked.done = true;
    else if (outcome.kind === "stale") this.#stale(owner, operation.versioned, outcome.error);
    else {
      const { onMalformed } = this.#settings;
      const fails = outcome.kind === "failed" || onMalformed === "fail";
      this.#refused(owner, outcome.error, outcome.kind === "failed" ? "fail" : onMalformed);
      const reported = this.#reportItem(owner, outcome.error, !fails);
      if (fails) void reported.then(() => this.#writer.fail(new ConnectError(`Indexing record failed. ${LAST_LINE}`)));
    }
  }

  /** By its own version: a record that came again, or late. Without: somebody else wrote the document. */
  #stale(owner: Owner, versioned: boolean, error: ItemError): void {
    if (versioned || this.#settings.document.dataStream) {
      owner.tracked.done = true;
      return;
    }
    this.#context.logger.warn("version conflict", { record: recordText(owner.record) });
    void this.#reportItem(owner, error, true);
  }

  #refused({ record }: Owner, error: ItemError, behavior: SinkSettings["onMalformed"]): void {
    const { logger } = this.#context;
    this.#refusals.add();
    const reason = this.#settings.logSensitive ? `${error.type}: ${error.reason}` : error.type;
    const fields = { record: recordText(record), reason };
    if (behavior === "ignore") logger.debug("Elasticsearch refused a document", fields);
    else if (behavior === "warn") logger.warn("Elasticsearch refused a document", fields);
    else logger.error("Elasticsearch refused a document", fields);
  }

  #reportItem(owner: Owner, { type, reason }: ItemError, settles: boolean): Promise<void> {
    return this.#report(owner, new ConnectError(`Indexing failed: ${type}: ${reason}`), settles);
  }

  /** Resolves when it is durable, or nobody takes reports. The record is done only then; never, when it fails the task. */
  async #report({ record, tracked }: Owner, error: unknown, settles = true): Promise<void> {
    const { errantRecordReporter } = this.#context;
    this.#reports++;
    try {
      await errantRecordReporter?.report(record, error);
      if (settles) tracked.done = true;
    } catch (lost) {
      this.#writer.fail(lost);
    } finally {
      this.#reports--;
      this.#writer.wake();
    }
  }
}
