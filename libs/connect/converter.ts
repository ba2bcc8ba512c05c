import type { Schema } from "./data/schema.ts";
import type { RecordHeader } from "./headers.ts";
import type { ConnectRecord } from "./record.ts";

/** Data as converters give it. Schema null: schemaless, by the rules of Schema's doc comment. */
export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/**
 * Bytes to data and back, for keys or values. Synchronous answers keep the hot path free of promises; a converter that
 * must ask a registry returns a promise, and the runtime awaits only then. Bytes it was given are not changed, nor bytes
 * it gave: records wait in memory until they are sent.
 */
export interface Converter {
  /** Once, before all else. @param config without the prefix `key.converter.` or `value.converter.`. @throws ConfigError */
  configure(config: Readonly<Record<string, string>>, isKey: boolean): void;
  /**
   * Equal keys must give equal bytes. A null value without schema gives null.
   * @param headers of the record, already converted; may be added to.
   * @throws DataError when the value does not fit the schema.
   */
  fromConnectData(
    topic: string,
    schema: Schema | null,
    value: unknown,
    headers?: RecordHeader[] | null,
  ): Uint8Array | null | Promise<Uint8Array | null>;
  /** Null gives a null value. @throws DataError when the bytes cannot be read. */
  toConnectData(
    topic: string,
    bytes: Uint8Array | null,
    headers?: readonly RecordHeader[] | null,
  ): SchemaAndValue | Promise<SchemaAndValue>;
  close?(): void;
}

/** Bytes to data and back, for the values of headers. Synchronous. */
export interface HeaderConverter {
  /** Once, before all else. @param config without the prefix `header.converter.`. @throws ConfigError */
  configure(config: Readonly<Record<string, string>>): void;
  /** @param key the header's name. @throws DataError when the value does not fit the schema. */
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: unknown): Uint8Array | null;
  /** @throws DataError when the bytes cannot be read. */
  toConnectHeader(topic: string, key: string, bytes: Uint8Array | null): SchemaAndValue;
  close?(): void;
}

/**
 * Record to record. Never changes its argument: returns it, a changed copy, or null to drop it. Keeps no state between
 * records, but for what it worked out by schema: the same schema object must give the same schema object.
 */
export interface Transformation {
  /**
   * Once, before all else. @throws ConfigError
   * @param config without the prefix `transforms.<name>.`; `type`, `predicate` and `negate` are in it too.
   */
  configure(config: Readonly<Record<string, string>>): void;
  /** @throws DataError for a record it is not made for. RetriableError: the same record comes again, if so configured. */
  apply<R extends ConnectRecord>(record: R): R | null;
  close?(): void;
}

/** Says whether a transform is applied to a record. The same record gives the same answer. */
export interface Predicate {
  /** Once, before all else. @param config without the prefix `predicates.<name>.`; `type` is in it too. @throws ConfigError */
  configure(config: Readonly<Record<string, string>>): void;
  /** @throws DataError for a record it is not made for. */
  test(record: ConnectRecord): boolean;
  close?(): void;
}
