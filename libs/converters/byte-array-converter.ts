import { ConfigDef, type Converter, DataError, javaClassName, Schema, type SchemaAndValue } from "@millrace/connect";
import { defineConverterType } from "./converter-type.ts";

export const BYTE_ARRAY_CONVERTER_CONFIG = defineConverterType(new ConfigDef());

/** `org.apache.kafka.connect.converters.ByteArrayConverter`: bytes as they are, not copied. */
export class ByteArrayConverter implements Converter {
  configure(): void {}

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== "BYTES") {
      throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type}`);
    }
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) return value;
    throw new DataError(`ByteArrayConverter is not compatible with objects of type class ${javaClassName(value)}`);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    return { schema: Schema.OPTIONAL_BYTES, value: bytes };
  }
}
