// Pure: columns of rows as arrays that Postgres takes as the values of a statement.
import type { SqlValue } from "../../connection/connection.ts";
import type { SqlRow } from "../sink-dialect.ts";
import { ByteWriter } from "./byte-writer.ts";

const TEXT_FORMAT = 0;
const BINARY_FORMAT = 1;
/** Of a column and row, when nothing better is known. */
const VALUE_BYTES = 24;
const HEADER_BYTES = 20;
/** A length and the largest number. */
const NUMBER_BYTES = 12;
const NULL_LENGTH = -1;

/** How values of a type are sent in binary form. */
interface BinaryType {
  readonly oid: number;
  /** False: the value is none that the type has, and may be written in text form, where the server decides. */
  write(out: ByteWriter, value: SqlValue): boolean;
}

const integer = (oid: number, bytes: 2 | 4): BinaryType => {
  const limit = 2 ** (8 * bytes - 1);
  return {
    oid,
    write(out, value) {
      if (!Number.isInteger(value) || (value as number) < -limit || (value as number) >= limit) return false;
      out.int32(bytes);
      if (bytes === 2) out.int16(value as number);
      else out.int32(value as number);
      return true;
    },
  };
};

const text = (oid: number): BinaryType => ({
  oid,
  write(out, value) {
    if (typeof value !== "string") return false;
    out.text(value);
    return true;
  },
});

/** By the name `format_type` gives. Others are sent as text. */
const BINARY_TYPES: ReadonlyMap<string, BinaryType> = new Map<string, BinaryType>([
  ["smallint", integer(21, 2)],
  ["integer", integer(23, 4)],
  [
    "bigint",
    {
      oid: 20,
      write(out, value) {
        const fits = typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
        if (!fits) return false;
        out.int32(8);
        out.int64(value as number | bigint);
        return true;
      },
    },
  ],
  [
    "real",
    {
      oid: 700,
      write(out, value) {
        if (typeof value !== "number") return false;
        const rounded = Math.fround(value);
        // The server refuses what becomes infinite or nothing.
        if (Number.isFinite(value) && (!Number.isFinite(rounded) || (rounded === 0 && value !== 0))) return false;
        out.int32(4);
        out.float32(rounded);
        return true;
      },
    },
  ],
  [
    "double precision",
    {
      oid: 701,
      write(out, value) {
        if (typeof value !== "number") return false;
        out.int32(8);
        out.float64(value);
        return true;
      },
    },
  ],
  [
    "boolean",
    {
      oid: 16,
      write(out, value) {
        if (typeof value !== "boolean") return false;
        out.int32(1);
        out.int8(value ? 1 : 0);
        return true;
      },
    },
  ],
  ["text", text(25)],
  ["character varying", text(1043)],
  [
    "bytea",
    {
      oid: 17,
      write(out, value) {
        if (!(value instanceof Uint8Array)) return false;
        out.lengthAndBytes(value);
        return true;
      },
    },
  ],
]);

/**
 * As a Bind message has them: the format of each value, then the values, one array for each column of the rows.
 * @param types the arrays' element types.
 */
export function packArrays(rows: readonly SqlRow[], types: readonly string[]): Uint8Array {
  const out = new ByteWriter(rows.length * types.length * VALUE_BYTES + types.length * 2 * HEADER_BYTES + HEADER_BYTES);
  out.reserve(4 + 2 * types.length);
  out.int16(types.length);
  const formatsAt = out.at;
  for (let column = 0; column < types.length; column++) out.int16(TEXT_FORMAT);
  out.int16(types.length);
  for (let column = 0; column < types.length; column++) {
    const start = out.at;
    const binary = BINARY_TYPES.get(types[column]!);
    if (binary !== undefined && packBinary(out, rows, column, binary))
      out.int16At(formatsAt + 2 * column, BINARY_FORMAT);
    else {
      out.at = start;
      out.text(arrayText(rows, column));
    }
  }
  return out.bytes();
}

function packBinary(out: ByteWriter, rows: readonly SqlRow[], column: number, { oid, write }: BinaryType): boolean {
  const start = out.at;
  let nulls = 0;
  out.reserve(4 + HEADER_BYTES);
  // The length, which is known later; dimensions, whether there are nulls, the elements' type, how many, the first's number.
  for (const part of [0, 1, 0, oid, rows.length, 1]) out.int32(part);
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]![column]!;
    out.reserve(NUMBER_BYTES);
    if (value === null) {
      out.int32(NULL_LENGTH);
      nulls++;
    } else if (!write(out, value)) return false;
  }
  out.int32At(start, out.at - start - 4);
  if (nulls > 0) out.int32At(start + 8, 1);
  return true;
}

/** One column of rows in Postgres's text form of an array. */
function arrayText(rows: readonly SqlRow[], column: number): string {
  let text = "{";
  for (let i = 0; i < rows.length; i++) {
    if (i > 0) text += ",";
    text += elementText(rows[i]![column]!);
  }
  return `${text}}`;
}

const PLAIN = /^[A-Za-z0-9_.:+-]+$/;
const SPECIAL = /["\\]/g;

/** As it stands in the text of an array. */
export function elementText(value: SqlValue): string {
  switch (typeof value) {
    case "string":
      if (PLAIN.test(value) && value.toUpperCase() !== "NULL") return value;
      return `"${value.replace(SPECIAL, "\\$&")}"`;
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "t" : "f";
    default:
      if (value === null) return "NULL";
      return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}"`;
  }
}
