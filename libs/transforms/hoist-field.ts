import {
  ConfigDef,
  type ConnectRecord,
  type Field,
  PerSchema,
  type Schema,
  SchemaBuilder,
  Struct,
  type Transformation,
} from "@millrace/connect";
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

interface Plan {
  readonly schema: Schema;
  readonly field: Field;
  /** Where the old struct must have a value. */
  readonly required: readonly number[];
}

class HoistField implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  /** Null was configured: Connect takes it, and gives maps a null key. */
  #field: string | null = null;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    this.#field = CONFIG.parse(props).field as string | null;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    if (schema === null) return this.#side.with(record, null, new Map([[this.#field, value]]));
    const plan = this.#plans.get(schema);
    const trusted = value instanceof Struct && value.schema === schema && isComplete(value, plan.required);
    const hoisted = trusted ? Struct.of(plan.schema, [value]) : new Struct(plan.schema).put(plan.field, value);
    return this.#side.with(record, plan.schema, hoisted);
  }

  #compile(old: Schema): Plan {
    const schema = SchemaBuilder.struct()
      .field(this.#field ?? "", old)
      .build();
    const required = old.fields.filter((field) => !field.schema.optional && field.schema.default === undefined);
    return { schema, field: schema.fields[0]!, required: required.map(({ index }) => index) };
  }
}

/** All that `Struct.put` could still find wrong with a struct of the right schema: what is there was checked when it came. */
function isComplete({ values }: Struct, required: readonly number[]): boolean {
  for (let i = 0; i < required.length; i++) {
    if ((values[required[i]!] ?? null) === null) return false;
  }
  return true;
}
