// Pure: a transform's two variants, $Key and $Value, as one parameter.
import type { ConnectRecord, Schema } from "@millrace/connect";
import { withPart } from "./record-copy.ts";

/** Which half of a record a transform works on. */
export interface RecordSide {
  readonly name: "Key" | "Value";
  schemaOf(record: ConnectRecord): Schema | null;
  valueOf(record: ConnectRecord): unknown;
  /** A copy of the record with this half replaced. */
  with<R extends ConnectRecord>(record: R, schema: Schema | null, value: unknown): R;
}

export const keySide: RecordSide = {
  name: "Key",
  schemaOf: (record) => record.keySchema ?? null,
  valueOf: (record) => record.key ?? null,
  with(record, keySchema, key) {
    if (record.keySchema === undefined || record.key === undefined) return withPart(record, { keySchema, key });
    return { ...record, keySchema, key };
  },
};

export const valueSide: RecordSide = {
  name: "Value",
  schemaOf: (record) => record.valueSchema ?? null,
  valueOf: (record) => record.value ?? null,
  with(record, valueSchema, value) {
    if (record.valueSchema === undefined) return withPart(record, { valueSchema, value });
    return { ...record, valueSchema, value };
  },
};
