// Pure: a table's rows as received bytes, for converters that write them as they are.
import type { PackedLayout, PackedRow } from "@millrace/connect";
import type { RowBytes } from "../values/row-bytes.ts";
import type { TableShape } from "./table-shape.ts";

/** Values by the shape's value schema, or the bytes they are made from. */
export type RowContent = unknown[] | PackedTableRow;

/** How rows stand in received bytes. */
export interface RowFormat {
  /** Writes where each field of the value begins and ends; an end of -1 says null. */
  locate(bytes: Buffer, from: number, to: number, shape: TableShape, bounds: Int32Array): void;
  read(row: RowBytes, from: number, to: number, shape: TableShape): unknown[];
}

/** Where the fields are of the row that was looked at last: a record's key and value are of the same row. */
let located: PackedTableRow | null = null;
let locations = new Int32Array(64);

/** A row that has a value in each column which must have one, and nothing that stands for what was not sent. */
export class PackedTableRow implements PackedRow {
  readonly #format: RowFormat;
  readonly #shape: TableShape;
  readonly #row: RowBytes;
  readonly #from: number;
  readonly #to: number;

  constructor(format: RowFormat, shape: TableShape, row: RowBytes, from: number, to: number) {
    this.#format = format;
    this.#shape = shape;
    this.#row = row;
    this.#from = from;
    this.#to = to;
  }

  get layout(): PackedLayout {
    return this.#shape.layout;
  }

  get bytes(): Uint8Array {
    return this.#row.bytes;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  get key(): PackedRow {
    return new PackedKey(this, this.#shape);
  }

  locate(bounds: Int32Array): void {
    const found = this.bounds();
    for (let i = 2 * this.#shape.layout.length - 1; i >= 0; i--) bounds[i] = found[i]!;
  }

  /** Valid until another row is looked at. */
  bounds(): Int32Array {
    if (located === this) return locations;
    const shape = this.#shape;
    if (locations.length < 2 * shape.layout.length) locations = new Int32Array(2 * shape.layout.length);
    located = null;
    this.#format.locate(this.#row.bytes, this.#from, this.#to, shape, locations);
    located = this;
    return locations;
  }

  value(index: number, from: number, to: number): unknown {
    const column = this.#shape.fields[index]!;
    return column.read(this.#row, from, to) ?? column.missing;
  }

  values(): unknown[] {
    return this.#format.read(this.#row, this.#from, this.#to, this.#shape);
  }
}

class PackedKey implements PackedRow {
  readonly #row: PackedTableRow;
  readonly #shape: TableShape;

  constructor(row: PackedTableRow, shape: TableShape) {
    this.#row = row;
    this.#shape = shape;
  }

  get layout(): PackedLayout {
    return this.#shape.keyLayout;
  }

  get bytes(): Uint8Array {
    return this.#row.bytes;
  }

  get length(): number {
    return this.#row.length;
  }

  locate(bounds: Int32Array): void {
    const found = this.#row.bounds();
    const { keyIndexes } = this.#shape;
    for (let i = 0; i < keyIndexes.length; i++) {
      bounds[2 * i] = found[2 * keyIndexes[i]!]!;
      bounds[2 * i + 1] = found[2 * keyIndexes[i]! + 1]!;
    }
  }

  value(index: number, from: number, to: number): unknown {
    return this.#row.value(this.#shape.keyIndexes[index]!, from, to);
  }

  values(): unknown[] {
    const bounds = this.#row.bounds().slice();
    return this.#shape.keyIndexes.map((index) => {
      const to = bounds[2 * index + 1]!;
      return to === -1 ? null : this.#row.value(index, bounds[2 * index]!, to);
    });
  }
}
