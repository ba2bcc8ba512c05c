// Pure: a schema as JsonConverter writes it into the envelope.
import type { Schema, SchemaType } from "@millrace/connect";
import { quoted } from "./json-text.ts";
import { compileJsonWriter, type JsonWriteOptions } from "./json-writer.ts";

const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FLOAT32: "float",
  FLOAT64: "double",
  BOOLEAN: "boolean",
  STRING: "string",
  BYTES: "bytes",
  ARRAY: "array",
  MAP: "map",
  STRUCT: "struct",
};

/** Keys in Java's order: type, children, optional, name, version, doc, parameters, default, and field in a struct. */
export function jsonSchemaText(schema: Schema | null, options: JsonWriteOptions, field?: string): string {
  if (schema === null) return "null";
  const parts = [`"type":"${TYPE_NAMES[schema.type]}"`];
  if (schema.type === "STRUCT") {
    const fields = schema.fields.map((each) => jsonSchemaText(each.schema, options, each.name));
    parts.push(`"fields":[${fields.join(",")}]`);
  } else if (schema.type === "ARRAY") {
    parts.push(`"items":${jsonSchemaText(schema.valueSchema, options)}`);
  } else if (schema.type === "MAP") {
    parts.push(`"keys":${jsonSchemaText(schema.keySchema, options)}`);
    parts.push(`"values":${jsonSchemaText(schema.valueSchema, options)}`);
  }
  parts.push(`"optional":${schema.optional}`);
  if (schema.name !== null) parts.push(`"name":${quoted(schema.name)}`);
  if (schema.version !== null) parts.push(`"version":${schema.version}`);
  if (schema.doc !== null) parts.push(`"doc":${quoted(schema.doc)}`);
  if (schema.parameters !== null) parts.push(`"parameters":${parametersText(schema.parameters)}`);
  if (schema.default !== undefined) {
    parts.push(`"default":${compileJsonWriter(schema, options)(schema.default)}`);
  }
  if (field !== undefined) parts.push(`"field":${quoted(field)}`);
  return `{${parts.join(",")}}`;
}

function parametersText(parameters: Readonly<Record<string, string>>): string {
  const entries = Object.entries(parameters).map(([name, value]) => `${quoted(name)}:${quoted(value)}`);
  return `{${entries.join(",")}}`;
}
