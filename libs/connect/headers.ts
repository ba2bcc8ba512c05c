// Pure: record headers, typed inside Connect and as bytes in Kafka.
import { dataEquals } from "./data/equality.ts";
import { ConnectDate, Decimal, Time, Timestamp } from "./data/logical.ts";
import { Schema, type SchemaType } from "./data/schema.ts";
import type { Struct } from "./data/struct.ts";
import { isInstance, isOfType } from "./data/validate-value.ts";
import { valueText } from "./data/value-text.ts";
import { DataError } from "./errors.ts";

/** A header as Kafka holds it. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A header as connectors and transforms see it. */
export interface ConnectHeader {
  readonly key: string;
  readonly value: unknown;
  readonly schema: Schema | null;
}

/** What becomes of a header: another, the same, or null to remove it. */
export type HeaderTransform = (header: ConnectHeader) => ConnectHeader | null;

/** Ordered; a key may repeat. Iterates in order of adding. */
export class ConnectHeaders implements Iterable<ConnectHeader> {
  #headers: ConnectHeader[];
  #changes = 0;

  constructor(headers: Iterable<ConnectHeader> | null = null) {
    this.#headers = headers === null ? [] : [...headers];
  }

  get size(): number {
    return this.#headers.length;
  }

  /** Counts changes: whoever keeps what was made of these headers sees whether it still holds. */
  get changes(): number {
    return this.#changes;
  }

  get isEmpty(): boolean {
    return this.#headers.length === 0;
  }

  /** @throws DataError when the value does not fit the schema; a null schema takes anything. */
  add(key: string, value: unknown, schema: Schema | null = null): this {
    if (schema !== null) checkFits(value, schema);
    return this.#addUnchecked(key, value, schema);
  }

  addString(key: string, value: string | null): this {
    return this.add(key, value, value === null ? Schema.OPTIONAL_STRING : Schema.STRING);
  }

  addBytes(key: string, value: Uint8Array | null): this {
    return this.add(key, value, value === null ? Schema.OPTIONAL_BYTES : Schema.BYTES);
  }

  addBoolean(key: string, value: boolean): this {
    return this.add(key, value, Schema.BOOLEAN);
  }

  /** INT8 */
  addByte(key: string, value: number): this {
    return this.add(key, value, Schema.INT8);
  }

  /** INT16 */
  addShort(key: string, value: number): this {
    return this.add(key, value, Schema.INT16);
  }

  /** INT32 */
  addInt(key: string, value: number): this {
    return this.add(key, value, Schema.INT32);
  }

  /** INT64 */
  addLong(key: string, value: number | bigint): this {
    return this.add(key, value, Schema.INT64);
  }

  /** FLOAT32 */
  addFloat(key: string, value: number): this {
    return this.add(key, value, Schema.FLOAT32);
  }

  /** FLOAT64 */
  addDouble(key: string, value: number): this {
    return this.add(key, value, Schema.FLOAT64);
  }

  /** Null has no schema; so it is with maps, Structs and Decimals. */
  addList(key: string, value: readonly unknown[] | null, schema: Schema): this {
    return value === null ? this.add(key, null) : this.add(key, value, ofType(schema, "ARRAY"));
  }

  addMap(key: string, value: ReadonlyMap<unknown, unknown> | object | null, schema: Schema): this {
    return value === null ? this.add(key, null) : this.add(key, value, ofType(schema, "MAP"));
  }

  addStruct(key: string, value: Struct | null): this {
    return value === null ? this.add(key, null) : this.add(key, value, value.schema);
  }

  /** The schema has the value's own scale. */
  addDecimal(key: string, value: Decimal | null): this {
    return value === null ? this.add(key, null) : this.add(key, value, Decimal.schema(value.scale));
  }

  /** @throws DataError unless at midnight. */
  addDate(key: string, value: Date | null): this {
    if (value !== null) ConnectDate.fromLogical(ConnectDate.SCHEMA, value);
    return this.#addUnchecked(key, value, ConnectDate.SCHEMA);
  }

  /** @throws DataError unless on 1970-01-01. */
  addTime(key: string, value: Date | null): this {
    if (value !== null) Time.fromLogical(Time.SCHEMA, value);
    return this.#addUnchecked(key, value, Time.SCHEMA);
  }

  addTimestamp(key: string, value: Date | null): this {
    return this.#addUnchecked(key, value, Timestamp.SCHEMA);
  }

  lastWithName(key: string): ConnectHeader | null {
    for (let i = this.#headers.length - 1; i >= 0; i--) {
      const header = this.#headers[i]!;
      if (header.key === key) return header;
    }
    return null;
  }

  allWithName(key: string): ConnectHeader[] {
    return this.#headers.filter((header) => header.key === key);
  }

  /** Removes every header of that key. */
  remove(key: string): this {
    this.#changes++;
    this.#headers = this.#headers.filter((header) => header.key !== key);
    return this;
  }

  /** Of each key, or of the one given, only the last header stays. */
  retainLatest(key?: string): this {
    const last = new Map(this.#headers.map((header) => [header.key, header]));
    this.#changes++;
    this.#headers = this.#headers.filter((header) => {
      return (key !== undefined && header.key !== key) || last.get(header.key) === header;
    });
    return this;
  }

  /** Puts each header, or each of one key, through the function. */
  apply(transform: HeaderTransform, key?: string): this {
    this.#changes++;
    this.#headers = this.#headers.flatMap((header) => {
      return key !== undefined && header.key !== key ? header : (transform(header) ?? []);
    });
    return this;
  }

  clear(): this {
    this.#changes++;
    this.#headers = [];
    return this;
  }

  /** An independent copy; the values are shared. */
  duplicate(): ConnectHeaders {
    return new ConnectHeaders(this.#headers);
  }

  /** The same headers in the same order. */
  equals(other: unknown): boolean {
    if (!(other instanceof ConnectHeaders) || this.size !== other.size) return false;
    return this.#headers.every((header, i) => sameHeader(header, other.#headers[i]!));
  }

  toString(): string {
    const headers = this.#headers.map(({ key, value, schema }) => {
      return `ConnectHeader(key=${key}, value=${valueText(value, schema)}, schema=${schema})`;
    });
    return `ConnectHeaders(headers=${headers.length === 0 ? "" : `[${headers.join(", ")}]`})`;
  }

  [Symbol.iterator](): Iterator<ConnectHeader> {
    return this.#headers[Symbol.iterator]();
  }

  #addUnchecked(key: string, value: unknown, schema: Schema | null): this {
    this.#changes++;
    this.#headers.push({ key, value: value ?? null, schema });
    return this;
  }
}

/** A value may also be what a logical schema's type holds without its name. */
function checkFits(value: unknown, schema: Schema): void {
  if (value === null || value === undefined) {
    if (!schema.optional) throw new DataError(`A null value requires an optional schema but was ${schema}`);
  } else if (!isInstance(schema, value) && !isOfType(schema.type, value)) {
    throw new DataError(`The value ${valueText(value)} is not compatible with the schema ${schema}`);
  }
}

function ofType(schema: Schema, type: SchemaType): Schema {
  if (schema.type !== type) throw new DataError(`Expecting ${schema} but instead found ${schema.type}`);
  return schema;
}

function sameHeader(a: ConnectHeader, b: ConnectHeader): boolean {
  const sameSchema = a.schema === null ? b.schema === null : a.schema.equals(b.schema);
  return sameSchema && a.key === b.key && dataEquals(a.value, b.value);
}
