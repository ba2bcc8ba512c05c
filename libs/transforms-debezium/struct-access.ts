// Pure: taking fields of structs, refused in the words of Connect's Struct.
import { ClassCastError, DataError, type Field, type Schema, type SchemaType, type Struct } from "@millrace/connect";

export function requireField(schema: Schema, name: string): Field {
  const field = schema.field(name);
  if (field === undefined) throw new DataError(`${name} is not a valid field name`);
  return field;
}

/** A field's own value, without its default. The date of a logical type is refused, as Java cannot cast it. */
export function typedField(struct: Struct, name: string, type: SchemaType): unknown {
  const field = requireField(struct.schema, name);
  if (field.schema.type !== type) throw new DataError(`Field '${name}' is not of type ${type}`);
  const value = struct.values[field.index] ?? null;
  if (value instanceof Date) throw new ClassCastError(`Field '${name}' holds a date, not a bare ${type}`);
  return value;
}

export function stringField(struct: Struct, name: string): string | null {
  return typedField(struct, name, "STRING") as string | null;
}
