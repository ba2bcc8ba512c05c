import {
  BoxedNumber,
  ConfigDef,
  type ConnectRecord,
  type Field,
  javaClassName,
  javaClassOf,
  NonEmptyString,
  PerSchema,
  type Schema,
  Struct,
  type Transformation,
  ValidList,
  validateValue,
} from "@millrace/connect";
import { copyOf, getEntry } from "./map-data.ts";
import { type Mask, maskFor } from "./mask.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { keyAndValue } from "./stock.ts";
import { mayNotFit } from "./struct-copy.ts";

const PURPOSE = "mask fields";

const CONFIG = new ConfigDef()
  .define({
    name: "fields",
    type: "LIST",
    validator: ValidList.anyNonDuplicateValues(false, false),
    importance: "HIGH",
    documentation: "Names of the fields to mask.",
  })
  .define({
    name: "replacement",
    type: "STRING",
    default: null,
    validator: NonEmptyString,
    importance: "LOW",
    documentation: "What all `fields` hold instead; they must be text or numbers then. Without it: 0, false or empty.",
  })
  .define(NULL_DEFAULT_KEY);

export const maskField = keyAndValue({
  name: "MaskField",
  overview: "Hides what fields hold behind 0, false, an empty value, or a replacement.",
  config: CONFIG,
  create: (side) => new MaskField(side),
});

/** By field index. */
interface Plan {
  readonly defaults: readonly unknown[];
  /** Null for a field that stays. */
  readonly masks: readonly (Mask | null)[];
}

class MaskField implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  readonly #masks = new Map<string, Mask>();
  #fields: ReadonlySet<string> = new Set();
  #replacement: string | null = null;
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#fields = new Set(config.fields as string[]);
    this.#replacement = config.replacement as string | null;
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    const masked = schema === null ? this.#maskMap(value) : this.#maskStruct(requireStruct(value, PURPOSE, schema));
    return this.#side.with(record, schema, masked);
  }

  #maskMap(value: unknown): Map<unknown, unknown> {
    const map = copyOf(requireMap(value, PURPOSE));
    for (const field of this.#fields) {
      const old = getEntry(map, field);
      map.set(field, old === null ? null : this.#maskOf(javaClassName(old))());
    }
    return map;
  }

  #maskStruct({ schema, values: old }: Struct): Struct {
    const { defaults, masks } = this.#plans.get(schema);
    const values = new Array<unknown>(masks.length);
    for (let i = 0; i < masks.length; i++) {
      const value = old[i] ?? null;
      const mask = masks[i]!;
      if (value === null) values[i] = maskDefault(schema.fields[i]!, defaults[i], mask);
      else values[i] = mask === null ? value : mask();
    }
    return Struct.of(schema, values);
  }

  #compile(schema: Schema): Plan {
    return {
      defaults: schema.fields.map((field) => (this.#nullsBecomeDefaults ? (field.schema.default ?? null) : null)),
      masks: schema.fields.map((field) => {
        return this.#fields.has(field.name) ? unboxed(this.#maskOf(javaClassOf(field.schema))) : null;
      }),
    };
  }

  #maskOf(javaClass: string): Mask {
    let mask = this.#masks.get(javaClass);
    if (mask === undefined) {
      mask = maskFor(javaClass, this.#replacement);
      this.#masks.set(javaClass, mask);
    }
    return mask;
  }
}

/** What a field without a value holds. @throws DataError where Connect refuses to put its default. */
function maskDefault(field: Field, value: unknown, mask: Mask | null): unknown {
  if (value !== null && mask !== null) return mask();
  if (value === null || mayNotFit(value)) validateValue(field.schema, value, `field: "${field.name}"`, field.name);
  return value;
}

/** For a field whose schema says the width of its numbers. */
function unboxed(mask: Mask): Mask {
  return () => {
    const value = mask();
    return value instanceof BoxedNumber ? value.value : value;
  };
}
