// Pure: filling one struct from another, with the lookups and most checks of Java's Struct.put done once per schema.
import { asJavaObject, DataError, type Field, isMap, type Schema, Struct, validateValue } from "@millrace/connect";

interface StructCopyOptions {
  readonly from: Schema;
  readonly to: Schema;
  /** How many fields of `to` are filled, from the first on; all unless said. The others stay unset. */
  readonly count?: number;
  /** What in `from` fills a field of `to`, or the name that is missing there; the same name unless said. */
  readonly sourceOf?: (to: Field) => Field | string;
  /** True reads as `Struct.get` does, false as `getWithoutDefault`. */
  readonly nullsBecomeDefaults: boolean;
}

interface Move {
  readonly to: Field;
  /** Or the name of a field that there is not. */
  readonly from: Field | string;
}

/** In place of a source index: the move is not one of equal schemas, or its default may not fit. */
const CHECKED = -1;

const FEW = 4;

/**
 * Values of the old struct are trusted to fit their own schema. What is left to find out for each record: null for a
 * required field, and, where the two fields differ in schema, whether the value fits the new one.
 */
export class StructCopy {
  readonly #size: number;
  /** So few of all fields are copied that a packed row is better left packed. */
  readonly #few: boolean;
  readonly #moves: readonly Move[];
  readonly #sources: Int32Array;
  readonly #defaults: readonly unknown[];
  readonly #required: readonly boolean[];

  constructor(options: StructCopyOptions) {
    const { from, to, count, sourceOf = ({ name }) => from.field(name) ?? name, nullsBecomeDefaults } = options;
    this.#size = to.fields.length;
    this.#moves = to.fields.slice(0, count).map((field) => ({ to: field, from: sourceOf(field) }));
    this.#few = this.#moves.length * FEW <= from.fields.length;
    this.#defaults = this.#moves.map((move) => {
      return nullsBecomeDefaults && typeof move.from !== "string" ? (move.from.schema.default ?? null) : null;
    });
    this.#sources = Int32Array.from(this.#moves, (move, i) => {
      return mayNotFit(this.#defaults[i]) ? CHECKED : sourceIndex(move);
    });
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
    const old = this.#few && struct.packed !== null ? null : struct.values;
    const values = new Array<unknown>(this.#size);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      const own = source === CHECKED ? this.#checked(i, struct) : old === null ? struct.valueAt(source) : old[source];
      const value = own ?? defaults[i];
      if (value === null && required[i]) refuseNull(this.#moves[i]!.to);
      values[i] = value;
    }
    for (let i = sources.length; i < values.length; i++) values[i] = null;
    return values;
  }

  #checked(index: number, struct: Struct): unknown {
    const { from, to } = this.#moves[index]!;
    if (typeof from === "string") throw new DataError(`${from} is not a valid field name`);
    const value = struct.valueAt(from.index) ?? this.#defaults[index];
    validateValue(to.schema, asJavaObject(from.schema, value), `field: "${to.name}"`, to.name);
    return value;
  }
}

function sourceIndex({ from, to }: Move): number {
  return typeof from !== "string" && from.schema.equals(to.schema) ? from.index : CHECKED;
}

/**
 * A struct that is a default is never of the schema whose default it is, as that one has a default. So Connect refuses to
 * copy it.
 */
export function mayNotFit(defaultValue: unknown): boolean {
  return defaultValue instanceof Struct || Array.isArray(defaultValue) || isMap(defaultValue);
}

/** @throws DataError when null may not be put into the field. */
export function refuseNull(field: Field): void {
  validateValue(field.schema, null, `field: "${field.name}"`, field.name);
}
