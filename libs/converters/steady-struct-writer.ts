// Pure: structs of which most fields stay as they were from one to the next, as JSON: only what changed is written anew.
import type { Schema, Struct } from "@millrace/connect";
import { NO_BYTES, ROOM_BYTES_MAX, UTF8_BYTES_PER_UNIT } from "./byte-arena.ts";
import {
  copyBytes,
  INTEGER_BYTES_MAX,
  QUOTED_BYTES_PER_BYTE,
  QUOTES_BYTES,
  quoteAscii,
  SHORT_TEXT_LENGTH,
  writeInteger,
} from "./json-bytes.ts";
import { quoted } from "./json-text.ts";
import { compileJsonWriter, type JsonWriteOptions, type JsonWriter, LOGICAL_NAMES } from "./json-writer.ts";
import { copyLong, writeText } from "./packed-json-writer.ts";

const STRUCT_END = 0x7d;
/** Room for a struct that grows a little. */
const SPARE_BYTES = 256;

interface Field {
  readonly name: Uint8Array;
  readonly write: JsonWriter;
  readonly isString: boolean;
  readonly isInteger: boolean;
  /** A string that differed once is written each time: that takes less than to compare it. */
  varies: boolean;
  /** What stands in the text, and where. */
  value: unknown;
  start: number;
  end: number;
}

/**
 * Writes the structs of one schema. Keeps the text of the last one: a value that takes as many bytes as the one before it is written
 * over that, and only behind one that does not everything moves.
 */
export class SteadyStructWriter {
  readonly #fields: readonly Field[];
  #buffer: Buffer = Buffer.alloc(0);
  #text: Uint8Array = NO_BYTES;
  /** False: nothing is known of the text, as the last struct was refused or there was none. */
  #isWhole = false;

  /** @param prefix what stands before each. */
  constructor(schema: Schema, options: JsonWriteOptions, prefix: string) {
    this.#fields = schema.fields.map(({ name, schema: { type, name: meaning }, schema: field }, i): Field => {
      const isPlain = !LOGICAL_NAMES.has(meaning);
      return {
        name: Buffer.from(`${i === 0 ? `${prefix}{` : ","}${quoted(name)}:`, "utf8"),
        write: compileJsonWriter(field, options),
        isString: isPlain && type === "STRING",
        isInteger: isPlain && type === "INT64",
        varies: false,
        value: undefined,
        start: 0,
        end: 0,
      };
    });
  }

  /**
   * @returns how many bytes `append` writes for this struct, which comes next; -1: it is too large, and only its values say how it
   * is written. @throws DataError when a value does not fit.
   */
  prepare({ values }: Struct): number {
    let moves = !this.#isWhole;
    let at = 0;
    this.#isWhole = false;
    for (let i = 0; i < this.#fields.length; i++) {
      const field = this.#fields[i]!;
      const value = values[i];
      if (moves || field.varies || !isSame(value, field.value)) {
        if (moves) field.start = this.#writeName(field, at);
        else field.varies = field.isString;
        const end = this.#writeValue(field, value);
        if (end === -1) return -1;
        moves ||= end !== field.end;
        field.end = end;
        field.value = value;
      }
      at = field.end;
    }
    if (moves) {
      this.#makeRoom(at, 1);
      this.#buffer[at++] = STRUCT_END;
      this.#text = this.#buffer.subarray(0, at);
    }
    this.#isWhole = true;
    return this.#text.length;
  }

  append(out: Buffer, at: number): number {
    return copyLong(this.#text, out, at);
  }

  #writeName({ name }: Field, at: number): number {
    this.#makeRoom(at, name.length);
    return copyBytes(name, 0, name.length, this.#buffer, at);
  }

  /** @returns where it ends; -1: there may be no room. */
  #writeValue({ start, isInteger, isString, write }: Field, value: unknown): number {
    if (isInteger && Number.isSafeInteger(value)) {
      this.#makeRoom(start, INTEGER_BYTES_MAX);
      return writeInteger(value as number, this.#buffer, start);
    }
    if (isString && typeof value === "string" && value.length <= SHORT_TEXT_LENGTH) {
      this.#makeRoom(start, QUOTES_BYTES + value.length * QUOTED_BYTES_PER_BYTE);
      const end = quoteAscii(value, this.#buffer, start);
      if (end !== -1) return end;
    }
    const text = write(value);
    if (start + text.length * UTF8_BYTES_PER_UNIT > ROOM_BYTES_MAX) return -1;
    this.#makeRoom(start, text.length * UTF8_BYTES_PER_UNIT);
    return writeText(text, this.#buffer, start);
  }

  #makeRoom(at: number, bytes: number): void {
    if (at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (at + bytes) + SPARE_BYTES);
    this.#buffer.copy(larger);
    this.#buffer = larger;
    this.#text = larger.subarray(0, this.#text.length);
  }
}

/** They are written alike. An object may have changed and be the same; a zero has two signs. */
function isSame(value: unknown, before: unknown): boolean {
  return value === before && value !== 0 && (typeof value !== "object" || value === null);
}
