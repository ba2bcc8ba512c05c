// Pure: copies of structs into a schema made of some of their fields, followed by more.

import { type Field, type Schema, SchemaBuilder, type Struct, validateValue } from "@millrace/connect";
import { copySchemaBasics, structLike } from "@millrace/transforms";

/** `schema` starts with the fields of `sources`, in their order. */
export interface CopyPlan {
  readonly schema: Schema;
  readonly sources: readonly Field[];
}

interface AddedField {
  readonly name: string;
  readonly schema: Schema;
}

/**
 * The copy's schema has name, version, doc and parameters of `old`; it is required and has no default.
 * @throws SchemaBuilderError when a name comes twice.
 */
export function planCopy(old: Schema, sources: readonly Field[], added: readonly AddedField[] = []): CopyPlan {
  const builder = structLike(old);
  for (const field of [...sources, ...added]) builder.field(field.name, field.schema);
  return { schema: builder.build(), sources };
}

/** Room for the added fields' values is left at the end, as null. */
export function copyValues(plan: CopyPlan, struct: Struct, options: { readonly defaults: boolean }): unknown[] {
  const values: unknown[] = new Array(plan.schema.fields.length).fill(null);
  const { sources } = plan;
  for (let i = 0; i < sources.length; i++) {
    const field = sources[i]!;
    const value = struct.values[field.index] ?? (options.defaults ? field.schema.default : null) ?? null;
    if (value === null && !field.schema.optional) validateValue(field.schema, null, "value", field.name);
    values[i] = value;
  }
  return values;
}

/** An optional schema of the same type and name, without default, and without what a struct or map consists of. */
export function optionalOutline(schema: Schema): Schema {
  const builder = schema.type === "ARRAY" ? SchemaBuilder.array(schema.valueSchema!) : SchemaBuilder.type(schema.type);
  return copySchemaBasics(schema, builder).optional().build();
}
