// Pure: Debezium's change events: what an envelope is and what it holds.
import { type ConnectRecord, DataError, javaClassName, type Schema, Struct } from "@millrace/connect";
import { IllegalArgumentError } from "./java-errors.ts";

/** Known by its schema's name alone. */
export function isEnvelope(schema: Schema | null | undefined): schema is Schema {
  return schema?.name?.endsWith(".Envelope") ?? false;
}

export interface RowState {
  readonly schema: Schema;
  readonly value: unknown;
}

/**
 * The row after or before the change, as Connect's ExtractField takes it: with the field's default for null.
 * @throws IllegalArgumentError when the envelope has no such field.
 */
export function rowState(record: ConnectRecord, envelope: Schema, side: "after" | "before"): RowState {
  const { value } = record;
  if (!(value instanceof Struct)) {
    throw new DataError(`Only Struct objects supported for [field extraction], found: ${javaClassName(value)}`);
  }
  const field = envelope.field(side);
  if (field === undefined) throw new IllegalArgumentError(`Unknown field: ${side}`);
  return { schema: field.schema, value: value.schema.field(side) === undefined ? null : value.get(side) };
}
