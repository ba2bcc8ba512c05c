import { ConfigDef, type Converter, DataError, javaClassName, Schema, type SchemaAndValue } from "@millrace/connect";
import { defineConverterType } from "./converter-type.ts";

export const BOOLEAN_CONVERTER_CONFIG = defineConverterType(new ConfigDef());

/** `org.apache.kafka.connect.converters.BooleanConverter`: one byte, 1 or 0. */
export class BooleanConverter implements Converter {
  configure(): void {}

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== "BOOLEAN") {
      throw new DataError(`Invalid schema type for BooleanConverter: ${schema.type}`);
    }
    if (value === null || value === undefined) return null;
    if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
    throw new DataError(`BooleanConverter is not compatible with objects of type class ${javaClassName(value)}`);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: Schema.OPTIONAL_BOOLEAN, value: null };
    if (bytes.length !== 1 || bytes[0]! > 1) throw new DataError("Failed to deserialize boolean: ");
    return { schema: Schema.OPTIONAL_BOOLEAN, value: bytes[0] === 1 };
  }
}
