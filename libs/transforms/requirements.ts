// Pure: what a transform demands of its input, refused in the words of Connect's Requirements class.
import {
  type ConnectRecord,
  DataError,
  isMap,
  javaClassName,
  type MapData,
  type Schema,
  type SinkRecord,
  Struct,
} from "@millrace/connect";

/** @throws DataError unless the value is a Map or plain object. `purpose` as Connect words it, e.g. "field insertion". */
export function requireMap(value: unknown, purpose: string): MapData {
  if (!isMap(value)) {
    throw new DataError(
      `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassName(value)}`,
    );
  }
  return value;
}

export function requireMapOrNull(value: unknown, purpose: string): MapData | null {
  return value === null || value === undefined ? null : requireMap(value, purpose);
}

/** @param schema of the value, for the message. */
export function requireStruct(value: unknown, purpose: string, schema: Schema | null = null): Struct {
  if (!(value instanceof Struct)) {
    throw new DataError(`Only Struct objects supported for [${purpose}], found: ${javaClassName(value, schema)}`);
  }
  return value;
}

/** @param schema of the value, for the message. */
export function requireStructOrNull(value: unknown, purpose: string, schema: Schema | null = null): Struct | null {
  return value === null || value === undefined ? null : requireStruct(value, purpose, schema);
}

export function requireSchema(schema: Schema | null, purpose: string): Schema {
  if (schema === null) throw new DataError(`Schema required for [${purpose}]`);
  return schema;
}

export function requireSinkRecord(record: ConnectRecord, purpose: string): SinkRecord {
  if (!("offset" in record)) {
    const found = "org.apache.kafka.connect.source.SourceRecord";
    throw new DataError(`Only SinkRecord supported for [${purpose}], found: ${found}`);
  }
  return record as SinkRecord;
}
