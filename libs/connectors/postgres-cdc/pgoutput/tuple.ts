// Pure: rows of the log, read straight from the received bytes.
import { PackedTableRow, type RowContent, type RowFormat } from "../tables/row-format.ts";
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

/** The same, by the bytes it came in where nothing has to be filled in. */
export function packTuple(row: RowBytes, at: number, shape: TableShape): RowContent {
  return isWhole(row.bytes, at, shape)
    ? new PackedTableRow(TUPLE, shape, row, at, end)
    : readTuple(row, at, shape, null);
}

const TUPLE: RowFormat = {
  locate: locateFields,
  read: (row, from, _to, shape) => readTuple(row, from, shape, null),
};

/** Has all columns, with a value or a null that stands for itself. */
function isWhole(bytes: Buffer, at: number, { columns }: TableShape): boolean {
  const count = bytes.readUInt16BE(at);
  if (count !== columns.length) return false;
  let position = at + 2;
  for (let i = 0; i < count; i++) {
    const kind = bytes[position++]!;
    if (kind === TEXT) position += 4 + bytes.readUInt32BE(position);
    else if (kind !== NULL || (columns[i]!.index >= 0 && columns[i]!.missing !== null)) return false;
  }
  end = position;
  return true;
}

function locateFields(bytes: Buffer, from: number, _to: number, { columns }: TableShape, bounds: Int32Array): void {
  let position = from + 2;
  for (let i = 0; i < columns.length; i++) {
    const isNull = bytes[position++] === NULL;
    const length = isNull ? 0 : bytes.readUInt32BE(position);
    if (!isNull) position += 4;
    const { index } = columns[i]!;
    if (index >= 0) {
      bounds[2 * index] = position;
      bounds[2 * index + 1] = isNull ? -1 : position + length;
    }
    position += length;
  }
}
