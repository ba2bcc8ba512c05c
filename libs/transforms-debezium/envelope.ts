// Pure: Debezium's change events: what an envelope is and what it holds.

import { type ConnectRecord, IllegalArgumentError, type Schema } from "@millrace/connect";
import { requireStruct } from "@millrace/transforms";

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
  const change = requireStruct(record.value, "field extraction");
  const field = envelope.field(side);
  if (field === undefined) throw new IllegalArgumentError(`Unknown field: ${side}`);
  return { schema: field.schema, value: change.schema.field(side) === undefined ? null : change.get(side) };
}
