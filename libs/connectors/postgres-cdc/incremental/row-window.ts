// Pure: rows of one chunk, until it is known which of them the stream brings anyway.
import { Struct } from "@millrace/connect";
import type { TableShape } from "../tables/table-shape.ts";
import type { KeyParts } from "./java-keys.ts";

export interface WindowRow {
  readonly values: unknown[];
  readonly key: KeyParts;
}

export class RowWindow {
  #shape: TableShape | null = null;
  #fields: readonly string[] = [];
  readonly #rows = new Map<string, WindowRow>();
  /** Of the shape rows of the stream had last: columns may have come or gone since the chunk was read. */
  #streamed: { readonly shape: TableShape; readonly indexes: readonly number[] } | null = null;

  get shape(): TableShape | null {
    return this.#shape;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** `fields`: of the value, those that tell rows apart. */
  begin(shape: TableShape, fields: readonly string[]): void {
    this.#shape = shape;
    this.#fields = fields;
    this.#streamed = null;
    this.#rows.clear();
  }

  put(row: WindowRow): void {
    this.#rows.set(keyText(row.values, this.#indexes(this.#shape!)), row);
  }

  /** The stream brings this row: what the chunk has of it is not newer. */
  drop(shape: TableShape, values: readonly unknown[]): void {
    if (this.#rows.size > 0 && shape.oid === this.#shape!.oid) {
      this.#rows.delete(keyText(values, this.#indexes(shape)));
    }
  }

  /** The table was emptied. */
  clear(shape: TableShape): void {
    if (shape.oid === this.#shape?.oid) this.#rows.clear();
  }

  /** In the order they were read; the window is empty then. */
  take(): WindowRow[] {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }

  #indexes(shape: TableShape): readonly number[] {
    if (this.#streamed?.shape !== shape) {
      const indexes = this.#fields.map((name) => shape.valueSchema.field(name)?.index ?? -1);
      this.#streamed = { shape, indexes };
    }
    return this.#streamed.indexes;
  }
}

/** Equal for equal values of one type. */
function keyText(values: readonly unknown[], indexes: readonly number[]): string {
  return indexes.map((index) => partText(values[index])).join("\u0000");
}

function partText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Struct) return value.values.map(partText).join(",");
  return String(value);
}
