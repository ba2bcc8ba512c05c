// Pure: the fields of a schema, refused as Connect's Schema does where there are none.
import { DataError, type Field, type Schema } from "@millrace/connect";

/** @throws DataError unless the schema is a STRUCT. */
export function fieldsOf(schema: Schema): readonly Field[] {
  if (schema.type !== "STRUCT") throw new DataError("Cannot list fields on non-struct type");
  return schema.fields;
}

/** Undefined when there is no such field. @throws DataError unless the schema is a STRUCT. */
export function fieldOf(schema: Schema, name: string): Field | undefined {
  if (schema.type !== "STRUCT") throw new DataError("Cannot look up fields on non-struct type");
  return schema.field(name);
}
