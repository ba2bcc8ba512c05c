import {
  BoxedNumber,
  ClassCastError,
  ConfigDef,
  type ConnectRecord,
  DataError,
  entriesOf,
  fitsInt64,
  isMap,
  javaClassName,
  type MapData,
  PerSchema,
  Struct,
  type Transformation,
  valueText,
} from "@millrace/connect";
import { FlattenPlan, flatName } from "./flatten-plan.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { keyAndValue } from "./stock.ts";

const PURPOSE = "flattening";

const CONFIG = new ConfigDef().define({
  name: "delimiter",
  type: "STRING",
  default: ".",
  importance: "MEDIUM",
  documentation: "What stands between the names of outer and inner fields in the names of the new ones.",
});

export const flatten = keyAndValue({
  name: "Flatten",
  overview: "Brings the fields of nested structs, or maps, to the top, under names joined from all levels.",
  config: CONFIG,
  create: (side) => new Flatten(side),
});

class Flatten implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => new FlattenPlan(schema, this.#delimiter));
  #delimiter = ".";

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    // Where null is configured, Java joins the names with its text.
    this.#delimiter = String(CONFIG.parse(props).delimiter);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#side.valueOf(record);
    if (value === null) return record;
    const schema = this.#side.schemaOf(record);
    if (schema === null) {
      const flat = new Map<unknown, unknown>();
      this.#flatten(requireMap(value, PURPOSE), "", flat);
      return this.#side.with(record, null, flat);
    }
    const struct = requireStruct(value, PURPOSE);
    const plan = this.#plans.get(schema);
    return this.#side.with(record, plan.schema, plan.apply(struct));
  }

  #flatten(map: MapData, prefix: string, flat: Map<unknown, unknown>): void {
    for (const [key, value] of entriesOf(map)) {
      const name = flatName(prefix, this.#delimiter, requireText(key, prefix));
      if (isMap(value)) this.#flatten(value, name, flat);
      else flat.set(name, requireLeaf(value ?? null, name));
    }
  }
}

function requireText(key: unknown, prefix: string): string {
  if (typeof key === "string") return key;
  const found = `class ${javaClassName(key)} cannot be cast to class java.lang.String`;
  const place = prefix === "" ? "the outermost map" : `field ${prefix}`;
  throw new ClassCastError(`${found}: Flatten takes maps with text keys only, ${place} has the key ${valueText(key)}`);
}

function requireLeaf(value: unknown, name: string): unknown {
  if (typeof value !== "object" && typeof value !== "bigint") return value;
  if (value === null || Array.isArray(value) || value instanceof Uint8Array || value instanceof BoxedNumber)
    return value;
  if (typeof value === "bigint" && fitsInt64(value)) return value;
  if (value instanceof Struct) {
    const type = `class ${javaClassName(value)}`;
    throw new DataError(
      `Flatten transformation does not support ${type} for record without schemas (for field ${name}).`,
    );
  }
  const type = `class ${javaClassName(value)}`;
  throw new DataError(
    `Flatten transformation was passed a value of type ${type} which is not supported by Connect's data API`,
  );
}
