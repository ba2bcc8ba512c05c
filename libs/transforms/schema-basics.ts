// Pure: what transforms keep of a schema whose fields they change.
import { type Schema, SchemaBuilder } from "@millrace/connect";

/** A new struct with the old schema's name, version, doc and parameters; required and without a default, as in Connect. */
export function structLike({ name, version, doc, parameters }: Schema): SchemaBuilder {
  const builder = SchemaBuilder.struct();
  if (name !== null) builder.name(name);
  if (version !== null) builder.version(version);
  if (doc !== null) builder.doc(doc);
  if (parameters !== null) builder.parameters(parameters);
  return builder;
}
