// Pure: rows of the log, read straight from the received bytes.
import type { TableShape } from "../tables/table-shape.ts";
import type { RowBytes } from "../values/row-bytes.ts";

const NULL = 110;
const UNCHANGED = 117;
const TEXT = 116;

/** Where the last read tuple ended: there is one reader, and a result object per row would cost more. */
let end = 0;

export function tupleEnd(): number {
  return end;
}

/**
 * Values by the shape's value schema. `at` is the position of the number of columns; `old` fills in what the new row does not
 * repeat. A column the tuple does not have is missing.
 */
export function readTuple(row: RowBytes, at: number, shape: TableShape, old: unknown[] | null): unknown[] {
  const { bytes } = row;
  const { columns } = shape;
  const count = bytes.readUInt16BE(at);
  const values = new Array<unknown>(shape.valueSchema.fields.length).fill(null);
  let position = at + 2;
  for (let i = 0; i < count; i++) {
    const kind = bytes[position++]!;
    const column = columns[i];
    if (kind === TEXT) {
      const length = bytes.readUInt32BE(position);
      position += 4;
      if (column !== undefined && column.index >= 0) {
        values[column.index] = column.read(row, position, position + length) ?? column.missing;
      }
      position += length;
    } else if (column === undefined || column.index < 0) {
      // Nothing to read, and nobody asks.
    } else if (kind === NULL) {
      values[column.index] = column.missing;
    } else if (kind === UNCHANGED) {
      values[column.index] = old?.[column.index] ?? column.placeholder;
    }
  }
  end = position;
  return values;
}
