// Arrays, of one dimension.
import { createHash } from "node:crypto";
import { SchemaBuilder } from "@millrace/connect";
import type { ValueSettings } from "../config/settings.ts";
import type { PgType } from "../tables/pg-type.ts";
import { readString, readText } from "./row-bytes.ts";
import { arrayElements } from "./structured-text.ts";
import type { ValueCodec } from "./value-codec.ts";

const TEXT_PLACEHOLDER = new Set(["text", "varchar", "bpchar", "json", "jsonb"]);
const NUMBER_PLACEHOLDER = new Set(["int4", "date", "int8"]);

/** Elements are optional, but those of an enum: an array with a missing one has no form, as in Debezium. */
export function arrayCodec(type: PgType, element: ValueCodec, settings: ValueSettings): ValueCodec {
  const elementSchema = () => {
    const builder = element.builder();
    return isEnum ? builder.build() : builder.optional().build();
  };
  const isEnum = type.element!.kind === "e";
  const placeholder = arrayPlaceholder(type.element!.name, settings);
  return {
    builder: () => SchemaBuilder.array(elementSchema()),
    reader: (schema) => {
      const read = element.reader(schema.valueSchema!);
      return (row, from, to) => {
        const elements = arrayElements(readString(row, from, to), type.delimiter);
        if (isEnum && elements.includes(null)) return null;
        return elements.map((each) => (typeof each === "string" ? readText(read, each) : null));
      };
    },
    fallback: () => [],
    functionDefault: null,
    ...(placeholder === undefined ? {} : { placeholder }),
  };
}

function arrayPlaceholder(name: string, { placeholder }: ValueSettings): unknown {
  if (TEXT_PLACEHOLDER.has(name)) return [placeholder.text];
  if (NUMBER_PLACEHOLDER.has(name)) return [...new Int8Array(placeholder.bytes)];
  if (name === "bytea") return [placeholder.bytes];
  if (name === "uuid") return [nameUuid(placeholder.bytes)];
  return undefined;
}

/** As Java's UUID.nameUUIDFromBytes. */
function nameUuid(bytes: Uint8Array): string {
  const hash = createHash("md5").update(bytes).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x30;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
