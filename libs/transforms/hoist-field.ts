import { ConfigDef, type ConnectRecord, Schema, Struct, type Transformation } from "@millrace/connect";
import { PerSchema } from "./per-schema.ts";
import type { RecordSide } from "./record-side.ts";
import { keyAndValue } from "./stock.ts";

const CONFIG = new ConfigDef().define({
  name: "field",
  type: "STRING",
  importance: "MEDIUM",
  documentation: "Field name for the single field that will be created in the resulting Struct or Map.",
});

export const hoistField = keyAndValue({
  name: "HoistField",
  overview: "Wraps the whole key or value in a struct, or a map, of one field.",
  config: CONFIG,
  create: (side) => new HoistField(side),
});

class HoistField implements Transformation {
  readonly #side: RecordSide;
  readonly #hoisted = new PerSchema(
    (schema) => new Schema({ type: "STRUCT", fields: [{ name: this.#field, index: 0, schema }] }),
  );
  #field = "";

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#field = CONFIG.parse(config).field as string;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    if (schema === null) return this.#side.with(record, null, new Map([[this.#field, value]]));
    const hoisted = this.#hoisted.get(schema);
    return this.#side.with(record, hoisted, Struct.of(hoisted, [value]));
  }
}
