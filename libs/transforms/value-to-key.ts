import {
  ConfigDef,
  type ConnectRecord,
  DataError,
  PerSchema,
  type Schema,
  SchemaBuilder,
  Struct,
  type Transformation,
  ValidList,
} from "@millrace/connect";
import { getEntry } from "./map-data.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import { keySide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { transformation } from "./stock.ts";
import { StructCopy } from "./struct-copy.ts";

const PURPOSE = "copying fields from value to key";

const CONFIG = new ConfigDef()
  .define({
    name: "fields",
    type: "LIST",
    validator: ValidList.anyNonDuplicateValues(false, false),
    importance: "HIGH",
    documentation: "Names of the value's fields that make up the new key.",
  })
  .define(NULL_DEFAULT_KEY);

export const valueToKey = transformation({
  name: "ValueToKey",
  overview: "Replaces the key by a struct, or a map, of some of the value's fields.",
  config: CONFIG,
  create: () => new ValueToKey(),
});

interface Plan {
  readonly schema: Schema;
  readonly copy: StructCopy;
}

class ValueToKey implements Transformation {
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #fields: readonly string[] = [];
  #nullsBecomeDefaults = true;

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#fields = config.fields as readonly string[];
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = record.value ?? null;
    if ((record.valueSchema ?? null) === null) return keySide.with(record, null, this.#mapOf(value));
    const struct = requireStruct(value, PURPOSE);
    const { schema, copy } = this.#plans.get(struct.schema);
    // The struct's own schema from here on, as in Connect, should the record have said another one.
    const valueSchema = struct.schema;
    const keyed = keySide.with(record, schema, Struct.of(schema, copy.valuesFrom(struct)));
    return record.valueSchema === valueSchema ? keyed : { ...keyed, valueSchema };
  }

  #mapOf(value: unknown): Map<string, unknown> {
    const map = requireMap(value, PURPOSE);
    const key = new Map<string, unknown>();
    for (const field of this.#fields) key.set(field, getEntry(map, field));
    return key;
  }

  #compile(from: Schema): Plan {
    const builder = SchemaBuilder.struct();
    for (const name of this.#fields) {
      const field = from.field(name);
      if (field === undefined) throw new DataError(`Field does not exist: ${name}`);
      builder.field(name, field.schema);
    }
    const schema = builder.build();
    return { schema, copy: new StructCopy({ from, to: schema, nullsBecomeDefaults: this.#nullsBecomeDefaults }) };
  }
}
