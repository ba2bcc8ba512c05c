import type { OffsetMap, OffsetReader } from "@millrace/connect";
import type { CompactedTopic } from "@millrace/kafka";
import type { OffsetEncoder } from "./delivery.ts";
import { canonicalKey, decodeOffset, decodePartition, encodeOffset, encodePartition } from "./offset-codec.ts";
import type { OffsetsTable } from "./offsets-topics.ts";

interface StoredOffset {
  readonly key: Uint8Array;
  readonly partition: OffsetMap;
  readonly offset: OffsetMap;
}

export interface SourceOffsetsDeps {
  readonly connector: string;
  /** The topic the task writes to. */
  readonly primary: OffsetsTable;
  /** The worker's own topic, when the connector has one of its own: answers for partitions that `primary` lacks. */
  readonly secondary: OffsetsTable | null;
  readonly signal: AbortSignal;
}

/**
 * The committed offsets of one connector. Every read goes to the end of the topic as it is at the call, and so waits
 * until each transaction open by then has ended.
 */
export class SourceOffsets implements OffsetReader {
  #deps: SourceOffsetsDeps;
  /** Canonical key → the bytes to write under. */
  #keys = new Map<string, Uint8Array>();
  /** Canonical key → the bytes of the order in which the task asked. */
  #orders = new Map<string, Uint8Array>();

  constructor(deps: SourceOffsetsDeps) {
    this.#deps = deps;
  }

  /** The connector has an offsets topic of its own beside the worker's. */
  get twoLevel(): boolean {
    return this.#deps.secondary !== null;
  }

  /** Reads once, so that `encode` knows the keys found in the topic. */
  async load(): Promise<void> {
    await this.#read();
  }

  async offset(partition: OffsetMap): Promise<OffsetMap | null> {
    return (await this.offsets([partition]))[0] ?? null;
  }

  async offsets(partitions: readonly OffsetMap[]): Promise<readonly (OffsetMap | null)[]> {
    const { connector } = this.#deps;
    const canonicals = partitions.map((partition) => canonicalKey(connector, partition));
    partitions.forEach((partition, i) => {
      this.#orders.set(canonicals[i]!, encodePartition(connector, partition));
    });
    const stored = await this.#read();
    return canonicals.map((canonical) => stored.get(canonical)?.offset ?? null);
  }

  /** Every partition that has an offset. */
  async all(): Promise<readonly { readonly partition: OffsetMap; readonly offset: OffsetMap }[]> {
    return [...(await this.#read()).values()];
  }

  /** Writes under the bytes found in the topic for an equal partition, so that another worker's key is replaced, not doubled. */
  readonly encode: OffsetEncoder = (partition, offset) => {
    const canonical = canonicalKey(this.#deps.connector, partition);
    let key = this.#keys.get(canonical);
    if (key === undefined) {
      key = encodePartition(this.#deps.connector, partition);
      this.#keys.set(canonical, key);
    }
    return { key, value: encodeOffset(offset) };
  };

  async #read(): Promise<Map<string, StoredOffset>> {
    const { primary, secondary, signal } = this.#deps;
    const [own, workers] = await Promise.all([primary.read(signal), secondary?.read(signal) ?? null]);
    const stored = new Map<string, StoredOffset>();
    if (workers !== null) this.#collect(workers, stored);
    const found = this.#collect(own, stored);
    for (const [canonical, { key }] of found) this.#keys.set(canonical, key);
    return stored;
  }

  /** Of keys that differ only in the order of their entries, the one in our own order counts, as it does for Connect. */
  #collect(topic: CompactedTopic, into: Map<string, StoredOffset>): Map<string, StoredOffset> {
    const found = new Map<string, StoredOffset>();
    for (const [key, value] of topic.entries()) {
      const decoded = decodePartition(key);
      const offset = decodeOffset(value);
      if (decoded === null || offset === null || decoded.connector !== this.#deps.connector) continue;
      const canonical = canonicalKey(decoded.connector, decoded.partition);
      const ours = this.#orders.get(canonical);
      if (found.has(canonical) && ours !== undefined && !sameBytes(key, ours)) continue;
      const entry = { key, partition: decoded.partition, offset };
      found.set(canonical, entry);
      into.set(canonical, entry);
    }
    return found;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
