// Pure: builds schemas step by step, refusing what Connect refuses.
import { SchemaBuilderError } from "../errors.ts";
import { type Field, Schema, type SchemaType } from "./schema.ts";
import { Struct } from "./struct.ts";
import { validateValue } from "./validate-value.ts";

/** Each property can be set once. Shape: `SchemaBuilder.struct().name("row").field("id", Schema.INT64).build()`. */
export class SchemaBuilder {
  readonly #type: SchemaType;
  readonly #keySchema: Schema | null;
  readonly #valueSchema: Schema | null;
  readonly #fields = new Map<string, Field>();
  #optional: boolean | null = null;
  #default: unknown;
  #name: string | null = null;
  #version: number | null = null;
  #doc: string | null = null;
  #parameters: Record<string, string> | null = null;

  constructor(type: SchemaType, keySchema: Schema | null = null, valueSchema: Schema | null = null) {
    this.#type = type;
    this.#keySchema = keySchema;
    this.#valueSchema = valueSchema;
  }

  static int8 = (): SchemaBuilder => new SchemaBuilder("INT8");
  static int16 = (): SchemaBuilder => new SchemaBuilder("INT16");
  static int32 = (): SchemaBuilder => new SchemaBuilder("INT32");
  static int64 = (): SchemaBuilder => new SchemaBuilder("INT64");
  static float32 = (): SchemaBuilder => new SchemaBuilder("FLOAT32");
  static float64 = (): SchemaBuilder => new SchemaBuilder("FLOAT64");
  static bool = (): SchemaBuilder => new SchemaBuilder("BOOLEAN");
  static string = (): SchemaBuilder => new SchemaBuilder("STRING");
  static bytes = (): SchemaBuilder => new SchemaBuilder("BYTES");
  static struct = (): SchemaBuilder => new SchemaBuilder("STRUCT");

  static array(valueSchema: Schema): SchemaBuilder {
    requirePresent("valueSchema", valueSchema);
    return new SchemaBuilder("ARRAY", null, valueSchema);
  }

  static map(keySchema: Schema, valueSchema: Schema): SchemaBuilder {
    requirePresent("keySchema", keySchema);
    requirePresent("valueSchema", valueSchema);
    return new SchemaBuilder("MAP", keySchema, valueSchema);
  }

  /** Of a type known at run time; an ARRAY or MAP made like this does not say what it holds. */
  static type(type: SchemaType | null): SchemaBuilder {
    if (type === null) throw new SchemaBuilderError("type cannot be null");
    return new SchemaBuilder(type);
  }

  get schemaType(): SchemaType {
    return this.#type;
  }

  optional(): this {
    refuseTwice("optional", this.#optional);
    this.#optional = true;
    return this;
  }

  required(): this {
    refuseTwice("optional", this.#optional);
    this.#optional = false;
    return this;
  }

  /**
   * Set `optional` first: null is a default only of an optional schema. A Struct is never taken, as in Java, where the
   * unfinished builder equals no struct's schema; `new Schema` takes one.
   */
  defaultValue(value: unknown): this {
    refuseTwice("defaultValue", this.#default);
    if (value instanceof Struct) throw new SchemaBuilderError("Invalid default value");
    try {
      validateValue(this.build(), value);
    } catch (cause) {
      throw new SchemaBuilderError("Invalid default value", { cause });
    }
    this.#default = value ?? undefined;
    return this;
  }

  name(name: string): this {
    refuseTwice("name", this.#name);
    this.#name = name;
    return this;
  }

  version(version: number): this {
    refuseTwice("version", this.#version);
    this.#version = version;
    return this;
  }

  doc(doc: string): this {
    refuseTwice("doc", this.#doc);
    this.#doc = doc;
    return this;
  }

  /** The last value of a repeated name wins. */
  parameter(name: string, value: string): this {
    // No prototype: `__proto__` is a name like any other.
    this.#parameters ??= Object.create(null) as Record<string, string>;
    this.#parameters[name] = value;
    return this;
  }

  parameters(parameters: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(parameters)) this.parameter(name, value);
    return this;
  }

  /** Only of a STRUCT; fields keep the order they were added in. */
  field(name: string, schema: Schema): this {
    if (this.#type !== "STRUCT") throw new SchemaBuilderError(`Cannot create fields on type ${this.#type}`);
    if (name === "") throw new SchemaBuilderError("fieldName cannot be null.");
    if (this.#fields.has(name)) {
      throw new SchemaBuilderError(`Cannot create field because of field name duplication ${name}`);
    }
    requirePresent(`fieldSchema for field ${name}`, schema);
    this.#fields.set(name, { name, index: this.#fields.size, schema });
    return this;
  }

  build(): Schema {
    return new Schema({
      type: this.#type,
      optional: this.#optional ?? false,
      default: this.#default,
      name: this.#name,
      version: this.#version,
      doc: this.#doc,
      parameters: this.#parameters === null ? null : { ...this.#parameters },
      fields: [...this.#fields.values()],
      keySchema: this.#keySchema,
      valueSchema: this.#valueSchema,
    });
  }
}

function refuseTwice(property: string, present: unknown): void {
  if (present !== null && present !== undefined) {
    throw new SchemaBuilderError(`Invalid SchemaBuilder call: ${property} has already been set.`);
  }
}

function requirePresent(property: string, schema: Schema | null): void {
  if (schema === null) throw new SchemaBuilderError(`${property} cannot be null.`);
}
