// Pure: structs that hold packed rows, as the events of change data capture do, as JSON. What stays the same from one struct to
// the next is copied as the bytes it became before.
import { type Schema, Struct } from "@millrace/connect";
import { type ByteArena, ROOM_BYTES_MAX, UTF8_BYTES_PER_UNIT } from "./byte-arena.ts";
import { quoted } from "./json-text.ts";
import { compileJsonWriter, type JsonWriter } from "./json-writer.ts";
import { copyLong, PackedJsonWriter, type PackedMessage } from "./packed-json-writer.ts";
import { SteadyStructWriter } from "./steady-struct-writer.ts";

const STRUCT_END = Buffer.from("}");

/** One field with its name, as bytes or, where it is not worth keeping, as text; else what writes it. */
type Piece = Uint8Array | string | PackedJsonWriter | SteadyStructWriter;

interface Member {
  readonly schema: Schema;
  /** `{"name":` or `,"name":` */
  readonly name: string;
  readonly write: JsonWriter;
  /** Of packed rows and of other structs; null where neither can be. */
  readonly rows: PackedJsonWriter | null;
  readonly structs: SteadyStructWriter | null;
  /** A packed row, null or a primitive value; of a row that came twice and of the others what it became. */
  last: unknown;
  lastBytes: Uint8Array | null;
}

/** Writes the structs of one schema. */
export class NestedJsonWriter {
  readonly #members: readonly Member[];
  readonly #rowIndexes: readonly number[];
  readonly #pieces: Piece[];
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;

  constructor({ schema, options, prefix, suffix }: PackedMessage) {
    this.#members = schema.fields.map((field, i): Member => {
      const name = `${i === 0 ? "{" : ","}${quoted(field.name)}:`;
      const write = compileJsonWriter(field.schema, options);
      const isStruct = field.schema.type === "STRUCT" && field.schema.fields.length > 0;
      const message = { schema: field.schema, options, prefix: Buffer.from(name), suffix: STRUCT_END };
      const rows = isStruct ? new PackedJsonWriter(message) : null;
      const structs = isStruct ? new SteadyStructWriter(field.schema, options, name) : null;
      return { schema: field.schema, name, write, rows, structs, last: undefined, lastBytes: null };
    });
    this.#rowIndexes = this.#members.flatMap(({ rows }, i) => (rows === null ? [] : [i]));
    this.#pieces = this.#members.map(() => "");
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** Null when no field is packed, and where the struct has to be written by its values. @throws DataError as for them. */
  write(struct: Struct, arena: ByteArena): Uint8Array | null {
    const { values } = struct;
    if (!this.#hasRow(values)) return null;
    let bytesMax = this.#prefix.length + this.#suffix.length;
    for (let i = 0; i < this.#members.length; i++) {
      const bytes = this.#prepare(i, values[i], arena);
      if (bytes === -1) return null;
      bytesMax += bytes;
    }
    if (bytesMax > ROOM_BYTES_MAX) return null;
    const out = arena.room(bytesMax);
    let at = copyLong(this.#prefix, out, arena.position);
    for (let i = 0; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i]!;
      if (typeof piece === "string") at += out.write(piece, at, "utf8");
      else if (piece instanceof Uint8Array) at = copyLong(piece, out, at);
      else if (piece instanceof SteadyStructWriter) at = piece.append(out, at);
      else at = piece.append((values[i] as Struct).packed!, arena, out, at);
      if (at === -1) return null;
    }
    return arena.take(copyLong(this.#suffix, out, at));
  }

  #hasRow(values: readonly unknown[]): boolean {
    for (const i of this.#rowIndexes) {
      const value = values[i];
      if (value instanceof Struct && value.packed !== null) return true;
    }
    return false;
  }

  /** Makes the piece. @returns the room it needs; -1: only its values say how it is written. */
  #prepare(i: number, value: unknown, arena: ByteArena): number {
    const member = this.#members[i]!;
    const struct = value instanceof Struct && value.schema === member.schema ? value : null;
    const row = struct === null ? null : struct.packed;
    if (row === null) {
      if (struct !== null && member.structs !== null) {
        this.#pieces[i] = member.structs;
        return member.structs.prepare(struct);
      }
      const piece = valuePiece(member, value);
      this.#pieces[i] = piece;
      return typeof piece === "string" ? piece.length * UTF8_BYTES_PER_UNIT : piece.length;
    }
    if (row !== member.last) {
      member.last = row;
      member.lastBytes = null;
      this.#pieces[i] = member.rows!;
      return member.rows!.prepare(row);
    }
    // A row is never changed.
    member.lastBytes ??= member.rows!.write(row, arena);
    if (member.lastBytes === null) return -1;
    this.#pieces[i] = member.lastBytes;
    return member.lastBytes.length;
  }
}

function valuePiece(member: Member, value: unknown): Uint8Array | string {
  // A zero has two signs.
  if (Object.is(value, member.last) && member.lastBytes !== null) return member.lastBytes;
  const text = member.name + member.write(value);
  // An object may be changed and be the same.
  if (typeof value === "object" && value !== null) return text;
  member.last = value;
  member.lastBytes = Buffer.from(text, "utf8");
  return member.lastBytes;
}
