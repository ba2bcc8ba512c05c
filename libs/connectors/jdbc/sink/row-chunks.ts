// Pure: rows cut into what one statement takes.
import type { SqlValue } from "../connection/connection.ts";
import type { SqlRow } from "./sink-dialect.ts";

/** MySQL refuses packets above 16 MB by default, and texts grow when they are quoted. */
const BYTES_MAX = 4_000_000;
const VALUE_BYTES = 8;

/** In order; none is empty. A row that is too large by itself stands alone. */
export function rowChunks(rows: readonly SqlRow[], rowsMax: number, bytesMax = BYTES_MAX): (readonly SqlRow[])[] {
  const chunks: (readonly SqlRow[])[] = [];
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i++) {
    const size = rowBytes(rows[i]!);
    if (i > start && (i - start >= rowsMax || bytes + size > bytesMax)) {
      chunks.push(rows.slice(start, i));
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start === 0) return rows.length === 0 ? [] : [rows];
  chunks.push(rows.slice(start));
  return chunks;
}

/** As it probably is in a statement. */
export function rowBytes(row: SqlRow): number {
  let bytes = 0;
  for (let i = 0; i < row.length; i++) bytes += valueBytes(row[i]!);
  return bytes;
}

function valueBytes(value: SqlValue): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? 2 * value.byteLength : VALUE_BYTES;
}
