// Pure: the schema a schemaless value seems to have, as Connect's Values.inferSchema.

import { Float32, Float64, Int8, Int16, Int32 } from "./boxed-number.ts";
import { fitsInt64 } from "./int64.ts";
import { entriesOf, isMap } from "./map-data.ts";
import { Schema, type SchemaType } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { Struct } from "./struct.ts";

/**
 * Null when there is none to see: in null, an empty or mixed container, a Decimal or a Date. What containers hold is
 * looked at one level deep: their elements' schema has a type, and is optional when there are nulls.
 * @throws SchemaBuilderError when a container has nothing but nulls.
 */
export function inferSchema(value: unknown): Schema | null {
  switch (typeof value) {
    case "string":
      return Schema.STRING;
    case "boolean":
      return Schema.BOOLEAN;
    case "number":
      return Number.isSafeInteger(value) ? Schema.INT64 : Schema.FLOAT64;
    case "bigint":
      return fitsInt64(value) ? Schema.INT64 : null;
    default:
      return value === null || value === undefined ? null : inferObjectSchema(value);
  }
}

function inferObjectSchema(value: object): Schema | null {
  if (value instanceof Struct) return value.schema;
  if (value instanceof Uint8Array) return Schema.BYTES;
  if (Array.isArray(value)) return inferArraySchema(value);
  if (isMap(value)) return inferMapSchema([...entriesOf(value)]);
  if (value instanceof Int8) return Schema.INT8;
  if (value instanceof Int16) return Schema.INT16;
  if (value instanceof Int32) return Schema.INT32;
  if (value instanceof Float32) return Schema.FLOAT32;
  return value instanceof Float64 ? Schema.FLOAT64 : null;
}

function inferArraySchema(elements: readonly unknown[]): Schema | null {
  const elementType = new CommonType();
  if (elements.length === 0 || !elements.every((element) => elementType.take(element))) return null;
  return SchemaBuilder.array(elementType.schema()).build();
}

function inferMapSchema(entries: readonly (readonly [unknown, unknown])[]): Schema | null {
  const keyType = new CommonType();
  const valueType = new CommonType();
  const fits = entries.every(([key, value]) => keyType.take(key) && valueType.take(value));
  return entries.length === 0 || !fits ? null : SchemaBuilder.map(keyType.schema(), valueType.schema()).build();
}

class CommonType {
  #type: SchemaType | null = null;
  #optional = false;

  /** False when the value has no schema, or one of another type than those before. */
  take(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.#optional = true;
      return true;
    }
    const schema = inferSchema(value);
    this.#type ??= schema?.type ?? null;
    return schema !== null && schema.type === this.#type;
  }

  schema(): Schema {
    const builder = SchemaBuilder.type(this.#type);
    return this.#optional ? builder.optional().build() : builder.build();
  }
}
