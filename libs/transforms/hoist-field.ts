import { ConfigDef, type ConnectRecord, SchemaBuilder, Struct, type Transformation } from "@millrace/connect";
import { PerSchema } from "./per-schema.ts";
import type { RecordSide } from "./record-side.ts";
import { keyAndValue } from "./stock.ts";

const CONFIG = new ConfigDef().define({
  name: "field",
  type: "STRING",
  importance: "MEDIUM",
  documentation: "Name of the one field that the new struct or map has.",
});

export const hoistField = keyAndValue({
  name: "HoistField",
  overview: "Wraps the whole key or value in a struct, or a map, of one field.",
  config: CONFIG,
  create: (side) => new HoistField(side),
});

class HoistField implements Transformation {
  readonly #side: RecordSide;
  readonly #schemas = new PerSchema((schema) =>
    SchemaBuilder.struct()
      .field(this.#field ?? "", schema)
      .build(),
  );
  /** Null was configured: Connect takes it, and gives maps a null key. */
  #field: string | null = null;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#field = CONFIG.parse(config).field as string | null;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    if (schema === null) return this.#side.with(record, null, new Map([[this.#field, value]]));
    const hoisted = this.#schemas.get(schema);
    return this.#side.with(record, hoisted, new Struct(hoisted).put(hoisted.fields[0]!, value));
  }
}
