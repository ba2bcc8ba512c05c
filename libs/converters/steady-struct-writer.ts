// Pure: structs of which most fields stay as they were from one to the next, as JSON: those that did not change yet are copied together.
import type { Schema, Struct } from "@millrace/connect";
import { UTF8_BYTES_PER_UNIT } from "./byte-arena.ts";
import {
  copyBytes,
  INTEGER_BYTES_MAX,
  QUOTED_BYTES_PER_BYTE,
  QUOTES_BYTES,
  quoteAscii,
  writeInteger,
} from "./json-bytes.ts";
import { quoted } from "./json-text.ts";
import { compileJsonWriter, type JsonWriteOptions, type JsonWriter, LOGICAL_NAMES } from "./json-writer.ts";
import { copyLong, writeText } from "./packed-json-writer.ts";

const STRUCT_END = Buffer.from("}");
/** Differs from every value. */
const NOTHING = Symbol("nothing yet");

interface Field {
  readonly name: Uint8Array;
  readonly write: JsonWriter;
  readonly isString: boolean;
  readonly isInteger: boolean;
  /** It was different once, or may be and look the same; from then on it is written each time. */
  varies: boolean;
  /** What the text is of: of what has no way of its own, and of one that never varied. */
  value: unknown;
  text: string | null;
}

/** The bytes of fields that do not vary, or the index of one that does. */
type Run = Uint8Array | number;

/** Writes the structs of one schema. */
export class SteadyStructWriter {
  readonly #fields: readonly Field[];
  /** Null: to be made anew. */
  #runs: Run[] | null = null;
  #fixedBytes = 0;

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
        value: NOTHING,
        text: null,
      };
    });
  }

  /** The room that `append` needs for this struct, which comes next. @throws DataError when a value does not fit. */
  prepare({ values }: Struct): number {
    let bytes = 0;
    for (let i = 0; i < this.#fields.length; i++) {
      const field = this.#fields[i]!;
      const value = values[i];
      if (!field.varies) {
        if (value === field.value) continue;
        this.#differs(field, value);
        if (!field.varies) continue;
      }
      bytes += field.name.length + roomFor(field, value);
    }
    this.#runs ??= this.#makeRuns();
    return this.#fixedBytes + bytes;
  }

  append({ values }: Struct, out: Buffer, start: number): number {
    let at = start;
    for (const run of this.#runs!) {
      if (typeof run !== "number") at = copyLong(run, out, at);
      else {
        const field = this.#fields[run]!;
        at = writeField(field, values[run], out, copyBytes(field.name, 0, field.name.length, out, at));
      }
    }
    return copyBytes(STRUCT_END, 0, STRUCT_END.length, out, at);
  }

  #differs(field: Field, value: unknown): void {
    this.#runs = null;
    // Of objects and zeros, equal ones may be written differently.
    const isSteady = field.value === NOTHING && (typeof value !== "object" || value === null) && value !== 0;
    field.text = isSteady ? field.write(value) : null;
    field.varies = !isSteady;
    field.value = value;
  }

  #makeRuns(): Run[] {
    const runs: Run[] = [];
    let fixed: Uint8Array[] = [];
    const end = () => {
      if (fixed.length > 0) runs.push(Buffer.concat(fixed));
      fixed = [];
    };
    this.#fields.forEach(({ varies, name, text }, i) => {
      if (!varies) fixed.push(name, Buffer.from(text!, "utf8"));
      else {
        end();
        runs.push(i);
      }
    });
    end();
    this.#fixedBytes = runs.reduce<number>(
      (sum, run) => sum + (typeof run === "number" ? 0 : run.length),
      STRUCT_END.length,
    );
    return runs;
  }
}

/** Makes the text of what has no way of its own. */
function roomFor(field: Field, value: unknown): number {
  if (field.isInteger && Number.isSafeInteger(value)) return INTEGER_BYTES_MAX;
  if (field.isString && typeof value === "string") return QUOTES_BYTES + value.length * QUOTED_BYTES_PER_BYTE;
  // An object may be changed and be the same; a zero has two signs.
  if (field.text === null || !Object.is(value, field.value) || (typeof value === "object" && value !== null)) {
    field.text = field.write(value);
    field.value = value;
  }
  return field.text.length * UTF8_BYTES_PER_UNIT;
}

function writeField(field: Field, value: unknown, out: Buffer, at: number): number {
  if (field.isInteger && Number.isSafeInteger(value)) return writeInteger(value as number, out, at);
  if (!field.isString || typeof value !== "string") return writeText(field.text!, out, at);
  const end = quoteAscii(value, out, at);
  return end === -1 ? at + out.write(quoted(value), at, "utf8") : end;
}
