// Pure: record headers, typed inside Connect and as bytes in Kafka.
import type { Schema } from "./data/schema.ts";
import { isInstance } from "./data/validate-value.ts";
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

/** Ordered; a key may repeat. Iterates in order of adding. */
export class ConnectHeaders implements Iterable<ConnectHeader> {
  #headers: ConnectHeader[];

  constructor(headers: Iterable<ConnectHeader> = []) {
    this.#headers = [...headers];
  }

  get size(): number {
    return this.#headers.length;
  }

  /** @throws DataError when the value does not fit the schema; a null schema takes anything. */
  add(key: string, value: unknown, schema: Schema | null = null): this {
    if (schema !== null) checkFits(value, schema);
    this.#headers.push({ key, value: value ?? null, schema });
    return this;
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
    this.#headers = this.#headers.filter((header) => header.key !== key);
    return this;
  }

  retainLatest(): this {
    const last = new Map(this.#headers.map((header) => [header.key, header]));
    this.#headers = this.#headers.filter((header) => last.get(header.key) === header);
    return this;
  }

  clear(): this {
    this.#headers = [];
    return this;
  }

  /** An independent copy; the values are shared. */
  duplicate(): ConnectHeaders {
    return new ConnectHeaders(this.#headers);
  }

  [Symbol.iterator](): Iterator<ConnectHeader> {
    return this.#headers[Symbol.iterator]();
  }
}

function checkFits(value: unknown, schema: Schema): void {
  if (value === null || value === undefined) {
    if (!schema.optional) throw new DataError(`A null value requires an optional schema but was ${schema}`);
  } else if (!isInstance(schema, value)) {
    throw new DataError(`The value ${valueText(value)} is not compatible with the schema ${schema}`);
  }
}
