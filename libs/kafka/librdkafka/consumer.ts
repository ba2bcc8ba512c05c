import type { Clock } from "@millrace/time";
import type { ConsumedRecord, Consumer, RebalanceListener, TopicPartition, TopicPartitionOffset } from "../client.ts";
import { KafkaError } from "../errors.ts";
import { call, closedError, toKafkaError } from "./failure.ts";
import { codeName, type NativeConsumer, type NativeError } from "./native.ts";
import { toPosixPattern } from "./posix-pattern.ts";
import { partitionKey, ReadBuffer } from "./read-buffer.ts";
import type { RecordReader } from "./record-reader.ts";

/** A native read holds a thread and delays `close`, so long polls are cut into slices. */
const SLICE_MS = 100;
/** Until every partition has reached its end once: the addon does not return early for an end alone. */
const CATCH_UP_SLICE_MS = 10;
const COMMIT_SLICE_MS = 10;
const RETRY_MS = 10;
const LEAVE_TIMEOUT_MS = 10_000;

export interface ConsumerDeps {
  readonly native: NativeConsumer;
  readonly read: RecordReader;
  readonly clock: Clock;
  readonly about: string;
  /** Bound of a single request to the brokers. */
  readonly apiTimeoutMs: number;
}

/**
 * Rebalance:  STABLE ─librdkafka revokes─▶ REVOKING (listener runs; offsets may be committed) ─unassign─▶ STABLE
 *             STABLE ─librdkafka assigns─▶ ASSIGNING (listener runs; seek sets where to start) ─assign─▶ STABLE
 * librdkafka waits for the assign or unassign call, so rebalances never overlap; `poll` returns no record meanwhile.
 */
export class LibrdkafkaConsumer implements Consumer {
  readonly #deps: ConsumerDeps;
  readonly #buffer = new ReadBuffer();
  readonly #owned = new Map<string, TopicPartition>();
  readonly #catchingUp = new Set<string>();
  readonly #paused = new Set<string>();
  #listener: RebalanceListener | null = null;
  /** While the listener's `assigned` runs: where it wants partitions to start. */
  #starts: Map<string, number> | null = null;
  #rebalance: Promise<void> | null = null;
  #failure: unknown = null;
  #commitResult: ((error: NativeError | undefined) => void) | null = null;
  #commits: Promise<unknown> = Promise.resolve();
  /** Native reads and seeks, one at a time. */
  #reads: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(deps: ConsumerDeps) {
    this.#deps = deps;
  }

  async subscribe(
    topics: readonly string[] | { readonly pattern: string },
    listener: RebalanceListener,
  ): Promise<void> {
    this.#listener = listener;
    const names = "pattern" in topics ? [toPosixPattern(topics.pattern)] : topics;
    this.#native("subscribe", () => this.#deps.native.subscribe(names));
  }

  async assign(partitions: readonly TopicPartitionOffset[]): Promise<void> {
    await this.#exclusive(async () => {
      this.#buffer.forget(this.assignment());
      this.#owned.clear();
      this.#catchingUp.clear();
      this.#native("assign", () => this.#deps.native.assign(partitions));
      for (const partition of partitions) {
        this.#own(partition);
        if (partition.offset >= 0) this.#buffer.setPosition(partition, partition.offset);
      }
    });
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#owned.values()];
  }

  async poll(recordsMax: number, timeoutMs: number): Promise<readonly ConsumedRecord[]> {
    const { clock } = this.#deps;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (;;) {
      this.#check();
      if (!this.#rebalance) {
        const records = this.#buffer.take(recordsMax, this.#paused);
        if (records.length > 0) return records;
      }
      const leftMs = Math.max(0, Math.ceil(deadlineMs - clock.monotonicMs()));
      const sliceMs = Math.min(leftMs, this.#catchingUp.size > 0 ? CATCH_UP_SLICE_MS : SLICE_MS);
      if (this.#rebalance) await Promise.race([this.#rebalance, clock.sleep(sliceMs)]);
      else if (await this.#exclusive(() => this.#read(recordsMax, sliceMs))) return this.#atEnd(recordsMax);
      if (this.#closing) return [];
      if (leftMs === 0) return this.#rebalance ? [] : this.#buffer.take(recordsMax, this.#paused);
    }
  }

  /** An end was reached: returns at once, so that the caller sees the new position. */
  #atEnd(recordsMax: number): readonly ConsumedRecord[] {
    return this.#rebalance ? [] : this.#buffer.take(recordsMax, this.#paused);
  }

  /** @returns whether a partition's end was reached. */
  async #read(recordsMax: number, timeoutMs: number): Promise<boolean> {
    const read = await this.#deps.read(timeoutMs, recordsMax);
    this.#buffer.add(read, (partition) => this.#owned.has(partitionKey(partition)));
    for (const end of read.ends) this.#catchingUp.delete(partitionKey(end));
    // As in Java, a subscribed topic need not exist yet.
    if (read.error !== null && !(this.#listener && codeName(read.error.code) === "UNKNOWN_TOPIC_OR_PART")) {
      const failure = toKafkaError(read.error, "consume", this.#deps.about);
      if (read.records.length === 0) throw failure;
      // What was read before it is returned first.
      this.#failure ??= failure;
    }
    return read.ends.length > 0;
  }

  position(partition: TopicPartition): number | null {
    return this.#buffer.position(partition);
  }

  endOffset({ topic, partition }: TopicPartition): number | null {
    try {
      const { highOffset } = this.#deps.native.getWatermarkOffsets(topic, partition);
      return highOffset >= 0 ? highOffset : null;
    } catch {
      return null;
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(partitionKey(partition));
    this.#native("pause", () => this.#deps.native.pause(this.#assigned(partitions)));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(partitionKey(partition));
    this.#native("resume", () => this.#deps.native.resume(this.#assigned(partitions)));
  }

  #assigned(partitions: readonly TopicPartition[]): TopicPartition[] {
    return partitions.filter((partition) => this.#owned.has(partitionKey(partition)));
  }

  async seek(to: TopicPartitionOffset): Promise<void> {
    if (this.#starts) {
      this.#starts.set(partitionKey(to), to.offset);
      return;
    }
    await this.#exclusive(async () => {
      this.#check();
      this.#buffer.drop([to]);
      await this.#seekWhenFetching(to);
      this.#buffer.setPosition(to, to.offset);
      this.#catchingUp.add(partitionKey(to));
    });
  }

  /** librdkafka refuses to seek (_STATE) until its own start of a partition just assigned is done. */
  async #seekWhenFetching(to: TopicPartitionOffset): Promise<void> {
    const { native, clock, about, apiTimeoutMs } = this.#deps;
    const deadlineMs = clock.monotonicMs() + apiTimeoutMs;
    for (;;) {
      try {
        return await call("consume", `${about}, seek`, (done) => native.seek(to, apiTimeoutMs, done));
      } catch (error) {
        const starting = error instanceof KafkaError && error.code === "_STATE";
        if (!starting || clock.monotonicMs() >= deadlineMs) throw error;
      }
      await clock.sleep(RETRY_MS);
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]> {
    this.#check();
    const { native, about, apiTimeoutMs } = this.#deps;
    const found = await call<readonly { topic: string; partition: number; offset?: number }[]>(
      "commitOffsets",
      `${about}, reading committed offsets`,
      (done) => native.committed([...partitions], apiTimeoutMs, done),
    );
    return found.flatMap(({ topic, partition, offset }) =>
      offset === undefined || offset < 0 ? [] : [{ topic, partition, offset }],
    );
  }

  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const committing = this.#commits.then(() => this.#commit(offsets));
    this.#commits = committing.catch(() => {});
    return committing;
  }

  /** The result arrives only while somebody reads: whoever polls anyway, or this loop, whose records go to the buffer. */
  async #commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    this.#check();
    if (offsets.length === 0) return;
    const { native, clock, about, apiTimeoutMs } = this.#deps;
    const deadlineMs = clock.monotonicMs() + apiTimeoutMs;
    let outcome: { readonly error: NativeError | undefined } | null = null;
    const result = new Promise<void>((resolve) => {
      this.#commitResult = (error) => {
        outcome = { error };
        resolve();
      };
    });
    this.#native("commitOffsets", () => native.commit(offsets));
    while (outcome === null) {
      if (clock.monotonicMs() >= deadlineMs) throw toKafkaError(TIMED_OUT, "commitOffsets", about);
      await Promise.race([result, this.#exclusive(() => this.#read(1, COMMIT_SLICE_MS))]);
    }
    const { error } = outcome as { readonly error: NativeError | undefined };
    if (error) throw toKafkaError(error, "commitOffsets", about);
  }

  /** `offset_commit_cb` of librdkafka. */
  onCommitted(error: NativeError | undefined): void {
    this.#commitResult?.(error);
    this.#commitResult = null;
  }

  /** `rebalance_cb` of librdkafka. */
  onRebalance(error: NativeError | undefined, partitions: readonly TopicPartition[]): void {
    const kind = codeName(error?.code ?? 0);
    const running = kind === "_ASSIGN_PARTITIONS" ? this.#assigning(partitions) : this.#revoking(kind, partitions);
    this.#rebalance = running
      .catch((failure) => {
        this.#failure ??= failure;
      })
      .finally(() => {
        this.#rebalance = null;
      });
  }

  async #assigning(partitions: readonly TopicPartition[]): Promise<void> {
    const { native } = this.#deps;
    const starts = new Map<string, number>();
    this.#starts = starts;
    try {
      if (partitions.length > 0) await this.#listener?.assigned(partitions);
    } finally {
      this.#starts = null;
      const from = partitions.map(({ topic, partition }) => {
        const offset = starts.get(partitionKey({ topic, partition }));
        return offset === undefined ? { topic, partition } : { topic, partition, offset };
      });
      for (const partition of from) {
        this.#own(partition);
        if (partition.offset !== undefined) this.#buffer.setPosition(partition, partition.offset);
      }
      if (native.rebalanceProtocol() === "COOPERATIVE") native.incrementalAssign(from);
      else native.assign(from);
      const paused = from.filter((partition) => this.#paused.has(partitionKey(partition)));
      if (paused.length > 0) native.pause(paused);
    }
  }

  async #revoking(kind: string, partitions: readonly TopicPartition[]): Promise<void> {
    const { native } = this.#deps;
    const lost = kind !== "_REVOKE_PARTITIONS" || native.assignmentLost();
    for (const partition of partitions) this.#disown(partition);
    this.#buffer.drop(partitions);
    try {
      if (partitions.length > 0) await this.#listener?.[lost ? "lost" : "revoked"](partitions);
    } finally {
      this.#buffer.forget(partitions);
      if (native.rebalanceProtocol() === "COOPERATIVE") native.incrementalUnassign(partitions);
      else native.unassign();
    }
  }

  #own(partition: TopicPartition): void {
    const key = partitionKey(partition);
    this.#owned.set(key, { topic: partition.topic, partition: partition.partition });
    this.#catchingUp.add(key);
  }

  #disown(partition: TopicPartition): void {
    const key = partitionKey(partition);
    this.#owned.delete(key);
    this.#catchingUp.delete(key);
    this.#paused.delete(key);
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  /** Leaves the group first: during the addon's own disconnect the listener could no longer commit. */
  async #leave(): Promise<void> {
    const { native, clock } = this.#deps;
    if (this.#listener && (this.#owned.size > 0 || this.#rebalance)) {
      const deadlineMs = clock.monotonicMs() + LEAVE_TIMEOUT_MS;
      native.unsubscribe();
      while ((this.#owned.size > 0 || this.#rebalance) && clock.monotonicMs() < deadlineMs) {
        if (this.#rebalance) await this.#rebalance;
        else await this.#exclusive(() => this.#read(1, COMMIT_SLICE_MS)).catch(() => {});
      }
    }
    await this.#exclusive(() => new Promise<void>((resolve) => native.disconnect(resolve)));
  }

  #check(): void {
    if (this.#closing && !this.#rebalance) throw closedError("consumer");
    if (this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    throw failure;
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const running = this.#reads.then(run);
    this.#reads = running.catch(() => {});
    return running;
  }

  /** The addon's synchronous calls throw its own errors. */
  #native(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      throw toKafkaError(error as NativeError, "consume", `${this.#deps.about}, ${what}`);
    }
  }
}

const TIMED_OUT: NativeError = { code: -185, message: "no answer from the group coordinator" };
