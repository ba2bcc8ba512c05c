// Pure: a record of named, typed values.
import { DataError } from "../errors.ts";
import { BoxedNumber } from "./boxed-number.ts";
import { dataEquals } from "./equality.ts";
import { type PackedRow, readPacked } from "./packed-row.ts";
import type { Field, Schema, SchemaType } from "./schema.ts";
import { validateValue } from "./validate-value.ts";
import { valueText } from "./value-text.ts";

/** Values by field index under a STRUCT schema. Null and undefined both mean "not set". */
export class Struct {
  readonly schema: Schema;
  /** A property of its own, and not private, so that assertions compare it. Outside of here: `values` and `packed`. */
  content: unknown[] | PackedRow;

  /** `values` is kept and trusted: leave it out unless you are a hot path (see `of`). */
  constructor(schema: Schema, values?: unknown[] | PackedRow) {
    if (schema.type !== "STRUCT") throw new DataError(`Not a struct schema: ${schema}`);
    this.schema = schema;
    this.content = values ?? new Array(schema.fields.length).fill(null);
  }

  get values(): unknown[] {
    const { content } = this;
    return Array.isArray(content) ? content : this.#unpack(content);
  }

  /** The bytes that the values would be made from; null once they have been asked for. */
  get packed(): PackedRow | null {
    const { content } = this;
    return Array.isArray(content) ? null : content;
  }

  /** Unchecked, and `values` is kept, not copied: for hot paths that built it from the schema's own fields. */
  static of(schema: Schema, values: unknown[]): Struct {
    return new Struct(schema, values);
  }

  /** Of a row whose values are made when they are asked for. */
  static ofPacked(schema: Schema, row: PackedRow): Struct {
    return new Struct(schema, row);
  }

  /** @throws DataError when there is no such field or the value does not fit it. */
  put(field: string | Field, value: unknown): this {
    const target = typeof field === "string" ? this.#lookup(field) : field;
    validateValue(target.schema, value, `field: "${target.name}"`, target.name);
    this.values[target.index] = value;
    return this;
  }

  /** The field's default where there is no value, even when null was put into an optional field. */
  get(field: string | Field): unknown {
    const source = typeof field === "string" ? this.#lookup(field) : field;
    return this.valueAt(source.index) ?? source.schema.default ?? null;
  }

  getWithoutDefault(name: string): unknown {
    return this.valueAt(this.#lookup(name).index);
  }

  /** The value of the field with this index, null without one. Of a packed row only a text or number asked for is made. */
  valueAt(index: number): unknown {
    const { content } = this;
    if (Array.isArray(content)) return content[index] ?? null;
    const { form } = content.layout[index]!;
    // What is an object may be changed by whoever gets it: the next must get the same.
    return form === "utf8" || form === "digits" ? readPacked(content, index) : this.values[index];
  }

  // The getters below give a field's own value, null without one. They throw DataError when it is of another type.

  getInt8(name: string): number | null {
    return this.#valueOf(name, "INT8") as number | null;
  }

  getInt16(name: string): number | null {
    return this.#valueOf(name, "INT16") as number | null;
  }

  getInt32(name: string): number | null {
    return this.#valueOf(name, "INT32") as number | null;
  }

  getInt64(name: string): number | bigint | null {
    return this.#valueOf(name, "INT64") as number | bigint | null;
  }

  getFloat32(name: string): number | null {
    return this.#valueOf(name, "FLOAT32") as number | null;
  }

  getFloat64(name: string): number | null {
    return this.#valueOf(name, "FLOAT64") as number | null;
  }

  getBoolean(name: string): boolean | null {
    return this.#valueOf(name, "BOOLEAN") as boolean | null;
  }

  getString(name: string): string | null {
    return this.#valueOf(name, "STRING") as string | null;
  }

  getBytes(name: string): Uint8Array | null {
    return this.#valueOf(name, "BYTES") as Uint8Array | null;
  }

  getArray(name: string): readonly unknown[] | null {
    return this.#valueOf(name, "ARRAY") as readonly unknown[] | null;
  }

  /** A plain object as a Map. */
  getMap(name: string): ReadonlyMap<unknown, unknown> | null {
    const value = this.#valueOf(name, "MAP") as object | null;
    return value === null || value instanceof Map ? value : new Map<unknown, unknown>(Object.entries(value));
  }

  getStruct(name: string): Struct | null {
    return this.#valueOf(name, "STRUCT") as Struct | null;
  }

  /** @throws DataError at the first field whose value does not fit; an unset field with a default fits. */
  validate(): void {
    for (const field of this.schema.fields) {
      const value = this.values[field.index] ?? null;
      if (value === null && (field.schema.optional || field.schema.default !== undefined)) continue;
      validateValue(field.schema, value, `field: "${field.name}"`, field.name);
    }
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Struct &&
      this.schema.equals(other.schema) &&
      this.schema.fields.every(({ index }) => dataEquals(this.values[index] ?? null, other.values[index] ?? null))
    );
  }

  /** `Struct{a=1,b=x}`; fields without a value are left out. */
  toString(): string {
    const parts: string[] = [];
    for (const field of this.schema.fields) {
      const value = this.values[field.index] ?? null;
      if (value !== null) parts.push(`${field.name}=${valueText(value, field.schema)}`);
    }
    return `Struct{${parts.join(",")}}`;
  }

  /** From now on they are plain values, which may be changed. */
  #unpack(row: PackedRow): unknown[] {
    const values = row.values();
    this.content = values;
    return values;
  }

  #valueOf(name: string, type: SchemaType): unknown {
    const field = this.#lookup(name);
    if (field.schema.type !== type) throw new DataError(`Field '${name}' is not of type ${type}`);
    const value = this.valueAt(field.index);
    return value instanceof BoxedNumber ? value.value : value;
  }

  #lookup(name: string): Field {
    const field = this.schema.field(name);
    if (field === undefined) throw new DataError(`${name} is not a valid field name`);
    return field;
  }
}
