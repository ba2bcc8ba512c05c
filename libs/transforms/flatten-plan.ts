// Pure: what Flatten does to a struct, worked out once for its schema.

import {
  asJavaObject,
  DataError,
  type Field,
  PerSchema,
  type Schema,
  SchemaBuilder,
  Struct,
  validateValue,
} from "@millrace/connect";
import { copySchemaBasics, structLike } from "./schema-basics.ts";
import { fieldsOf } from "./schema-fields.ts";

/** One field of a struct: a leaf that goes into the flat struct, or a struct with fields of its own. */
type Node = Leaf | Branch;

interface Leaf {
  readonly name: string;
  readonly from: Field;
  /** Undefined: the struct is not of the record's schema, which leads to no such field. */
  readonly to: Field | undefined;
  /** The struct has the record's schema: its values need no check, except for null. */
  readonly trusted: boolean;
}

interface Branch {
  readonly index: number;
  readonly nodes: readonly Node[];
}

interface Around {
  readonly prefix: string;
  /** Some struct on the way may be null. */
  readonly optional: boolean;
  /** What the nearest struct's default, or that of one further out, holds here. */
  readonly default: Struct | null;
}

export class FlattenPlan {
  readonly schema: Schema;
  readonly #delimiter: string;
  /** By the struct's own schema, which is the record's unless somebody made a mistake. */
  readonly #nodes: PerSchema<readonly Node[]>;

  constructor(old: Schema, delimiter: string) {
    this.#delimiter = delimiter;
    const builder = structLike(old);
    this.#define(builder, old, { prefix: "", optional: old.optional, default: (old.default ?? null) as Struct | null });
    this.schema = builder.build();
    this.#nodes = new PerSchema((from) => this.#nodesOf(from, "", from === old || from.equals(old)));
  }

  /** Fields of structs that are null stay unset. @throws DataError for null in a field that is required. */
  apply(struct: Struct): Struct {
    const values = new Array<unknown>(this.schema.fields.length).fill(null);
    fill(values, this.#nodes.get(struct.schema), struct);
    return Struct.of(this.schema, values);
  }

  #define(builder: SchemaBuilder, old: Schema, around: Around): void {
    for (const field of fieldsOf(old)) {
      const { schema } = field;
      const name = flatName(around.prefix, this.#delimiter, field.name);
      const optional = around.optional || schema.optional;
      const value = schema.default ?? around.default?.get(field) ?? null;
      if (schema.type === "STRUCT") this.#define(builder, schema, { prefix: name, optional, default: value as Struct });
      else builder.field(name, leafSchema(schema, { name, optional, default: value }));
    }
  }

  #nodesOf(from: Schema, prefix: string, trusted: boolean): Node[] {
    return from.fields.map((field) => {
      const name = flatName(prefix, this.#delimiter, field.name);
      if (field.schema.type === "STRUCT") {
        return { index: field.index, nodes: this.#nodesOf(field.schema, name, trusted) };
      }
      return { name, from: field, to: this.schema.field(name), trusted };
    });
  }
}

export function flatName(prefix: string, delimiter: string, name: string): string {
  return prefix === "" ? name : prefix + delimiter + name;
}

function leafSchema(
  old: Schema,
  options: { readonly name: string; readonly optional: boolean; readonly default: unknown },
): Schema {
  if (old.type === "MAP") throw unsupported(old, options.name);
  const builder = copySchemaBasics(old, new SchemaBuilder(old.type, null, old.valueSchema));
  if (options.optional) builder.optional();
  if (options.default !== null) builder.defaultValue(options.default);
  return builder.build();
}

function unsupported(schema: Schema, name: string): DataError {
  return new DataError(
    `Flatten transformation does not support ${schema.type} for record with schemas (for field ${name}).`,
  );
}

function fill(values: unknown[], nodes: readonly Node[], struct: Struct): void {
  const old = struct.values;
  for (const node of nodes) {
    if ("nodes" in node) {
      const inner = old[node.index] ?? null;
      if (inner !== null) fill(values, node.nodes, inner as Struct);
      continue;
    }
    const { from, to, trusted } = node;
    const value = old[from.index] ?? from.schema.default ?? null;
    if (to === undefined || !trusted || (value === null && !to.schema.optional)) check(node, value);
    values[to!.index] = value;
  }
}

/** @throws DataError when the value cannot be put into the flat struct. */
function check({ name, from, to }: Leaf, value: unknown): void {
  if (from.schema.type === "MAP") throw unsupported(from.schema, name);
  if (to === undefined) throw new DataError(`${name} is not a valid field name`);
  validateValue(to.schema, asJavaObject(from.schema, value), `field: "${name}"`, name);
}
