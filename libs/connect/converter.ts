import type { Schema } from "./data/schema.ts";
import type { RecordHeader } from "./headers.ts";
import type { ConnectRecord } from "./record.ts";

export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/**
 * Bytes to data and back, for keys or values. Synchronous answers keep the hot path free of promises; a converter that
 * must ask a registry returns a promise, and the runtime awaits only then.
 */
export interface Converter {
  configure(config: Readonly<Record<string, string>>, isKey: boolean): void;
  /** @throws DataError when the value does not fit the schema. */
  fromConnectData(
    topic: string,
    schema: Schema | null,
    value: unknown,
    headers?: RecordHeader[] | null,
  ): Uint8Array | null | Promise<Uint8Array | null>;
  /** @throws DataError when the bytes cannot be read. */
  toConnectData(
    topic: string,
    bytes: Uint8Array | null,
    headers?: readonly RecordHeader[] | null,
  ): SchemaAndValue | Promise<SchemaAndValue>;
  close?(): void;
}

export interface HeaderConverter {
  configure(config: Readonly<Record<string, string>>): void;
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: unknown): Uint8Array | null;
  toConnectHeader(topic: string, key: string, bytes: Uint8Array | null): SchemaAndValue;
  close?(): void;
}

/** Record to record. Never changes its argument: returns it, a changed copy, or null to drop it. */
export interface Transformation {
  configure(config: Readonly<Record<string, string>>): void;
  apply<R extends ConnectRecord>(record: R): R | null;
  close?(): void;
}

export interface Predicate {
  configure(config: Readonly<Record<string, string>>): void;
  test(record: ConnectRecord): boolean;
  close?(): void;
}
