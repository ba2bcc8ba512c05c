import {
  ConnectError,
  type ConnectHeaders,
  type Converter,
  type HeaderConverter,
  type SourceRecord,
} from "@millrace/connect";
import type { RecordHeader } from "@millrace/kafka";
import type { EncodedRecord } from "../source/delivery.ts";
import type { Stage } from "./tolerance.ts";
import type { TransformChain } from "./transform-chain.ts";

export interface Converters {
  readonly key: Converter;
  readonly value: Converter;
  readonly header: HeaderConverter;
  /** Class names, for error reports. */
  readonly classes: { readonly key: string; readonly value: string; readonly header: string };
  readonly versions: { readonly key: string; readonly value: string; readonly header: string };
}

interface KnownHeaders {
  readonly headers: ConnectHeaders;
  readonly changes: number;
  readonly topic: string;
  readonly encoded: RecordHeader[];
}

/**
 * A polled record through transforms and converters, headers first, then key, then value, as Connect does. Stays
 * synchronous unless a converter answers with a promise. After a throw, `stage` and `executing` name what failed.
 */
export class SourceEncoder {
  stage: Stage = "TRANSFORMATION";
  #chain: TransformChain;
  #converters: Converters;
  /** Records of one source mostly share their headers. */
  #known: KnownHeaders | null = null;

  constructor(chain: TransformChain, converters: Converters) {
    this.#chain = chain;
    this.#converters = converters;
  }

  /** Class of the failing plugin. */
  get executing(): string {
    const { classes } = this.#converters;
    if (this.stage === "KEY_CONVERTER") return classes.key;
    if (this.stage === "VALUE_CONVERTER") return classes.value;
    return this.stage === "HEADER_CONVERTER" ? classes.header : this.#chain.executing;
  }

  /** @returns null when a transform dropped the record. */
  encode(source: SourceRecord): EncodedRecord | null | Promise<EncodedRecord> {
    this.stage = "TRANSFORMATION";
    const record = this.#chain.apply(source);
    if (record === null) return null;
    const { topic } = record;
    this.stage = "HEADER_CONVERTER";
    const headers = record.headers ? this.#encodeHeaders(topic, record.headers) : null;
    this.stage = "KEY_CONVERTER";
    const key = this.#converters.key.fromConnectData(topic, record.keySchema ?? null, record.key ?? null, headers);
    if (isPromise(key)) neverUnhandled(key);
    this.stage = "VALUE_CONVERTER";
    const value = this.#converters.value.fromConnectData(topic, record.valueSchema ?? null, record.value, headers);
    if (isPromise(value)) neverUnhandled(value);
    if (isPromise(key) || isPromise(value)) return this.#encodeLater(source, record, headers, key, value);
    return this.#encoded(source, record, headers, key, value);
  }

  close(): void {
    this.#chain.close();
    this.#converters.key.close?.();
    this.#converters.value.close?.();
    this.#converters.header.close?.();
  }

  async #encodeLater(
    source: SourceRecord,
    record: SourceRecord,
    headers: RecordHeader[] | null,
    key: Uint8Array | null | Promise<Uint8Array | null>,
    value: Uint8Array | null | Promise<Uint8Array | null>,
  ): Promise<EncodedRecord> {
    this.stage = "KEY_CONVERTER";
    const keyBytes = await key;
    this.stage = "VALUE_CONVERTER";
    return this.#encoded(source, record, headers, keyBytes, await value);
  }

  #encoded(
    source: SourceRecord,
    record: SourceRecord,
    headers: RecordHeader[] | null,
    key: Uint8Array | null,
    value: Uint8Array | null,
  ): EncodedRecord {
    const partition = record.partition ?? -1;
    return { topic: record.topic, partition, key, value, timestampMs: timestampOf(record), headers, source };
  }

  #encodeHeaders(topic: string, headers: ConnectHeaders): RecordHeader[] {
    const known = this.#known;
    if (known?.headers === headers && known.changes === headers.changes && known.topic === topic) return known.encoded;
    const encoded: RecordHeader[] = [];
    let plain = true;
    for (const { key, schema, value } of headers) {
      encoded.push({ key, value: this.#converters.header.fromConnectHeader(topic, key, schema, value) });
      // An object may be changed without the headers being so.
      plain &&= value === null || typeof value !== "object";
    }
    this.#known = plain ? { headers, changes: headers.changes, topic, encoded } : null;
    return encoded;
  }
}

function timestampOf(record: SourceRecord): number {
  const timestamp = record.timestamp ?? -1;
  if (timestamp === -1) return 0;
  if (timestamp >= 0) return timestamp;
  throw new ConnectError(`Invalid record timestamp ${timestamp}`, { code: "RECORD_TIMESTAMP" });
}

/** Key and value are on their way together: when one fails, nobody waits for the other any more. */
export function neverUnhandled(running: Promise<unknown>): void {
  running.then(undefined, () => {});
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
