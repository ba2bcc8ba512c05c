import {
  ConfigDef,
  type Converter,
  DataError,
  javaClassName,
  Schema,
  type SchemaAndValue,
  SerializationError,
} from "@millrace/connect";
import { defineConverterType } from "./converter-type.ts";

export const BOOLEAN_CONVERTER_CONFIG = defineConverterType(new ConfigDef());

/** Of bytes, in messages. */
const SHOWN_MAX = 8;

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
    if (bytes.length !== 1 || bytes[0]! > 1) {
      const cause = new SerializationError(
        `Expected one byte, 0 or 1, found [${bytes.subarray(0, SHOWN_MAX).join(", ")}]`,
      );
      throw new DataError("Failed to deserialize boolean: ", { cause });
    }
    return { schema: Schema.OPTIONAL_BOOLEAN, value: bytes[0] === 1 };
  }
}
