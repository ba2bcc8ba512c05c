// Pure: JSON as Connect data under a schema inferred from it.
import { type Schema, Struct } from "@millrace/connect";
import type { JsonTree } from "./json-tree.ts";

const TYPES = { string: "STRING", boolean: "BOOLEAN", int: "INT32", long: "INT64", double: "FLOAT64" } as const;

/**
 * Would Connect take the value under this schema? Not always: arrays inside arrays are typed by their first element,
 * and structs in an array by all of them together.
 */
export function fitsSchema(tree: JsonTree, schema: Schema): boolean {
  switch (tree.type) {
    case "null":
      return schema.optional;
    case "integer":
      return false;
    case "array": {
      const { valueSchema } = schema;
      return schema.type === "ARRAY" && tree.elements.every((element) => fitsSchema(element, valueSchema!));
    }
    case "object":
      return (
        schema.type === "STRUCT" &&
        schema.fields.every((field) => {
          const value = tree.fields.get(field.name);
          return value === undefined || fitsSchema(value, field.schema);
        })
      );
    default:
      return schema.type === TYPES[tree.type];
  }
}

/** Of a tree that fits. */
export function toConnectData(tree: JsonTree, schema: Schema): unknown {
  switch (tree.type) {
    case "object":
      return Struct.of(
        schema,
        schema.fields.map((field) => {
          const value = tree.fields.get(field.name);
          return value === undefined ? null : toConnectData(value, field.schema);
        }),
      );
    case "array":
      return tree.elements.map((element) => toConnectData(element, schema.valueSchema!));
    case "null":
    case "integer":
      return null;
    default:
      return tree.value;
  }
}
