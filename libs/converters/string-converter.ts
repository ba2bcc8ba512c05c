import { ConfigDef, type Converter, DataError, Schema, type SchemaAndValue, valueText } from "@millrace/connect";
import { ByteArena } from "./byte-arena.ts";
import { type Charset, charsetFor, isUtf8Name } from "./charset.ts";
import { defineConverterType } from "./converter-type.ts";
import { decodeUtf8, encodable } from "./java-utf8.ts";

export const STRING_CONVERTER_CONFIG = defineConverterType(new ConfigDef()).define({
  name: "converter.encoding",
  type: "STRING",
  default: "UTF-8",
  importance: "HIGH",
  documentation: "The name of the Java character set to use for encoding strings as byte arrays.",
  width: "MEDIUM",
  displayName: "Encoding",
});

/** `org.apache.kafka.connect.storage.StringConverter`: any value as Java's toString shows it. */
export class StringConverter implements Converter {
  readonly #arena = new ByteArena();
  /** Null for UTF-8, which goes through the arena. */
  #charset: Charset | null = null;

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = STRING_CONVERTER_CONFIG.parse({ ...config, "converter.type": isKey ? "key" : "value" });
    const encoding = (parsed["converter.encoding"] as string | null) ?? "UTF-8";
    this.#charset = isUtf8Name(encoding) ? null : charsetFor(encoding);
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    const text = typeof value === "string" ? value : valueText(value, schema);
    return this.#charset === null ? this.#arena.utf8(encodable(text)) : this.#charset.encode(text);
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: Schema.OPTIONAL_STRING, value: null };
    try {
      return { schema: Schema.OPTIONAL_STRING, value: this.#decode(bytes) };
    } catch (cause) {
      throw new DataError("Failed to deserialize string: ", { cause });
    }
  }

  #decode(bytes: Uint8Array): string {
    return this.#charset === null ? decodeUtf8(bytes) : this.#charset.decode(bytes);
  }
}
