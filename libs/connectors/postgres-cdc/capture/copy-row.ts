// Pure: one line of COPY … TO STDOUT in text form.
import { PackedTableRow, type RowContent, type RowFormat } from "../tables/row-format.ts";
import type { TableShape } from "../tables/table-shape.ts";
import { ReceivedBytes, type RowBytes } from "../values/row-bytes.ts";

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

/** Rows of one COPY, each by the bytes it came in. */
export class CopiedRows {
  #row = new ReceivedBytes(Buffer.alloc(0));
  /** The first backslash that is not behind the rows read so far; -1: there is none. */
  #backslash = -1;

  /** True when these are bytes it has not seen before. */
  receive(bytes: Buffer, from: number): boolean {
    if (bytes === this.#row.bytes) return false;
    this.#row = new ReceivedBytes(bytes);
    this.#backslash = bytes.indexOf(BACKSLASH, from);
    return true;
  }

  /** Of bytes that were received. */
  read(from: number, to: number, shape: TableShape): RowContent {
    const row = this.#row;
    if (this.#backslash !== -1 && this.#backslash < from) this.#backslash = row.bytes.indexOf(BACKSLASH, from);
    const plain = this.#backslash === -1 || this.#backslash >= to || hasOnlyNulls(row.bytes, from, to, shape);
    return plain ? new PackedTableRow(COPY, shape, row, from, to) : readCopyRow(row, from, to, shape);
  }
}

const COPY: RowFormat = { locate: locateCopied, read: readCopyRow };

/** No backslash but those of nulls, and no null that something else stands for. */
function hasOnlyNulls(bytes: Buffer, from: number, to: number, { columns }: TableShape): boolean {
  let at = from;
  for (let i = 0; i < columns.length; i++) {
    const { index, missing } = columns[i]!;
    if (index < 0) continue;
    const isNull = bytes[at] === BACKSLASH && bytes[at + 1] === NULL_CHAR;
    if (isNull && missing !== null) return false;
    if (isNull) at += 2;
    for (; at < to && bytes[at] !== TAB && bytes[at] !== NEWLINE; at++) if (bytes[at] === BACKSLASH) return false;
    at++;
  }
  return true;
}

function locateCopied(bytes: Buffer, from: number, to: number, shape: TableShape, bounds: Int32Array): void {
  const { columns } = shape;
  const last = shape.layout.length - 1;
  let at = from;
  for (let i = 0; i < columns.length; i++) {
    const { index } = columns[i]!;
    if (index < 0) continue;
    bounds[2 * index] = at;
    const isNull = bytes[at] === BACKSLASH;
    // A row ends with a line feed.
    if (index === last) at = bytes[to - 1] === NEWLINE ? to - 1 : to;
    else while (bytes[at] !== TAB && bytes[at] !== NEWLINE) at++;
    bounds[2 * index + 1] = isNull ? -1 : at;
    at++;
  }
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
  return column.read(new ReceivedBytes(text), 0, length) ?? column.missing;
}
