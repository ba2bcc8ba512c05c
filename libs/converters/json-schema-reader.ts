// Pure: the schema part of an envelope, read as JsonConverter does.
import { DataError, type Schema, SchemaBuilder } from "@millrace/connect";
import type { JsonNode } from "./json-parser.ts";
import { compileJsonReader, type JsonReadOptions } from "./json-reader.ts";

type JsonObject = ReadonlyMap<string, JsonNode>;

/** @throws DataError naming what is missing; null node: no schema. */
export function readJsonSchema(node: JsonNode, options: JsonReadOptions): Schema | null {
  return node === null || node === undefined ? null : schemaOf(node, options);
}

function schemaOf(node: JsonNode, options: JsonReadOptions): Schema {
  const object: JsonObject = node instanceof Map ? node : new Map();
  const builder = builderFor(object, options);
  if (object.get("optional") === true) builder.optional();
  else builder.required();
  const name = object.get("name");
  if (typeof name === "string") builder.name(name);
  const version = object.get("version");
  if (typeof version === "number") builder.version(version | 0);
  else if (typeof version === "bigint") builder.version(Number(BigInt.asIntN(32, version)));
  const doc = object.get("doc");
  if (typeof doc === "string") builder.doc(doc);
  addParameters(builder, object.get("parameters"));
  const defaultNode = object.get("default");
  if (defaultNode !== undefined) builder.defaultValue(compileJsonReader(builder.build(), options)(defaultNode));
  return builder.build();
}

function builderFor(object: JsonObject, options: JsonReadOptions): SchemaBuilder {
  const type = object.get("type");
  if (typeof type !== "string") throw new DataError("Schema must contain 'type' field");
  switch (type) {
    case "boolean":
      return SchemaBuilder.bool();
    case "int8":
      return SchemaBuilder.int8();
    case "int16":
      return SchemaBuilder.int16();
    case "int32":
      return SchemaBuilder.int32();
    case "int64":
      return SchemaBuilder.int64();
    case "float":
      return SchemaBuilder.float32();
    case "double":
      return SchemaBuilder.float64();
    case "bytes":
      return SchemaBuilder.bytes();
    case "string":
      return SchemaBuilder.string();
    case "array":
      return SchemaBuilder.array(
        schemaOf(child(object, "items", "Array schema did not specify the element type"), options),
      );
    case "map":
      return mapBuilder(object, options);
    case "struct":
      return structBuilder(object, options);
    default:
      throw new DataError(`Unknown schema type: ${type}`);
  }
}

/** Both are looked for before either is read. */
function mapBuilder(object: JsonObject, options: JsonReadOptions): SchemaBuilder {
  const keys = child(object, "keys", "Map schema did not specify the key type");
  const values = child(object, "values", "Map schema did not specify the value type");
  return SchemaBuilder.map(schemaOf(keys, options), schemaOf(values, options));
}

function child(object: JsonObject, key: string, missing: string): JsonNode {
  const node = object.get(key);
  if (node === undefined || node === null) throw new DataError(missing);
  return node;
}

function structBuilder(object: JsonObject, options: JsonReadOptions): SchemaBuilder {
  const fields = object.get("fields");
  if (!Array.isArray(fields)) throw new DataError('Struct schema\'s "fields" argument is not an array.');
  const builder = SchemaBuilder.struct();
  for (const field of fields) {
    const name: unknown = field instanceof Map ? field.get("field") : undefined;
    if (typeof name !== "string") throw new DataError("Struct schema's field name not specified properly");
    builder.field(name, schemaOf(field, options));
  }
  return builder;
}

function addParameters(builder: SchemaBuilder, node: JsonNode): void {
  if (!(node instanceof Map)) return;
  for (const [name, value] of node) {
    if (typeof value !== "string") throw new DataError("Schema parameters must have string values.");
    builder.parameter(name, value);
  }
}
