// Pure: structs whose values are still the bytes a source received, as JSON: from bytes to bytes, with no value between.
import {
  Decimal,
  type Field,
  type PackedField,
  type PackedLayout,
  type PackedRow,
  type Schema,
  Timestamp,
} from "@millrace/connect";
import { type ByteArena, NO_BYTES, ROOM_BYTES_MAX, UTF8_BYTES_PER_UNIT } from "./byte-arena.ts";
import {
  type ByteView,
  byteView,
  copyBytes,
  INTEGER_BYTES_MAX,
  QUOTED_BYTES_PER_BYTE,
  QUOTES_BYTES,
  quoteUtf8,
  writeInteger,
} from "./json-bytes.ts";
import { quoted } from "./json-text.ts";
import { compileJsonWriter, type JsonWriteOptions, type JsonWriter, LOGICAL_NAMES } from "./json-writer.ts";
import { isSmall, SMALL_INTEGER_BASE64_BYTES_MAX, writeSmallIntegerBase64Json } from "./small-integer-base64.ts";

/** Up to this, a loop is faster than the runtime's own copy. */
const SHORT_LENGTH = 32;
/** Of a field that is no text: quotes, and a number. */
const PLAIN_BYTES_MAX = QUOTES_BYTES + Math.max(INTEGER_BYTES_MAX, SMALL_INTEGER_BASE64_BYTES_MAX);
const UTF8 = 0;
const DIGITS = 1;
const MILLIS = 2;
const UNSCALED = 3;
const TEXT = 4;
const INTEGER = 5;
const WRITTEN = 6;
const QUOTE = 0x22;
/** Of one schema. */
export interface PackedMessage {
  readonly schema: Schema;
  readonly options: JsonWriteOptions;
  /** What stands before and behind every value. */
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

interface FieldPlan {
  readonly form: number;
  readonly number: NonNullable<PackedField["number"]>;
  readonly put: NonNullable<PackedField["write"]>;
  readonly write: JsonWriter;
  /** `{"name":` or `,"name":` */
  readonly name: Uint8Array;
  /** Null: it may not be null. */
  readonly nullText: Uint8Array | null;
}

/** Writes the packed rows of one schema. */
export class PackedJsonWriter {
  readonly #message: PackedMessage;
  #layout: PackedLayout | null = null;
  #fields: readonly FieldPlan[] = [];
  /** Rows mostly come in runs of the same bytes. */
  #source: ByteView = byteView(NO_BYTES);
  #hasTexts = false;
  #bounds = new Int32Array(0);
  /** By field: of what has no form of its own, in this row. */
  #texts: string[] = [];
  #fixedBytes = 0;

  constructor(message: PackedMessage) {
    this.#message = message;
  }

  /** Null when the row has to be written by its values, also for what is wrong with them. */
  write(row: PackedRow, arena: ByteArena): Uint8Array | null {
    const bytesMax = this.prepare(row);
    if (bytesMax === -1) return null;
    const end = this.append(row, arena, arena.room(bytesMax), arena.position);
    return end === -1 ? null : arena.take(end);
  }

  /** The room that `append` needs for this row, which comes next; -1: it has to be written by its values. */
  prepare(row: PackedRow): number {
    if (row.layout !== this.#layout) this.#compile(row.layout);
    let bytesMax = this.#fixedBytes + row.length * QUOTED_BYTES_PER_BYTE;
    if (bytesMax > ROOM_BYTES_MAX) return -1;
    row.locate(this.#bounds);
    if (this.#hasTexts) bytesMax += this.#makeTexts(row);
    return bytesMax > ROOM_BYTES_MAX ? -1 : bytesMax;
  }

  /** @returns where it ends; -1: it has to be written by its values, and what was written is of no use. */
  append(row: PackedRow, arena: ByteArena, out: Buffer, start: number): number {
    const { prefix, suffix } = this.#message;
    if (row.bytes !== this.#source.bytes) this.#source = byteView(row.bytes);
    const end = this.#writeFields(arena.chunk, out, copyLong(prefix, out, start));
    return end === -1 ? -1 : copyBytes(suffix, 0, suffix.length, out, end);
  }

  #writeFields(target: ByteView, out: Buffer, start: number): number {
    const { bytes } = this.#source;
    const fields = this.#fields;
    const bounds = this.#bounds;
    let at = start;
    for (let i = 0; i < fields.length; i++) {
      const { form, name, number, put, nullText } = fields[i]!;
      at = copyBytes(name, 0, name.length, out, at);
      const from = bounds[2 * i]!;
      const to = bounds[2 * i + 1]!;
      if (to === -1) at = nullText === null ? -1 : copyBytes(nullText, 0, nullText.length, out, at);
      else if (form === UTF8) at = quoteUtf8(this.#source, from, to, target, at);
      else if (form === DIGITS) at = copyBytes(bytes, from, to, out, at);
      else if (form === TEXT) at = writeText(this.#texts[i]!, out, at);
      else if (form === WRITTEN) {
        out[at] = QUOTE;
        at = put(bytes, from, to, out, at + 1);
        if (at !== -1) out[at++] = QUOTE;
      } else {
        const value = number(bytes, from, to);
        if (!(form === UNSCALED ? isSmall(value) : Number.isSafeInteger(value))) return -1;
        at = form === UNSCALED ? writeSmallIntegerBase64Json(value, out, at) : writeInteger(value, out, at);
      }
      if (at === -1) return -1;
    }
    return at;
  }

  /** @returns how many bytes they may need. */
  #makeTexts(row: PackedRow): number {
    const fields = this.#fields;
    let bytes = 0;
    for (let i = 0; i < fields.length; i++) {
      const to = this.#bounds[2 * i + 1]!;
      if (fields[i]!.form !== TEXT || to === -1) continue;
      const text = fields[i]!.write(row.value(i, this.#bounds[2 * i]!, to));
      this.#texts[i] = text;
      bytes += text.length * UTF8_BYTES_PER_UNIT;
    }
    return bytes;
  }

  #compile(layout: PackedLayout): void {
    const { schema, options, prefix, suffix } = this.#message;
    this.#layout = layout;
    this.#fields = schema.fields.map((field, i) => fieldPlan(field, layout[i]!, options));
    this.#hasTexts = this.#fields.some(({ form }) => form === TEXT);
    this.#bounds = new Int32Array(2 * schema.fields.length);
    this.#texts = schema.fields.map(() => "");
    const fixed = this.#fields.map(
      ({ name, nullText }) => name.length + Math.max(PLAIN_BYTES_MAX, nullText?.length ?? 0),
    );
    this.#fixedBytes = fixed.reduce((sum, bytes) => sum + bytes, prefix.length + suffix.length);
  }
}

function fieldPlan({ name, index, schema }: Field, field: PackedField, options: JsonWriteOptions): FieldPlan {
  const write = compileJsonWriter(schema, options);
  const mayBeNull = schema.optional || (schema.default !== undefined && options.replaceNullWithDefault);
  return {
    form: formOf(field, schema, options),
    number: field.number ?? notANumber,
    put: field.write ?? notWritten,
    write,
    name: Buffer.from(`${index === 0 ? "{" : ","}${quoted(name)}:`, "utf8"),
    nullText: mayBeNull ? Buffer.from(write(null), "utf8") : null,
  };
}

/** TEXT where the type is written in another way than the form's. */
function formOf({ form }: PackedField, { name, type }: Schema, { decimalFormat }: JsonWriteOptions): number {
  const plain = !LOGICAL_NAMES.has(name);
  if (form === "utf8" && type === "STRING" && plain) return UTF8;
  if (form === "written" && type === "STRING" && plain) return WRITTEN;
  if (form === "digits" && type.startsWith("INT") && plain) return DIGITS;
  if (form === "integer" && type.startsWith("INT") && plain) return INTEGER;
  if (form === "millis" && name === Timestamp.LOGICAL_NAME) return MILLIS;
  return form === "unscaled" && name === Decimal.LOGICAL_NAME && decimalFormat === "BASE64" ? UNSCALED : TEXT;
}

export function copyLong(bytes: Uint8Array, out: Buffer, at: number): number {
  if (bytes.length < SHORT_LENGTH) return copyBytes(bytes, 0, bytes.length, out, at);
  out.set(bytes, at);
  return at + bytes.length;
}

export function writeText(text: string, out: Buffer, start: number): number {
  if (text.length > SHORT_LENGTH) return start + out.write(text, start, "utf8");
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return start + out.write(text, start, "utf8");
    out[start + i] = unit;
  }
  return start + text.length;
}

function notANumber(): number {
  return Number.NaN;
}

function notWritten(): number {
  return -1;
}
