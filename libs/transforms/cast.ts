import {
  ConfigDef,
  type ConnectRecord,
  PerSchema,
  type Schema,
  STRICT_NUMBERS_KEY,
  type Transformation,
} from "@millrace/connect";
import { hashOrder } from "@millrace/java-text";
import { StructCast, WholeCast } from "./cast-plan.ts";
import { type CastTarget, parseCastSpec, ValidCastSpec } from "./cast-spec.ts";
import { type CastFunction, castSchemaless } from "./cast-value.ts";
import { copyOf, getEntry } from "./map-data.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { keyAndValue } from "./stock.ts";

const PURPOSE = "cast types";

const CONFIG = new ConfigDef()
  .define({
    name: "spec",
    type: "LIST",
    validator: ValidCastSpec,
    importance: "HIGH",
    documentation:
      "Fields and their new types, as `field1:type,field2:type`; or one type alone for the whole key or value. Types " +
      "are int8, int16, int32, int64, float32, float64, boolean and string. Bytes become text only, in Base64.",
  })
  .define(NULL_DEFAULT_KEY)
  .define(STRICT_NUMBERS_KEY);

export const cast = keyAndValue({
  name: "Cast",
  overview: "Gives fields, or the whole key or value, another type: numbers, booleans and text become one another.",
  config: CONFIG,
  create: (side) => new Cast(side),
});

type Plan = WholeCast | StructCast;

class Cast implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #whole: CastTarget | null = null;
  #fields: ReadonlyMap<string, CastTarget> = new Map();
  #strict = false;
  #nullsBecomeDefaults = true;
  #castWhole: CastFunction | null = null;
  #castFields: readonly (readonly [name: string, cast: CastFunction])[] = [];

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    const { whole, fields } = parseCastSpec(config.spec as readonly string[]);
    const strict = config[STRICT_NUMBERS_KEY.name] === true;
    this.#whole = whole;
    this.#fields = fields;
    this.#strict = strict;
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
    this.#castWhole = whole === null ? null : castSchemaless({ target: whole, strict, name: this.#place() });
    this.#castFields = hashOrder([...fields.keys()]).map((name) => {
      return [name, castSchemaless({ target: fields.get(name)!, strict, name: `field "${name}"` })];
    });
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#side.valueOf(record);
    if (value === null) return record;
    const schema = this.#side.schemaOf(record);
    if (schema === null) return this.#side.with(record, null, this.#schemaless(value));
    const plan = this.#plans.get(schema);
    const result = plan instanceof WholeCast ? plan.cast(value) : plan.apply(requireStruct(value, PURPOSE));
    return this.#side.with(record, plan.schema, result);
  }

  #schemaless(value: unknown): unknown {
    if (this.#castWhole !== null) return this.#castWhole(value);
    const map = requireMap(value, PURPOSE);
    const copy = copyOf(map);
    for (const [name, castField] of this.#castFields) {
      const old = getEntry(map, name);
      copy.set(name, old === null ? null : castField(old));
    }
    return copy;
  }

  #compile(schema: Schema): Plan {
    const strict = this.#strict;
    return this.#whole === null
      ? new StructCast(schema, this.#fields, { strict, nullsBecomeDefaults: this.#nullsBecomeDefaults })
      : new WholeCast(schema, this.#whole, { strict, name: this.#place() });
  }

  #place(): string {
    return `the ${this.#side.name.toLowerCase()}`;
  }
}
