// Pure: a record of named, typed values.
import { DataError } from "../errors.ts";
import { dataEquals } from "./equality.ts";
import type { Field, Schema } from "./schema.ts";
import { validateValue } from "./validate-value.ts";
import { valueText } from "./value-text.ts";

/** Values by field index under a STRUCT schema. Null and undefined both mean "not set". */
export class Struct {
  readonly schema: Schema;
  readonly values: unknown[];

  /** `values` is kept and trusted: leave it out unless you are a hot path (see `of`). */
  constructor(schema: Schema, values?: unknown[]) {
    if (schema.type !== "STRUCT") throw new DataError(`Not a struct schema: ${schema}`);
    this.schema = schema;
    this.values = values ?? new Array(schema.fields.length).fill(null);
  }

  /** Unchecked, and `values` is kept, not copied: for hot paths that built it from the schema's own fields. */
  static of(schema: Schema, values: unknown[]): Struct {
    return new Struct(schema, values);
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
    return this.values[source.index] ?? source.schema.default ?? null;
  }

  getWithoutDefault(name: string): unknown {
    return this.values[this.#lookup(name).index] ?? null;
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

  #lookup(name: string): Field {
    const field = this.schema.field(name);
    if (field === undefined) throw new DataError(`${name} is not a valid field name`);
    return field;
  }
}
