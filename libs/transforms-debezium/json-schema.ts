// Pure: the schema a JSON text has by itself, as Debezium's JsonSchemaData infers it.

import { ConnectError, Schema, SchemaBuilder } from "@millrace/connect";
import { structLike } from "@millrace/transforms";
import { isBlank } from "./is-blank.ts";
import type { JsonTree } from "./json-tree.ts";

export interface InferOptions {
  /** What null says of its field's type: nothing, so that the field is left out, or optional bytes. */
  readonly nulls: "ignore" | "optional_bytes";
  fieldName(name: string): string;
}

type ArrayTree = Extract<JsonTree, { type: "array" }>;
type ObjectTree = Extract<JsonTree, { type: "object" }>;

/**
 * Null when the value tells nothing: an empty array, or an ignored null.
 * @param key the name a struct gets; structs inside are named after it. Null for none.
 * @throws ConnectError when an array mixes types or tells nothing about its elements.
 */
export function inferSchema(key: string | null, tree: JsonTree, options: InferOptions): Schema | null {
  switch (tree.type) {
    case "string":
      return Schema.OPTIONAL_STRING;
    case "boolean":
      return Schema.OPTIONAL_BOOLEAN;
    case "int":
      return Schema.OPTIONAL_INT32;
    case "long":
      return Schema.OPTIONAL_INT64;
    case "integer":
    case "double":
      return Schema.OPTIONAL_FLOAT64;
    case "null":
      return options.nulls === "optional_bytes" ? Schema.OPTIONAL_BYTES : null;
    case "array":
      if (tree.elements.length === 0) return null;
      return SchemaBuilder.array(elementSchema(key, tree, options))
        .optional()
        .build();
    case "object":
      return structSchema(key, tree, options);
  }
}

function structSchema(key: string | null, tree: ObjectTree, options: InferOptions): Schema {
  const builder = SchemaBuilder.struct().optional();
  if (key !== null) builder.name(key);
  const prefix = isBlank(key) ? "" : `${key}.`;
  const taken = new Set<string>();
  for (const [jsonName, value] of tree.fields) {
    const name = options.fieldName(jsonName);
    const schema = inferSchema(prefix + name, value, options);
    if (schema === null || taken.has(name)) continue;
    taken.add(name);
    builder.field(name, schema);
  }
  return builder.build();
}

function elementSchema(key: string | null, array: ArrayTree, options: InferOptions): Schema {
  const sample = firstElement(array, options);
  if (sample.type !== "object") {
    const schema = inferSchema(null, sample, options);
    if (schema === null) throw new ConnectError("Array '' has unrecognized member schema.");
    return schema;
  }
  const distinct: Schema[] = [];
  for (const element of array.elements) {
    if (element.type !== "object") continue;
    const schema = structSchema(key, element, options);
    if (!distinct.some((known) => known.equals(schema))) distinct.push(schema);
  }
  return distinct.reduce(merged);
}

/**
 * All fields of both; what is not optional bytes wins over what is, otherwise the first. The result is required.
 * Debezium merges in the order of a HashSet, which differs from one JVM to the next; here it is that of appearance.
 */
function merged(left: Schema, right: Schema): Schema {
  const fields = new Map(left.fields.map((field) => [field.name, field.schema]));
  for (const { name, schema } of right.fields) {
    const known = fields.get(name);
    if (known === undefined || (known.type === "BYTES" && schema.type !== "BYTES")) fields.set(name, schema);
  }
  const builder = structLike(left);
  for (const [name, schema] of fields) builder.field(name, schema);
  return builder.build();
}

/** The first that is not null; null if all are. */
function firstElement(array: ArrayTree, options: InferOptions): JsonTree {
  const present = array.elements.filter((element) => element.type !== "null");
  const [first] = present;
  if (first === undefined) return { type: "null" };
  for (const element of present) {
    const same = isNumber(first)
      ? isNumber(element) && inferSchema(null, element, options) === inferSchema(null, first, options)
      : element.type === first.type;
    if (!same) throw new ConnectError(`Field is not a homogenous array (${first.type} x ${element.type}).`);
  }
  return first;
}

function isNumber({ type }: JsonTree): boolean {
  return type === "int" || type === "long" || type === "integer" || type === "double";
}
