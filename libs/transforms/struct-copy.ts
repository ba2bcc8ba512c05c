// Pure: filling one struct from another, with the lookups and most checks of Java's Struct.put done once per schema.
import { DataError, type Field, type Schema, type Struct, validateValue } from "@millrace/connect";
import { asJavaObject } from "./java-object.ts";

export interface StructCopyOptions {
  readonly from: Schema;
  readonly to: Schema;
  /** How many fields of `to` are filled, from the first on; all unless said. The others stay unset. */
  readonly count?: number;
  /** The name in `from` of what fills a field of `to`; the same name unless said. */
  readonly sourceName?: (name: string) => string;
  /** True reads as `Struct.get` does, false as `getWithoutDefault`. */
  readonly nullsBecomeDefaults: boolean;
}

interface Move {
  readonly to: Field;
  /** Undefined: there is no such field. */
  readonly from: Field | undefined;
  readonly fromName: string;
}

/** In place of a source index: the move is not one of equal schemas. */
const CHECKED = -1;

/**
 * Values of the old struct are trusted to fit their own schema. What is left to find out for each record: null for a
 * required field, and, where the two fields differ in schema, whether the value fits the new one.
 */
export class StructCopy {
  readonly #size: number;
  readonly #moves: readonly Move[];
  readonly #sources: Int32Array;
  readonly #defaults: readonly unknown[];
  readonly #required: readonly boolean[];

  constructor({ from, to, count, sourceName = (name) => name, nullsBecomeDefaults }: StructCopyOptions) {
    this.#size = to.fields.length;
    this.#moves = to.fields.slice(0, count).map((field) => {
      const fromName = sourceName(field.name);
      return { to: field, from: from.field(fromName), fromName };
    });
    this.#sources = Int32Array.from(this.#moves, (move) => {
      return move.from?.schema.equals(move.to.schema) ? move.from.index : CHECKED;
    });
    this.#defaults = this.#moves.map((move) => (nullsBecomeDefaults ? (move.from?.schema.default ?? null) : null));
    this.#required = this.#moves.map((move) => !move.to.schema.optional);
  }

  /**
   * All values of the new struct, for the caller to keep; unset ones are null.
   * @throws DataError where `Struct.get` or `Struct.put` would, with the same message.
   */
  valuesFrom(struct: Struct): unknown[] {
    const sources = this.#sources;
    const defaults = this.#defaults;
    const required = this.#required;
    const old = struct.values;
    const values = new Array<unknown>(this.#size).fill(null);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      const value = source === CHECKED ? this.#checked(i, old) : (old[source] ?? defaults[i]);
      if (value === null && required[i]) refuseNull(this.#moves[i]!.to);
      values[i] = value;
    }
    return values;
  }

  #checked(index: number, old: readonly unknown[]): unknown {
    const { from, to, fromName } = this.#moves[index]!;
    if (from === undefined) throw new DataError(`${fromName} is not a valid field name`);
    const value = old[from.index] ?? this.#defaults[index];
    validateValue(to.schema, asJavaObject(from.schema, value), `field: "${to.name}"`, to.name);
    return value;
  }
}

/** @throws DataError when null may not be put into the field. */
export function refuseNull(field: Field): void {
  validateValue(field.schema, null, `field: "${field.name}"`, field.name);
}
