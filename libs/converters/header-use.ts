import type { Converter, HeaderConverter, Schema, SchemaAndValue } from "@millrace/connect";

/** A converter that answers at once, as all of ours do. */
export interface SynchronousConverter extends Converter {
  fromConnectData(topic: string, schema: Schema | null, value: unknown): Uint8Array | null;
  toConnectData(topic: string, bytes: Uint8Array | null): SchemaAndValue;
}

/** The same converter for header values; Java's stock converters are both. */
export function asHeaderConverter(converter: SynchronousConverter): HeaderConverter {
  return {
    configure: (config) => converter.configure(config, false),
    fromConnectHeader: (topic, _key, schema, value) => converter.fromConnectData(topic, schema, value),
    toConnectHeader: (topic, _key, bytes) => converter.toConnectData(topic, bytes),
  };
}
