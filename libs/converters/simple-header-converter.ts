import { ConfigDef, type HeaderConverter, Schema, type SchemaAndValue, Values } from "@millrace/connect";
import { decodeUtf8, encodable } from "./java-utf8.ts";

export const SIMPLE_HEADER_CONVERTER_CONFIG = new ConfigDef();

/** `org.apache.kafka.connect.storage.SimpleHeaderConverter`: text, read back as the type it looks like. */
export class SimpleHeaderConverter implements HeaderConverter {
  configure(): void {}

  fromConnectHeader(_topic: string, _key: string, schema: Schema | null, value: unknown): Uint8Array | null {
    const text = Values.convertToString(schema, value);
    return text === null ? null : Buffer.from(encodable(text), "utf8");
  }

  /** Text that means null gives a null schema and value. */
  toConnectHeader(_topic: string, _key: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null };
    const text = decodeUtf8(bytes);
    return text === "" ? { schema: Schema.STRING, value: text } : (Values.parseString(text) ?? NULL);
  }
}

const NULL: SchemaAndValue = { schema: null, value: null };
