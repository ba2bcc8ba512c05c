// Pure: expands payloads of JSON text into Connect data, with one schema object for all payloads of the same shape.
import { isConnectError, type Schema } from "@millrace/connect";
import { fitsSchema, toConnectData } from "./json-data.ts";
import { type InferOptions, inferSchema } from "./json-schema.ts";
import { type JsonTree, parseJsonTree } from "./json-tree.ts";

/** Shapes kept; beyond that they are worked out anew. */
const SHAPES_MAX = 1000;

/** What is known of a shape; null when it has no schema. */
interface Shape {
  readonly schema: Schema | null;
  readonly fits: boolean;
}

interface Expanded {
  readonly schema: Schema | null;
  readonly value: unknown;
}

export class JsonExpander {
  readonly #name: string;
  readonly #options: InferOptions;
  readonly #shapes = new Map<string, Shape | null>();

  /** @param name of the schema that is inferred for an object. */
  constructor(name: string, options: InferOptions) {
    this.#name = name;
    this.#options = options;
  }

  /**
   * Null when the text stays as it is. A text whose schema can be told but not its value keeps the text under that
   * schema: so does Debezium, as with every array.
   */
  expand(text: string): Expanded | null {
    if (!text.startsWith("{") && !text.startsWith("[")) return null;
    const tree = parseJsonTree(text);
    if (tree === null) return null;
    const shape = this.#shapeOf(tree);
    if (shape === null) return null;
    const { schema, fits } = shape;
    return { schema, value: fits ? toConnectData(tree, schema!) : text };
  }

  #shapeOf(tree: JsonTree): Shape | null {
    const text = shapeText(tree);
    let shape = this.#shapes.get(text);
    if (shape === undefined) {
      shape = this.#infer(tree);
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(text, shape);
    }
    return shape;
  }

  #infer(tree: JsonTree): Shape | null {
    try {
      const schema = inferSchema(this.#name, tree, this.#options);
      return { schema, fits: schema?.type === "STRUCT" && fitsSchema(tree, schema) };
    } catch (error) {
      if (isConnectError(error)) return null;
      throw error;
    }
  }
}

/** The same for values that infer alike: an array is told by its different elements in order of appearance. */
function shapeText(tree: JsonTree): string {
  switch (tree.type) {
    case "object": {
      let text = "{";
      for (const [name, value] of tree.fields) text += `${name.length}:${name}${shapeText(value)}`;
      return `${text}}`;
    }
    case "array":
      return `[${elementShapes(tree.elements)}]`;
    default:
      return SHAPES[tree.type];
  }
}

function elementShapes(elements: readonly JsonTree[]): string {
  if (elements.length === 1) return shapeText(elements[0]!);
  return [...new Set(elements.map(shapeText))].join("");
}

const SHAPES = { string: "s", boolean: "b", int: "i", long: "l", integer: "n", double: "d", null: "0" } as const;
