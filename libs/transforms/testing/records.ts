// Records and configured transforms for the tests beside the transforms.
import assert from "node:assert/strict";
import {
  ConnectHeaders,
  type ConnectRecord,
  type SinkRecord,
  type SourceRecord,
  type Struct,
  type Transformation,
  type TransformationPlugin,
} from "@millrace/connect";

export function sinkRecord(part: Partial<SinkRecord> = {}): SinkRecord {
  return {
    topic: "orders",
    partition: 3,
    offset: 42,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: 1_700_000_000_123,
    timestampType: "CreateTime",
    headers: new ConnectHeaders(),
    originalTopic: "orders",
    originalPartition: 3,
    originalOffset: 42,
    ...part,
  };
}

export function sourceRecord(part: Partial<SourceRecord> = {}): SourceRecord {
  return { sourcePartition: { p: "1" }, sourceOffset: { o: 1 }, topic: "orders", value: null, ...part };
}

/** A sink record whose value is the struct. */
export function recordOf(struct: Struct): SinkRecord {
  return sinkRecord({ valueSchema: struct.schema, value: struct });
}

/** The `$Value` variant, or the only one there is. */
export function configured(
  plugins: TransformationPlugin | readonly TransformationPlugin[],
  config: Readonly<Record<string, string>>,
): Transformation {
  const plugin = [plugins].flat().find(({ class: name }) => !name.endsWith("$Key"));
  assert.ok(plugin !== undefined);
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation;
}

/** The value of the record that comes out. */
export function valueAfter(transformation: Transformation, record: ConnectRecord): unknown {
  const result = transformation.apply(record);
  assert.ok(result !== null);
  return result.value;
}
