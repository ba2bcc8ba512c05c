// Pure: rows of one query, kept as received until their values are asked for.
import { DataError } from "@millrace/connect";
import type { Rows } from "../dialect.ts";
import type { RowSink } from "./row-tap.ts";
import type { RowBytes, ValueReader } from "./row-text.ts";

export interface ReadColumn {
  readonly name: string;
  readonly read: ValueReader;
}

/** What came in one piece: rows from number `first` on, by where each begins. */
interface Piece {
  readonly received: RowBytes;
  readonly first: number;
  readonly starts: number[];
}

export class RowCollector implements RowSink, Rows {
  length = 0;
  bytes = 0;
  readonly #columns: readonly ReadColumn[];
  readonly #pieces: Piece[] = [];

  constructor(columns: readonly ReadColumn[]) {
    this.#columns = columns;
  }

  row(received: RowBytes, at: number, end: number): void {
    let piece = this.#pieces.at(-1);
    if (piece?.received !== received) {
      piece = { received, first: this.length, starts: [] };
      this.#pieces.push(piece);
    }
    piece.starts.push(at + 2);
    this.length++;
    this.bytes += end - at;
  }

  values(from: number, to: number): unknown[][] {
    const all: unknown[][] = [];
    for (const { received, first, starts } of this.#pieces) {
      const end = Math.min(to - first, starts.length);
      for (let i = Math.max(from - first, 0); i < end; i++) all.push(this.#read(received, starts[i]!));
    }
    return all;
  }

  #read(received: RowBytes, start: number): unknown[] {
    const { bytes } = received;
    const columns = this.#columns;
    const values = new Array<unknown>(columns.length);
    let from = start;
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
        throw new DataError(`Column ${columns[i]!.name}: ${(cause as Error).message}`, { cause });
      }
      from += length;
    }
    return values;
  }
}
