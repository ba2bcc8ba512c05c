// Pure: what a value means: its type, whether it may be null, its name and default.
import { dataEquals } from "./equality.ts";

export type SchemaType =
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FLOAT32"
  | "FLOAT64"
  | "BOOLEAN"
  | "STRING"
  | "BYTES"
  | "ARRAY"
  | "MAP"
  | "STRUCT";

/** A value of one can become one of any that stands behind it. */
export const NUMBER_ORDER: readonly SchemaType[] = ["INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64"];

/** Of a STRUCT. */
export interface Field {
  readonly name: string;
  /** Position in the struct, also of the value in `Struct.values`. */
  readonly index: number;
  readonly schema: Schema;
}

/** What a Schema is made of; what is left out is none, and `optional` false. */
export interface SchemaProperties {
  readonly type: SchemaType;
  readonly optional?: boolean;
  readonly default?: unknown;
  readonly name?: string | null;
  readonly version?: number | null;
  readonly doc?: string | null;
  readonly parameters?: Readonly<Record<string, string>> | null;
  readonly fields?: readonly Field[];
  readonly keySchema?: Schema | null;
  readonly valueSchema?: Schema | null;
}

const NO_FIELDS: readonly Field[] = [];

/**
 * Immutable; make one with SchemaBuilder or take a constant. Reuse the same object for every record of a kind:
 * converters keep what they compiled by identity.
 *
 * Values under a schema:
 * - INT8, INT16, INT32: number. INT64: number when a safe integer, else bigint; both are accepted.
 * - FLOAT32, FLOAT64: number. BOOLEAN: boolean. STRING: string. BYTES: Uint8Array.
 * - ARRAY: array. MAP: Map; a plain object is accepted when keys are strings. STRUCT: Struct.
 * - Logical names come first: Decimal takes a Decimal; Date, Time and Timestamp take a JS Date.
 * - A boxed number (Int32, Float64, ...) is accepted only where the schema has its very type.
 *
 * Values without a schema: a safe integer or a bigint is int64, any other number is float64. What those two rules
 * cannot say (the double 1.0, an int32) comes boxed. Text, booleans, bytes, arrays, Maps, Decimal, Date as above.
 */
export class Schema {
  readonly type: SchemaType;
  readonly optional: boolean;
  /** Undefined for none. */
  readonly default: unknown;
  readonly name: string | null;
  readonly version: number | null;
  readonly doc: string | null;
  readonly parameters: Readonly<Record<string, string>> | null;
  /** Empty unless STRUCT. */
  readonly fields: readonly Field[];
  /** Of a MAP. */
  readonly keySchema: Schema | null;
  /** Of a MAP's values or an ARRAY's elements; null there when unknown (empty or all-null data). */
  readonly valueSchema: Schema | null;
  readonly #fieldsByName: ReadonlyMap<string, Field> | null;

  constructor(properties: SchemaProperties) {
    this.type = properties.type;
    this.optional = properties.optional ?? false;
    this.default = properties.default ?? undefined;
    this.name = properties.name ?? null;
    this.version = properties.version ?? null;
    this.doc = properties.doc ?? null;
    this.parameters = properties.parameters ?? null;
    this.fields = properties.fields ?? NO_FIELDS;
    this.keySchema = properties.keySchema ?? null;
    this.valueSchema = properties.valueSchema ?? null;
    this.#fieldsByName = this.type === "STRUCT" ? new Map(this.fields.map((field) => [field.name, field])) : null;
  }

  field(name: string): Field | undefined {
    return this.#fieldsByName?.get(name);
  }

  /** Same in every property, defaults and nested schemas included. */
  equals(other: Schema | null | undefined): boolean {
    if (this === other) return true;
    return (
      other instanceof Schema &&
      this.type === other.type &&
      this.optional === other.optional &&
      this.name === other.name &&
      this.version === other.version &&
      this.doc === other.doc &&
      this.fields.length === other.fields.length &&
      this.fields.every((field, i) => sameField(field, other.fields[i]!)) &&
      sameSchema(this.keySchema, other.keySchema) &&
      sameSchema(this.valueSchema, other.valueSchema) &&
      dataEquals(this.parameters, other.parameters) &&
      dataEquals(this.default, other.default)
    );
  }

  /** As Connect's messages show it: `Schema{name:TYPE}`. */
  toString(): string {
    return this.name === null ? `Schema{${this.type}}` : `Schema{${this.name}:${this.type}}`;
  }

  static readonly INT8 = new Schema({ type: "INT8" });
  static readonly INT16 = new Schema({ type: "INT16" });
  static readonly INT32 = new Schema({ type: "INT32" });
  static readonly INT64 = new Schema({ type: "INT64" });
  static readonly FLOAT32 = new Schema({ type: "FLOAT32" });
  static readonly FLOAT64 = new Schema({ type: "FLOAT64" });
  static readonly BOOLEAN = new Schema({ type: "BOOLEAN" });
  static readonly STRING = new Schema({ type: "STRING" });
  static readonly BYTES = new Schema({ type: "BYTES" });
  static readonly OPTIONAL_INT8 = new Schema({ type: "INT8", optional: true });
  static readonly OPTIONAL_INT16 = new Schema({ type: "INT16", optional: true });
  static readonly OPTIONAL_INT32 = new Schema({ type: "INT32", optional: true });
  static readonly OPTIONAL_INT64 = new Schema({ type: "INT64", optional: true });
  static readonly OPTIONAL_FLOAT32 = new Schema({ type: "FLOAT32", optional: true });
  static readonly OPTIONAL_FLOAT64 = new Schema({ type: "FLOAT64", optional: true });
  static readonly OPTIONAL_BOOLEAN = new Schema({ type: "BOOLEAN", optional: true });
  static readonly OPTIONAL_STRING = new Schema({ type: "STRING", optional: true });
  static readonly OPTIONAL_BYTES = new Schema({ type: "BYTES", optional: true });
}

function sameField(a: Field, b: Field): boolean {
  return a.name === b.name && a.index === b.index && a.schema.equals(b.schema);
}

function sameSchema(a: Schema | null, b: Schema | null): boolean {
  return a === null ? b === null : a.equals(b);
}
