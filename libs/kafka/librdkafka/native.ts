import { createRequire } from "node:module";

/** The part of @confluentinc/kafka-javascript's callback client that the adapter calls. Never pass `opaque`: it leaks. */
export interface Addon {
  readonly Producer: new (config: NativeConfig) => NativeProducer;
  readonly KafkaConsumer: new (config: NativeConfig) => NativeConsumer;
  readonly AdminClient: { create(config: NativeConfig): NativeAdmin };
  readonly CODES: { readonly ERRORS: Readonly<Record<string, number>> };
}

export type NativeConfig = Readonly<
  Record<string, string | number | boolean | ((error: NativeError | undefined, partitions: NativePartition[]) => void)>
>;

export interface NativeError {
  readonly message: string;
  readonly code: number;
  readonly isFatal?: boolean;
  readonly isRetriable?: boolean;
  readonly isTxnRequiresAbort?: boolean;
}

export type Callback<T> = (error: NativeError | null | undefined, value: T) => void;

export interface NativePartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
  readonly error?: NativeError;
}

export interface NativeMessage {
  readonly value: Uint8Array | null;
  /** Of the value, in bytes. */
  readonly size: number;
  readonly key: Uint8Array | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** One object per header, its name the only property. */
  readonly headers?: readonly Readonly<Record<string, Uint8Array>>[];
}

export interface EofEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface NativeEvents {
  on(event: "event.error", listener: (error: NativeError) => void): this;
  on(event: "event.log", listener: (log: { fac?: string; message?: string }) => void): this;
  on(event: "delivery-report", listener: (error: NativeError | null) => void): this;
}

interface NativeClient extends NativeEvents {
  connect(metadata: { allTopics: boolean; timeout: number }, done: Callback<unknown>): void;
  getMetadata(options: { topic?: string; allTopics?: boolean; timeout: number }, done: Callback<unknown>): void;
}

/** The addon's own object below the JavaScript wrapper: no argument checks, no event per record. */
export interface ProducerHandle {
  /** Returns an error code, 0 when queued. */
  produce(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    opaque: undefined,
    headers: readonly Record<string, Uint8Array>[] | undefined,
  ): number;
}

/** `packed-records` */
export interface PackedRecords {
  /** The version of the addon it was compiled for. */
  readonly addonVersion: string;
  /**
   * As the handle's own, and several times faster where there are headers. `headers`: names and values in turns, each as its
   * length in four bytes and the bytes; the length of a null value is -1.
   */
  produce(
    handle: ProducerHandle,
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestampMs: number,
    headers: Uint8Array | null,
  ): number;
  /**
   * As the handle's own, with one object a read, not six a record. Ends after `recordsMax`, or with the record that fills
   * `bytesMax`. A `code` that is not 0 came after what was read, and `why` says it in words.
   */
  consume(
    handle: ConsumerHandle,
    timeoutMs: number,
    recordsMax: number,
    bytesMax: number,
    done: (code: number, why: string, rows: Uint8Array, topics: readonly string[], bytes: Uint8Array) => void,
  ): void;
}

/** For each record and each end of a partition a row of numbers, its topic an index in `topics`; keys, values and headers in `bytes`. */
export interface PackedRead {
  readonly rows: Uint8Array;
  readonly topics: readonly string[];
  readonly bytes: Uint8Array;
}

export interface NativeProducer extends NativeClient {
  getClient(): ProducerHandle;
  setPollInterval(intervalMs: number): void;
  /** Serves waiting events; a record reported delivered leaves the local queue only then. */
  poll(): void;
  flush(timeoutMs: number, done: Callback<void>): void;
  initTransactions(timeoutMs: number, done: Callback<void>): void;
  beginTransaction(done: Callback<void>): void;
  commitTransaction(timeoutMs: number, done: Callback<void>): void;
  abortTransaction(timeoutMs: number, done: Callback<void>): void;
  /** Disconnects without the flush that `disconnect` does first. */
  _disconnect(done: () => void): void;
}

export interface ConsumerHandle {
  consume(
    timeoutMs: number,
    recordsMax: number,
    timeoutOnlyForFirst: boolean,
    done: (error: NativeError | null, messages: NativeMessage[], eofs: EofEvent[]) => void,
  ): void;
}

export interface NativeConsumer extends NativeClient {
  getClient(): ConsumerHandle;
  subscribe(topics: readonly string[]): void;
  unsubscribe(): void;
  assign(partitions: readonly NativePartition[]): void;
  unassign(): void;
  incrementalAssign(partitions: readonly NativePartition[]): void;
  incrementalUnassign(partitions: readonly NativePartition[]): void;
  assignmentLost(): boolean;
  /** What the client knows without asking; -1001: nothing. Throws while it is not connected. */
  getWatermarkOffsets(topic: string, partition: number): { lowOffset: number; highOffset: number };
  rebalanceProtocol(): "NONE" | "EAGER" | "COOPERATIVE";
  pause(partitions: readonly NativePartition[]): void;
  resume(partitions: readonly NativePartition[]): void;
  seek(partition: NativePartition, timeoutMs: number, done: Callback<void>): void;
  committed(partitions: readonly NativePartition[], timeoutMs: number, done: Callback<NativePartition[]>): void;
  /** Asynchronous in librdkafka; the result comes to `offset_commit_cb` while somebody consumes. */
  commit(offsets: readonly NativePartition[]): void;
  disconnect(done: () => void): void;
}

export interface NativeAdmin extends NativeClient {
  createTopic(
    topic: {
      topic: string;
      num_partitions: number;
      replication_factor: number;
      config: Readonly<Record<string, string>>;
    },
    timeoutMs: number,
    done: Callback<void>,
  ): void;
  deleteTopic(topic: string, timeoutMs: number, done: Callback<void>): void;
  describeTopics(
    topics: readonly string[],
    options: { timeout: number },
    done: Callback<{ name: string; partitions: unknown[]; error?: NativeError }[]>,
  ): void;
  listTopics(options: { timeout: number }, done: Callback<string[]>): void;
  listOffsets(
    partitions: readonly { topic: string; partition: number; offset: { timestamp: number } }[],
    options: { timeout: number; isolationLevel: 0 | 1 },
    done: Callback<NativePartition[]>,
  ): void;
  listConsumerGroupOffsets(
    groups: readonly { groupId: string; partitions: null }[],
    options: { timeout: number },
    done: Callback<{ partitions: NativePartition[]; error?: NativeError }[]>,
  ): void;
  deleteGroups(
    groups: readonly string[],
    options: { timeout: number },
    done: Callback<{ groupId: string; errorCode?: number; error?: NativeError }[]>,
  ): void;
  /** Synchronous: waits on the JavaScript thread for calls under way. */
  disconnect(): void;
}

let loaded: Addon | undefined;

/** Loads the addon on first use: 17 MB, and only one JavaScript thread per process can have it. */
export function addon(): Addon {
  loaded ??= createRequire(import.meta.url)("@confluentinc/kafka-javascript") as Addon;
  return loaded;
}

let packed: PackedRecords | null | undefined;

/** Null where set-up has not compiled it for this version of the addon: the addon's own `produce` and `consume` do then. */
export function packedRecords(): PackedRecords | null {
  if (packed !== undefined) return packed;
  packed = null;
  // Its addon must have been loaded first: they share librdkafka.
  addon();
  const require = createRequire(import.meta.url);
  const { version } = require("@confluentinc/kafka-javascript/package.json") as { readonly version: string };
  try {
    const made = require("@confluentinc/kafka-javascript/build/Release/packed-records.node") as PackedRecords;
    if (made.addonVersion === version) packed = made;
  } catch {
    // Not there, or of another Node.
  }
  return packed;
}

let names: ReadonlyMap<number, string> | undefined;

/** Kafka's own name of an error code: `PRODUCER_FENCED`, or with a leading underscore for a local one, `_TIMED_OUT`. */
export function codeName(code: number): string {
  names ??= new Map(Object.entries(addon().CODES.ERRORS).map(([name, value]) => [value, name.replace(/^ERR_/, "")]));
  return names.get(code) ?? `ERROR_${code}`;
}
