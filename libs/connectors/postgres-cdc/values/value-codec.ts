// Pure: how values of one type appear.
import type { PackedField, Schema, SchemaBuilder } from "@millrace/connect";
import type { ValueReader } from "./row-bytes.ts";

export interface ValueCodec {
  /** A new one each time: whether it is optional, its default and parameters are the column's. */
  builder(): SchemaBuilder;
  /** `schema` is the built one: structs must be of it. A reader's null means that the value has no form here. */
  reader(schema: Schema): ValueReader;
  /** Stands for a value that is missing where there must be one, as in the old row of a delete. */
  fallback(schema: Schema): unknown;
  /** Stands for a TOASTed value that is not in the log; undefined when there is none of this type, and the fallback must do. */
  readonly placeholder?: unknown;
  /** What the bytes of its text are; undefined: nothing that a converter could take as it is. */
  readonly packed?: PackedField;
  /** What a default that is a function call is shown as; null: defaults of this type are not shown. */
  readonly functionDefault: string | null;
}

export interface CodecParts {
  readonly builder: () => SchemaBuilder;
  readonly read: ValueReader;
  readonly fallback: unknown;
  readonly placeholder?: unknown;
  readonly packed?: PackedField;
  readonly functionDefault?: string;
}

/** For types whose reader and fallback do not depend on the schema. */
export function plainCodec({ builder, read, fallback, placeholder, packed, functionDefault }: CodecParts): ValueCodec {
  return {
    builder,
    reader: () => read,
    fallback: () => fallback,
    functionDefault: functionDefault ?? null,
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(packed === undefined ? {} : { packed }),
  };
}
