// Pure: what transforms keep of a schema that they change.
import { type Schema, SchemaBuilder } from "@millrace/connect";

/** A new struct with the old schema's name, version, doc and parameters; required and without a default, as in Connect. */
export function structLike(schema: Schema): SchemaBuilder {
  return copySchemaBasics(schema, SchemaBuilder.struct());
}

/** The builder, with the old schema's name, version, doc and parameters. */
export function copySchemaBasics(
  { name, version, doc, parameters }: Pick<Schema, "name" | "version" | "doc" | "parameters">,
  builder: SchemaBuilder,
): SchemaBuilder {
  if (name !== null) builder.name(name);
  if (version !== null) builder.version(version);
  if (doc !== null) builder.doc(doc);
  if (parameters !== null) builder.parameters(parameters);
  return builder;
}
