// Pure: one line of COPY … TO STDOUT in text form.
import type { TableShape } from "../tables/table-shape.ts";
import type { RowBytes } from "../values/row-bytes.ts";

const TAB = 9;
const NEWLINE = 10;
const BACKSLASH = 92;
const NULL_CHAR = 78;
const ESCAPES: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/** Values by the shape's value schema. Columns stand in the shape's order; those left out are not there. */
export function readCopyRow(row: RowBytes, from: number, to: number, shape: TableShape): unknown[] {
  const { bytes } = row;
  const values = new Array<unknown>(shape.valueSchema.fields.length);
  const { columns } = shape;
  let at = from;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (column.index < 0) continue;
    const start = at;
    let escaped = false;
    let byte = bytes[at]!;
    while (at < to && byte !== TAB && byte !== NEWLINE) {
      if (byte === BACKSLASH) {
        escaped = true;
        at++;
      }
      byte = bytes[++at]!;
    }
    values[column.index] = escaped
      ? readEscaped(bytes, start, at, column)
      : (column.read(row, start, at) ?? column.missing);
    at++;
  }
  return values;
}

function readEscaped(bytes: Buffer, from: number, to: number, column: TableShape["columns"][number]): unknown {
  if (to - from === 2 && bytes[from + 1] === NULL_CHAR) return column.missing;
  const plain = Buffer.allocUnsafe(to - from);
  let length = 0;
  for (let at = from; at < to; at++) {
    let byte = bytes[at]!;
    if (byte === BACKSLASH) {
      byte = bytes[++at]!;
      byte = ESCAPES[byte] ?? byte;
    }
    plain[length++] = byte;
  }
  const text = plain.subarray(0, length);
  return column.read({ bytes: text, latin1: text.toString("latin1") }, 0, length) ?? column.missing;
}
