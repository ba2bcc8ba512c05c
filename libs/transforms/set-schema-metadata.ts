import {
  ConfigDef,
  ConfigError,
  type ConnectRecord,
  type Field,
  PerSchema,
  Schema,
  Struct,
  type Transformation,
} from "@millrace/connect";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireSchema } from "./requirements.ts";
import { fieldsOf } from "./schema-fields.ts";
import { keyAndValue } from "./stock.ts";
import { StructCopy } from "./struct-copy.ts";

const CONFIG = new ConfigDef()
  .define({
    name: "schema.name",
    type: "STRING",
    default: null,
    importance: "HIGH",
    documentation: "New name of the schema; without it the old name stays.",
  })
  .define({
    name: "schema.version",
    type: "INT",
    default: null,
    importance: "HIGH",
    documentation: "New version of the schema; without it the old version stays.",
  })
  .define(NULL_DEFAULT_KEY);

export const setSchemaMetadata = keyAndValue({
  name: "SetSchemaMetadata",
  overview: "Sets name, version or both of the key's or value's struct schema.",
  config: CONFIG,
  create: (side) => new SetSchemaMetadata(side),
});

interface Plan {
  readonly schema: Schema;
  /** By the struct's own schema, which is the record's unless somebody made a mistake. */
  readonly copies: PerSchema<StructCopy>;
}

class SetSchemaMetadata implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #name: string | null = null;
  #version: number | null = null;
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#name = config["schema.name"] as string | null;
    this.#version = config["schema.version"] as number | null;
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
    if (this.#name === null && this.#version === null) {
      throw new ConfigError("Neither schema name nor version configured");
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#side.valueOf(record);
    const old = this.#side.schemaOf(record);
    if (value === null && old === null) return record;
    const { schema, copies } = this.#plans.get(requireSchema(old, "updating schema metadata"));
    if (!(value instanceof Struct)) return this.#side.with(record, schema, value);
    return this.#side.with(record, schema, Struct.of(schema, copies.get(value.schema).valuesFrom(value)));
  }

  #compile(old: Schema): Plan {
    const fields = fieldsOf(old);
    const { type, optional, doc, parameters } = old;
    const name = this.#name ?? old.name;
    const version = this.#version ?? old.version;
    const bare = { type, optional, name, version, doc, parameters, fields };
    const schema = new Schema({ ...bare, default: renamedDefault(old.default, new Schema(bare)) });
    const nullsBecomeDefaults = this.#nullsBecomeDefaults;
    const copies = new PerSchema((from) => {
      // Connect reads with defaults by position and without them by name.
      const sourceOf = ({ name, index }: Field) =>
        (nullsBecomeDefaults ? from.fields[index] : from.field(name)) ?? name;
      return new StructCopy({ from, to: schema, sourceOf, nullsBecomeDefaults });
    });
    return { schema, copies };
  }
}

/** A struct's default is a struct of the schema without default. */
function renamedDefault(value: unknown, schema: Schema): unknown {
  return value instanceof Struct ? Struct.of(schema, value.values) : value;
}
