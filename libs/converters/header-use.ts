import { ConfigDef, type Converter, type HeaderConverter, type Schema, type SchemaAndValue } from "@millrace/connect";
import { ByteArrayConverter } from "./byte-array-converter.ts";
import { defineConverterType } from "./converter-type.ts";

const HEADER_CONFIG = defineConverterType(new ConfigDef());

/** A converter that answers at once, as all of ours do. */
export interface SynchronousConverter extends Converter {
  fromConnectData(topic: string, schema: Schema | null, value: unknown): Uint8Array | null;
  toConnectData(topic: string, bytes: Uint8Array | null): SchemaAndValue;
}

/**
 * The same converter for header values; Java's stock converters are both. A `converter.type` given to one is checked,
 * save by ByteArrayConverter, which reads no settings.
 */
export function asHeaderConverter(converter: SynchronousConverter): HeaderConverter {
  return {
    configure(config) {
      if (!(converter instanceof ByteArrayConverter)) HEADER_CONFIG.parse({ "converter.type": "header", ...config });
      converter.configure(config, false);
    },
    fromConnectHeader: (topic, _key, schema, value) => converter.fromConnectData(topic, schema, value),
    toConnectHeader: (topic, _key, bytes) => converter.toConnectData(topic, bytes),
  };
}
