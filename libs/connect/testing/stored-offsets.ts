import assert from "node:assert/strict";
import type { OffsetMap, OffsetReader, OffsetValue, SourceRecord } from "../mod.ts";

/** Source offsets as the offsets topic would give them back: through JSON, by partition whatever the order of its keys. */
export class StoredOffsets implements OffsetReader {
  #offsets = new Map<string, OffsetMap>();

  /** As if the transaction of this record had been committed. */
  commit({ sourcePartition, sourceOffset }: SourceRecord): void {
    if (sourcePartition === null || sourceOffset === null) return;
    this.#offsets.set(partitionKey(sourcePartition), throughJson(sourceOffset));
  }

  async offset(partition: OffsetMap): Promise<OffsetMap | null> {
    return this.#offsets.get(partitionKey(partition)) ?? null;
  }

  async offsets(partitions: readonly OffsetMap[]): Promise<readonly (OffsetMap | null)[]> {
    return partitions.map((partition) => this.#offsets.get(partitionKey(partition)) ?? null);
  }
}

/** The same for equal partitions. */
export function partitionKey(partition: OffsetMap | null): string {
  if (partition === null) return "none";
  return offsetText(Object.fromEntries(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The map as JSON, integers of any size with all their digits. @throws AssertionError for what Connect does not store. */
export function offsetText(map: OffsetMap): string {
  const entries = Object.entries(map).map(([key, value]) => `${JSON.stringify(key)}:${scalarText(key, value)}`);
  return `{${entries.join(",")}}`;
}

function scalarText(key: string, value: OffsetValue): string {
  if (typeof value === "bigint") return String(value);
  const storable = value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  assert.ok(
    storable,
    `The entry '${key}' of a source partition or offset is ${typeof value === "number" ? value : `a ${typeof value}`}: ` +
      "they are stored as JSON, so use text, finite numbers, bigints, booleans and null only.",
  );
  return JSON.stringify(value);
}

/** A bigint that fits a number comes back as one. */
function throughJson(offset: OffsetMap): OffsetMap {
  const entries = Object.entries(offset).map(([key, value]) => {
    const safe = typeof value === "bigint" && Number.isSafeInteger(Number(value));
    return [key, safe ? Number(value) : value] as const;
  });
  return Object.fromEntries(entries);
}
