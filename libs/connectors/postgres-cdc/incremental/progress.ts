// Pure: how far an incremental snapshot is, as source offsets hold it.
import type { OffsetMap, OffsetValue } from "@millrace/connect";
import { type KeyParts, readKeys, writeKeys } from "./java-keys.ts";

/** One table still to be read. */
export interface Collection {
  /** `schema.table` */
  readonly id: string;
  /** SQL of the rows that are wanted; null: all. */
  readonly condition: string | null;
  readonly surrogateKey: string | null;
}

const PRIMARY_KEY = "incremental_snapshot_primary_key";
const MAXIMUM_KEY = "incremental_snapshot_maximum_key";
const COLLECTIONS = "incremental_snapshot_collections";
const CORRELATION_ID = "incremental_snapshot_correlation_id";

/** The keys and texts are Debezium's, so that either goes on where the other stopped. */
export class IncrementalProgress {
  #collections: Collection[] = [];
  /** Id of the signal. */
  correlationId: string | null = null;
  /** The last key read. */
  chunkEnd: KeyParts | null = null;
  #sent: KeyParts | null = null;
  #maximum: KeyParts | null = null;
  #types: readonly string[] = [];
  #shown: { readonly collections: string; readonly maximum: string } | null = null;

  static of(offset: OffsetMap | null): IncrementalProgress {
    const progress = new IncrementalProgress();
    const collections = offset?.[COLLECTIONS];
    if (typeof collections !== "string") return progress;
    progress.#collections = collectionsOf(collections);
    const id = offset?.[CORRELATION_ID];
    progress.correlationId = typeof id === "string" ? id : null;
    const [sent, maximum] = [keysOf(offset?.[PRIMARY_KEY]), keysOf(offset?.[MAXIMUM_KEY])];
    // A key that cannot be read: the table is read anew.
    if (maximum === null) return progress;
    progress.#maximum = maximum;
    progress.chunkEnd = sent;
    progress.#sent = sent;
    return progress;
  }

  get running(): boolean {
    return this.#collections.length > 0;
  }

  get current(): Collection | null {
    return this.#collections[0] ?? null;
  }

  get ids(): string[] {
    return this.#collections.map(({ id }) => id);
  }

  /** The key where the current table ends; null before it is known. */
  get maximum(): KeyParts | null {
    return this.#maximum;
  }

  begin(maximum: KeyParts): void {
    this.#maximum = maximum;
    this.#shown = null;
  }

  /** Of the current table's key. */
  set types(types: readonly string[]) {
    this.#types = types;
    this.#shown = null;
  }

  add(collections: readonly Collection[], correlationId: string): void {
    this.#collections.push(...collections);
    this.correlationId = correlationId;
    this.#shown = null;
  }

  /** A row of the current table is handed over. */
  sent(key: KeyParts): void {
    this.#sent = key;
  }

  next(): void {
    this.#collections.shift();
    this.chunkEnd = null;
    this.#sent = null;
    this.#maximum = null;
    this.#shown = null;
  }

  /** False when it was not to be read. Not for the current one. */
  remove(id: string): boolean {
    const left = this.#collections.filter((each, i) => i === 0 || each.id !== id);
    const removed = left.length < this.#collections.length;
    this.#collections = left;
    this.#shown = null;
    return removed;
  }

  /** What offsets hold of it; null when nothing is under way. */
  toOffset(): Readonly<Record<string, OffsetValue>> | null {
    if (!this.running) return null;
    this.#shown ??= {
      collections: JSON.stringify(this.#collections.map(collectionJson)),
      maximum: writeKeys(this.#maximum, this.#types),
    };
    return {
      [PRIMARY_KEY]: writeKeys(this.#sent, this.#types),
      [MAXIMUM_KEY]: this.#shown.maximum,
      [COLLECTIONS]: this.#shown.collections,
      [CORRELATION_ID]: this.correlationId,
    };
  }
}

function collectionJson({ id, condition, surrogateKey }: Collection): Record<string, string | null> {
  return {
    [`${COLLECTIONS}_id`]: id,
    [`${COLLECTIONS}_additional_condition`]: condition === null ? null : `(${condition})`,
    [`${COLLECTIONS}_surrogate_key`]: surrogateKey,
  };
}

function collectionsOf(json: string): Collection[] {
  const list = JSON.parse(json) as Record<string, string | null>[];
  return list.map((each) => {
    const condition = each[`${COLLECTIONS}_additional_condition`] ?? null;
    return {
      id: each[`${COLLECTIONS}_id`]!,
      condition: condition === null ? null : condition.slice(1, -1),
      surrogateKey: each[`${COLLECTIONS}_surrogate_key`] ?? null,
    };
  });
}

function keysOf(value: unknown): KeyParts | null {
  if (typeof value !== "string") return null;
  try {
    return readKeys(value);
  } catch {
    return null;
  }
}
