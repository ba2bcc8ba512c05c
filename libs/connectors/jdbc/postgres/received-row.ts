// Pure: one row as the server sent it. Each field is its length in four bytes, -1 for null, and that many bytes of text.
import { DataError, type PackedField, type PackedRow } from "@millrace/connect";
import type { RowBytes, ValueReader } from "./row-text.ts";

export interface ReadColumn extends PackedField {
  readonly name: string;
  readonly read: ValueReader;
  /** There are texts that `read` does not take. */
  readonly refuses?: boolean;
}

export class ReceivedRow implements PackedRow {
  readonly layout: readonly ReadColumn[];
  readonly received: RowBytes;
  readonly start: number;
  readonly length: number;

  /** @param layout its columns; there may be more behind them. */
  constructor(layout: readonly ReadColumn[], received: RowBytes, start: number, length: number) {
    this.layout = layout;
    this.received = received;
    this.start = start;
    this.length = length;
  }

  get bytes(): Uint8Array {
    return this.received.bytes;
  }

  locate(bounds: Int32Array): void {
    const { bytes } = this.received;
    const count = 2 * this.layout.length;
    let at = this.start;
    for (let i = 0; i < count; i += 2) {
      const length = lengthAt(bytes, at);
      at += 4;
      bounds[i] = at;
      if (length !== -1) at += length;
      bounds[i + 1] = length === -1 ? -1 : at;
    }
  }

  value(field: number, from: number, to: number): unknown {
    return readColumn(this.layout[field]!, this.received, from, to);
  }

  values(): unknown[] {
    const { received, layout } = this;
    const values = new Array<unknown>(layout.length);
    let from = this.start;
    for (let i = 0; i < layout.length; i++) {
      const length = lengthAt(received.bytes, from);
      from += 4;
      if (length === -1) {
        values[i] = null;
        continue;
      }
      values[i] = readColumn(layout[i]!, received, from, from + length);
      from += length;
    }
    return values;
  }

  /** @throws DataError for a value that cannot be one of its column. */
  check(): void {
    const { received, layout } = this;
    let from = this.start;
    for (let i = 0; i < layout.length; i++) {
      const length = lengthAt(received.bytes, from);
      from += 4;
      if (length === -1) continue;
      const column = layout[i]!;
      const suspect =
        column.refuses === true && Number.isNaN(column.number?.(received.bytes, from, from + length) ?? NaN);
      if (suspect) readColumn(column, received, from, from + length);
      from += length;
    }
  }
}

/** Of the field number `field` of the row that begins at `start`; null for null. */
export function readField(received: RowBytes, start: number, field: number, column: ReadColumn): unknown {
  const { bytes } = received;
  let at = start;
  for (let i = 0; i < field; i++) at += 4 + Math.max(0, lengthAt(bytes, at));
  const length = lengthAt(bytes, at);
  return length === -1 ? null : readColumn(column, received, at + 4, at + 4 + length);
}

function readColumn({ name, read }: ReadColumn, received: RowBytes, from: number, to: number): unknown {
  try {
    return read(received, from, to);
  } catch (cause) {
    throw new DataError(`Column ${name}: ${(cause as Error).message}`, { cause });
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
