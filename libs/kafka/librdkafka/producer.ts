import type { Clock } from "@millrace/time";
import type { Producer, RecordHeader, TransactionalProducer } from "../client.ts";
import { KafkaError } from "../errors.ts";
import { call, closedError, toKafkaError } from "./failure.ts";
import {
  type Callback,
  codeName,
  type NativeError,
  type NativeProducer,
  type PackedRecords,
  type ProducerHandle,
} from "./native.ts";
import { packHeaders } from "./packed-headers.ts";

/** Serves the addon's event queue: delivery failures and errors wait no longer than this. */
const POLL_INTERVAL_MS = 100;
const DRAIN_WAIT_MS_MAX = 50;
/** What an abort does to records still queued: no failure. */
const PURGED = new Set(["_PURGE_QUEUE", "_PURGE_INFLIGHT"]);
const QUEUE_FULL = -184;

/** The addon takes bytes without memory behind them for null, so empty ones must point somewhere. */
const EMPTY = Buffer.from([0]).subarray(0, 0);
const NULL_HEADER = Buffer.alloc(0);
const NO_BYTES = new Uint8Array(0);

export interface ProducerDeps {
  readonly native: NativeProducer;
  /** Null: the addon's own `produce` is used. */
  readonly packed: PackedRecords | null;
  readonly clock: Clock;
  /** What errors name: `client x` or `transactional id x`. */
  readonly about: string;
  readonly transactional: boolean;
}

export class LibrdkafkaProducer implements Producer {
  readonly #deps: ProducerDeps;
  readonly #handle: ProducerHandle;
  readonly #calls = new Set<Promise<unknown>>();
  #sent = 0;
  #sentAtLastDrain = -1;
  #drainWaitMs = 1;
  #flushes = 0;
  #deliveryFailure: KafkaError | null = null;
  /** Of the last record that had any: the next one mostly has the same. */
  #headers: readonly RecordHeader[] | null = null;
  #nativeHeaders: Record<string, Uint8Array>[] = [];
  #packedHeaders: Uint8Array = NO_BYTES;
  #closing: Promise<void> | null = null;

  /** @param deps.native connected. */
  constructor(deps: ProducerDeps) {
    this.#deps = deps;
    this.#handle = deps.native.getClient();
    deps.native.on("delivery-report", (error) => this.#onDeliveryFailure(error));
    deps.native.setPollInterval(POLL_INTERVAL_MS);
  }

  send(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null,
  ): boolean {
    // librdkafka's flush waits for an empty queue: records added meanwhile could keep it waiting for ever.
    if (this.#flushes > 0) return false;
    if (headers !== null && headers !== this.#headers) this.#setHeaders(headers);
    const { packed } = this.#deps;
    const code =
      packed === null
        ? this.#handle.produce(
            topic,
            partition,
            value !== null && value.length === 0 ? EMPTY : value,
            key !== null && key.length === 0 ? EMPTY : key,
            timestampMs,
            undefined,
            headers === null ? undefined : this.#nativeHeaders,
          )
        : packed.produce(
            this.#handle,
            topic,
            partition,
            value,
            key,
            timestampMs,
            headers === null ? null : this.#packedHeaders,
          );
    if (code === 0) {
      this.#sent++;
      return true;
    }
    if (code === QUEUE_FULL) return false;
    throw this.#refused(code, topic);
  }

  /** Headers are never changed once they are sent. */
  #setHeaders(headers: readonly RecordHeader[]): void {
    this.#headers = headers;
    if (this.#deps.packed === null) this.#nativeHeaders = toNativeHeaders(headers);
    else this.#packedHeaders = packHeaders(headers);
  }

  #refused(code: number, topic: string): KafkaError {
    if (this.#closing) return closedError("producer");
    const { about, transactional } = this.#deps;
    return toKafkaError({ code, message: codeName(code) }, "send", `${about}, topic ${topic}`, {
      transactional,
      cause: this.#deliveryFailure ?? undefined,
    });
  }

  /** The addon tells nobody when a record leaves the queue, so this waits a little, longer each time nothing moved. */
  async drained(signal: AbortSignal): Promise<void> {
    const stuck = this.#sent === this.#sentAtLastDrain;
    this.#drainWaitMs = stuck ? Math.min(DRAIN_WAIT_MS_MAX, this.#drainWaitMs * 2) : 1;
    this.#sentAtLastDrain = this.#sent;
    do {
      await this.#deps.clock.sleep(this.#drainWaitMs, signal);
      if (this.#closing) throw closedError("producer");
      this.#deps.native.poll();
    } while (this.#flushes > 0);
  }

  async flush(timeoutMs: number): Promise<void> {
    this.#flushes++;
    try {
      await this.run("flush", (done) => this.#deps.native.flush(timeoutMs, done));
    } finally {
      this.#flushes--;
      await nextTurn();
      const failure = this.takeDeliveryFailure();
      // biome-ignore lint/correctness/noUnsafeFinally: a record that failed explains the flush that timed out.
      if (failure) throw failure;
    }
    this.settled();
  }

  /** Runs one callback call of the addon; `close` waits for it, because the addon frees the client under its feet. */
  run(
    operation: "flush" | "initTransactions" | "beginTransaction" | "commitTransaction" | "abortTransaction",
    start: (done: Callback<void>) => void,
  ): Promise<void> {
    if (this.#closing) return Promise.reject(closedError("producer"));
    const running = call(operation, this.#deps.about, start, this.#deps.transactional);
    this.#calls.add(running);
    const settle = () => this.#calls.delete(running);
    running.then(settle, settle);
    return running;
  }

  get native(): NativeProducer {
    return this.#deps.native;
  }

  /** Everything sent so far is acknowledged or dropped. */
  settled(): void {
    this.#sent = 0;
    this.#sentAtLastDrain = -1;
  }

  takeDeliveryFailure(): KafkaError | null {
    const failure = this.#deliveryFailure;
    this.#deliveryFailure = null;
    return failure;
  }

  #onDeliveryFailure(error: NativeError | null): void {
    if (!error || this.#deliveryFailure || PURGED.has(codeName(error.code))) return;
    const { about, transactional } = this.#deps;
    this.#deliveryFailure = toKafkaError(error, "flush", about, { transactional });
  }

  /** An upper bound: records sent since the last flush, commit or abort. The addon does not say how many are left. */
  queued(): number {
    return this.#sent;
  }

  close(): Promise<void> {
    this.#closing ??= this.#disconnect();
    return this.#closing;
  }

  async #disconnect(): Promise<void> {
    await Promise.allSettled(this.#calls);
    await new Promise<void>((resolve) => this.#deps.native._disconnect(resolve));
  }
}

function toNativeHeaders(headers: readonly RecordHeader[]): Record<string, Uint8Array>[] {
  return headers.map(({ key, value }) => ({
    [key]: value === null ? NULL_HEADER : value.length === 0 ? EMPTY : value,
  }));
}

/** Delivery reports and call results come through two handles of the event loop; after a turn both are served. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * librdkafka asks again only after 500 ms when the coordinator is still ending the predecessor's transaction, which
 * takes it some 10 ms. A fresh producer asks at once, so the first tries are short.
 */
const INIT_TRY_MS = [100, 400, Number.POSITIVE_INFINITY];

/**
 *   UNINITIALISED ─initTransactions─▶ READY ─begin─▶ IN_TRANSACTION ─commit | abort─▶ READY
 *        ↺ initTransactions timed out (new native producer)
 *   IN_TRANSACTION ─flush or commit fails: abortable─▶ TAINTED ─abort (new native producer, initialised)─▶ READY
 *   any ─fenced | fatal | indefinite─▶ DEAD (every later call throws the same error)
 *
 * librdkafka itself refuses calls out of order; only TAINTED and DEAD are kept here. A record that failed leaves a gap
 * in the sequence numbers that makes librdkafka's next transaction fail too, hence the new one. Closing does not abort an open transaction.
 */
export class LibrdkafkaTransactionalProducer implements TransactionalProducer {
  readonly #connect: () => Promise<LibrdkafkaProducer>;
  readonly #clock: Clock;
  #producer: LibrdkafkaProducer;
  #dead: KafkaError | null = null;
  #tainted = false;
  #closed = false;

  constructor(producer: LibrdkafkaProducer, deps: { connect: () => Promise<LibrdkafkaProducer>; clock: Clock }) {
    this.#producer = producer;
    this.#connect = deps.connect;
    this.#clock = deps.clock;
  }

  async initTransactions(timeoutMs: number): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    for (const tryMs of INIT_TRY_MS) {
      const leftMs = Math.max(1, Math.ceil(deadlineMs - this.#clock.monotonicMs()));
      try {
        const waitMs = Math.min(tryMs, leftMs);
        return await this.#run("initTransactions", (native, done) => native.initTransactions(waitMs, done));
      } catch (error) {
        const again = error instanceof KafkaError && error.kind === "retriable" && tryMs < leftMs && !this.#closed;
        if (!again) throw error;
      }
      await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    await this.#producer.close();
    this.#producer = await this.#connect();
    if (!this.#closed) return;
    await this.#producer.close();
    throw closedError("producer");
  }

  beginTransaction(): Promise<void> {
    return this.#run("beginTransaction", (native, done) => native.beginTransaction(done));
  }

  async commitTransaction(timeoutMs: number): Promise<void> {
    await this.#run("commitTransaction", (native, done) => native.commitTransaction(timeoutMs, done));
    this.#producer.settled();
  }

  async abortTransaction(timeoutMs: number): Promise<void> {
    await this.#run("abortTransaction", (native, done) => native.abortTransaction(timeoutMs, done));
    this.#producer.takeDeliveryFailure();
    this.#producer.settled();
    if (!this.#tainted) return;
    try {
      await this.#renew();
      await this.initTransactions(timeoutMs);
      this.#tainted = false;
    } catch (cause) {
      const message = "the transaction was aborted, but the producer could not be renewed: close it and make another";
      this.#dead = new KafkaError(message, { code: "_FATAL", kind: "fatal", cause });
      throw this.#dead;
    }
  }

  async #run(
    operation: "initTransactions" | "beginTransaction" | "commitTransaction" | "abortTransaction",
    start: (native: NativeProducer, done: Callback<void>) => void,
  ): Promise<void> {
    if (this.#dead) throw this.#dead;
    const producer = this.#producer;
    try {
      await producer.run(operation, (done) => start(producer.native, done));
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<unknown> {
    if (!(error instanceof KafkaError)) return error;
    if (error.kind === "fenced" || error.kind === "fatal" || error.kind === "indefinite") this.#dead = error;
    if (error.kind === "abortable") this.#tainted = true;
    await nextTurn();
    const cause = this.#producer.takeDeliveryFailure();
    if (!cause || error.kind !== "abortable") return error;
    return new KafkaError(`${error.message}; first failed record: ${cause.message}`, {
      code: error.code,
      kind: error.kind,
      cause,
    });
  }

  send(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null,
  ): boolean {
    if (this.#dead !== null) throw this.#dead;
    return this.#producer.send(topic, partition, value, key, timestampMs, headers);
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#producer.drained(signal);
  }

  async flush(timeoutMs: number): Promise<void> {
    if (this.#dead) throw this.#dead;
    try {
      await this.#producer.flush(timeoutMs);
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  queued(): number {
    return this.#producer.queued();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#producer.close();
  }
}
