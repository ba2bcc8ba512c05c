import type { ClientConfig, ConsumedRecord, Producer, RecordHeader, TransactionalProducer } from "../client.ts";
import { isKafkaError, KafkaError } from "../errors.ts";
import type { FakeCluster } from "./cluster.ts";
import type { FaultPoint } from "./faults.ts";
import { partitionOfKey } from "./murmur2.ts";
import type { TransactionFate } from "./partition-log.ts";

type Queued = Omit<ConsumedRecord, "offset">;

/** Records leave the local queue in a microtask of their own, so a burst of sends can fill it. */
export class FakeProducer implements Producer {
  readonly about: string;
  readonly #cluster: FakeCluster;
  readonly #queueRecordsMax: number;
  readonly #recordBytesMax: number;
  readonly #transactionTimeoutMs: number;
  #queue: Queued[] = [];
  #sent = 0;
  #delivering = false;
  #failure: KafkaError | null = null;
  #dead: KafkaError | null = null;
  /** Set while a transaction is open. */
  transaction: { readonly id: string; readonly epoch: number } | null = null;

  constructor(cluster: FakeCluster, config: ClientConfig) {
    this.#cluster = cluster;
    this.about = config["transactional.id"] ?? config["client.id"] ?? "";
    this.#queueRecordsMax = Number(config["queue.buffering.max.messages"] ?? 100_000);
    this.#recordBytesMax = Number(config["max.request.size"] ?? 1_000_000);
    this.#transactionTimeoutMs = Number(config["transaction.timeout.ms"] ?? 60_000);
  }

  send(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null,
  ): boolean {
    if (this.#dead) throw this.#dead;
    const bytes = (value?.length ?? 0) + (key?.length ?? 0);
    if (bytes > this.#recordBytesMax) {
      throw new KafkaError(`a record of ${bytes} bytes is over max.request.size`, {
        code: "MSG_SIZE_TOO_LARGE",
        kind: "invalid",
      });
    }
    if (this.#queue.length >= this.#queueRecordsMax || this.#cluster.faults.queueIsFull(this.about)) return false;
    this.#queue.push({
      topic,
      partition,
      value: value && new Uint8Array(value),
      key: key && new Uint8Array(key),
      headers: (headers ?? []).map((header) => ({
        key: header.key,
        value: header.value && new Uint8Array(header.value),
      })),
      timestampMs: timestampMs === 0 ? this.#cluster.clock.nowMs() : timestampMs,
      timestampType: "CreateTime",
    });
    this.#sent++;
    this.#deliverSoon();
    return true;
  }

  #deliverSoon(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
      this.deliver();
    });
  }

  /** Writes the queued records to their logs. The first failure is kept for `flush` or the commit. */
  deliver(): void {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#dead || queue.length === 0) return;
    for (const record of queue) {
      try {
        this.#write(record);
      } catch (error) {
        if (!isKafkaError(error)) throw error;
        this.#failure ??= error;
      }
    }
    this.#cluster.changed();
  }

  #write(record: Queued): void {
    const cluster = this.#cluster;
    const fault = cluster.faults.take("deliver", `${this.about} ${record.topic}`);
    const failure =
      fault && new KafkaError("injected fault: deliver", { kind: fault.kind, code: fault.code ?? "_FAULT" });
    if (failure && fault.when === "before") throw failure;
    const count = cluster.partitions(record.topic).length;
    const partition = record.partition >= 0 ? record.partition : this.#choose(record.key, count);
    const log = cluster.partition({ topic: record.topic, partition });
    let fate: TransactionFate | null = null;
    if (this.transaction) {
      const { id, epoch } = this.transaction;
      fate = cluster.transactions.write(id, epoch, log, this.#transactionTimeoutMs);
    }
    log.append({ ...record, partition }, fate);
    if (failure) throw failure;
  }

  #choose(key: Uint8Array | null, count: number): number {
    return key ? partitionOfKey(key, count) : Math.floor(this.#cluster.random() * count);
  }

  async drained(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await Promise.resolve();
    this.deliver();
  }

  async flush(_timeoutMs: number): Promise<void> {
    if (this.#dead) throw this.#dead;
    await this.#cluster.faults.run("flush", this.about, () => this.deliver());
    const failure = this.takeFailure();
    if (failure) throw failure;
    this.#sent = 0;
  }

  takeFailure(): KafkaError | null {
    const failure = this.#failure;
    this.#failure = null;
    return failure;
  }

  /** Drops what is still queued. */
  purge(): void {
    this.#queue = [];
    this.#failure = null;
    this.#sent = 0;
  }

  settled(): void {
    this.#sent = 0;
  }

  queued(): number {
    return this.#sent;
  }

  kill(): void {
    this.#dead ??= new KafkaError(`connection lost (${this.about})`, { code: "_TRANSPORT", kind: "fatal" });
    this.#queue = [];
  }

  get dead(): KafkaError | null {
    return this.#dead;
  }

  async close(): Promise<void> {
    this.#dead ??= new KafkaError("this producer is closed: make another", { code: "_STATE", kind: "fatal" });
    this.#queue = [];
    this.#cluster.forget(this);
  }
}

/**
 *   UNINITIALISED ─initTransactions─▶ READY ─begin─▶ IN_TRANSACTION ─commit | abort─▶ READY
 *   IN_TRANSACTION ─commit fails: abortable─▶ IN_TRANSACTION
 *   any ─fenced | fatal | indefinite─▶ DEAD
 */
export class FakeTransactionalProducer implements TransactionalProducer {
  readonly #cluster: FakeCluster;
  readonly #producer: FakeProducer;
  readonly #id: string;
  #epoch: number | null = null;
  #dead: KafkaError | null = null;

  constructor(cluster: FakeCluster, producer: FakeProducer, id: string) {
    this.#cluster = cluster;
    this.#producer = producer;
    this.#id = id;
  }

  initTransactions(_timeoutMs: number): Promise<void> {
    return this.#run("initTransactions", () => {
      this.#epoch = this.#cluster.transactions.init(this.#id);
    });
  }

  beginTransaction(): Promise<void> {
    return this.#run("beginTransaction", () => {
      const epoch = this.#epoch;
      if (epoch === null || this.#producer.transaction) throw outOfOrder("begin");
      this.#producer.transaction = { id: this.#id, epoch };
    });
  }

  commitTransaction(_timeoutMs: number): Promise<void> {
    return this.#run("commitTransaction", () => {
      const { epoch } = this.#inTransaction("commit");
      this.#producer.deliver();
      const failure = this.#producer.takeFailure();
      if (failure?.kind === "fenced") throw failure;
      if (failure) throw abortable(failure);
      this.#cluster.transactions.end(this.#id, epoch, "committed");
      this.#producer.transaction = null;
      this.#producer.settled();
    });
  }

  abortTransaction(_timeoutMs: number): Promise<void> {
    return this.#run("abortTransaction", () => {
      const { epoch } = this.#inTransaction("abort");
      this.#producer.purge();
      this.#cluster.transactions.end(this.#id, epoch, "aborted");
      this.#producer.transaction = null;
    });
  }

  #inTransaction(what: string): { readonly epoch: number } {
    if (!this.#producer.transaction) throw outOfOrder(what);
    return this.#producer.transaction;
  }

  async #run(point: FaultPoint, effect: () => void): Promise<void> {
    const dead = this.#dead ?? this.#producer.dead;
    if (dead) throw dead;
    try {
      await this.#cluster.faults.run(point, this.#id, effect);
    } catch (error) {
      if (isKafkaError(error) && ["fenced", "fatal", "indefinite"].includes(error.kind)) this.#dead = error;
      throw error;
    }
  }

  send(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null,
  ): boolean {
    if (this.#dead) throw this.#dead;
    if (!this.#producer.dead && !this.#producer.transaction) throw outOfOrder("send");
    return this.#producer.send(topic, partition, value, key, timestampMs, headers);
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#producer.drained(signal);
  }

  async flush(timeoutMs: number): Promise<void> {
    try {
      await this.#producer.flush(timeoutMs);
    } catch (error) {
      if (!isKafkaError(error) || error.kind === "fenced" || error.kind === "fatal") throw error;
      throw abortable(error);
    }
  }

  queued(): number {
    return this.#producer.queued();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

function outOfOrder(what: string): KafkaError {
  return new KafkaError(`cannot ${what}: no transaction, or one is open already`, { code: "_STATE", kind: "invalid" });
}

function abortable(cause: KafkaError): KafkaError {
  return new KafkaError(`a record was not written: ${cause.message}`, { code: cause.code, kind: "abortable", cause });
}
