// Pure: rows of one query as values.
import { DataError } from "@millrace/connect";
import type { RowSink } from "./row-tap.ts";
import type { RowBytes, ValueReader } from "./row-text.ts";

export interface ReadColumn {
  readonly name: string;
  readonly read: ValueReader;
}

/** The first value that cannot be read is kept as `error`; rows from there on are dropped. */
export class RowCollector implements RowSink {
  readonly values: unknown[][] = [];
  bytes = 0;
  error: unknown = null;
  readonly #columns: readonly ReadColumn[];

  constructor(columns: readonly ReadColumn[]) {
    this.#columns = columns;
  }

  row(received: RowBytes, at: number): void {
    if (this.error !== null) return;
    const { bytes } = received;
    const columns = this.#columns;
    const values = new Array<unknown>(columns.length);
    let from = at + 2;
    for (let i = 0; i < columns.length; i++) {
      const length = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
      from += 4;
      if (length === -1) {
        values[i] = null;
        continue;
      }
      try {
        values[i] = columns[i]!.read(received, from, from + length);
      } catch (cause) {
        this.error = new DataError(`Column ${columns[i]!.name}: ${(cause as Error).message}`, { cause });
        return;
      }
      from += length;
    }
    this.bytes += from - at;
    this.values.push(values);
  }
}
