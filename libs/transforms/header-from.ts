import {
  ConfigDef,
  ConfigError,
  ConnectHeaders,
  type ConnectRecord,
  type Field,
  invalidValue,
  lambda,
  NullPointerError,
  PerSchema,
  type Schema,
  Struct,
  type Transformation,
  ValidString,
} from "@millrace/connect";
import { copyOf, getEntry } from "./map-data.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { structLike } from "./schema-basics.ts";
import { keyAndValue } from "./stock.ts";
import { StructCopy } from "./struct-copy.ts";

const NON_EMPTY_LIST = lambda((name, value) => {
  if (value === null || (value as readonly string[]).length === 0) throw invalidValue(name, value, "Empty list");
}, "non-empty list");

const CONFIG = new ConfigDef()
  .define({
    name: "fields",
    type: "LIST",
    validator: NON_EMPTY_LIST,
    importance: "HIGH",
    documentation: "Names of the fields that become headers.",
  })
  .define({
    name: "headers",
    type: "LIST",
    validator: NON_EMPTY_LIST,
    importance: "HIGH",
    documentation: "Names of the headers, one for each of `fields` and in their order.",
  })
  .define({
    name: "operation",
    type: "STRING",
    validator: ValidString.in("move", "copy"),
    importance: "HIGH",
    documentation: "`copy` leaves the fields where they are, `move` takes them out of the key or value.",
  })
  .define(NULL_DEFAULT_KEY);

export const headerFrom = keyAndValue({
  name: "HeaderFrom",
  overview: "Copies or moves fields of the key or value into headers.",
  config: CONFIG,
  create: (side) => new HeaderFrom(side),
});

/** A field and the header it goes to. */
interface Pair {
  readonly field: string;
  readonly header: string;
}

/** What follows from the record's schema alone; the struct's own is the same unless somebody made a mistake. */
interface Plan {
  readonly headers: readonly HeaderSource[];
  /** Of the record that goes on. */
  readonly schema: Schema;
  /** Null: the struct goes on as it is. */
  readonly copies: PerSchema<StructCopy> | null;
}

interface HeaderSource extends Pair {
  /** In the record's schema; undefined when there is no such field. */
  readonly source: Field | undefined;
}

class HeaderFrom implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #pairs: readonly Pair[] = [];
  #moves = false;
  #purpose = "";
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    const fields = config.fields as string[];
    const headers = config.headers as string[];
    if (fields.length !== headers.length) {
      throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.");
    }
    this.#pairs = fields.map((field, i) => ({ field, header: headers[i]! }));
    this.#moves = config.operation === "move";
    this.#purpose = `header ${config.operation}`;
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const headers = record.headers?.duplicate() ?? new ConnectHeaders();
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    const changed =
      schema === null
        ? this.#side.with(record, null, this.#addFromMap(headers, value))
        : this.#addFromStruct(headers, record, schema, requireStruct(value, this.#purpose, schema));
    return Object.assign(changed, { headers });
  }

  /** Gives what is left of the map. */
  #addFromMap(headers: ConnectHeaders, value: unknown): unknown {
    const map = requireMap(value, this.#purpose);
    for (const { field, header } of this.#pairs) headers.add(header, getEntry(map, field));
    if (!this.#moves) return map;
    const left = copyOf(map);
    for (const { field } of this.#pairs) left.delete(field);
    return left;
  }

  #addFromStruct<R extends ConnectRecord>(headers: ConnectHeaders, record: R, schema: Schema, struct: Struct): R {
    const plan = this.#plans.get(schema);
    const left = plan.copies?.get(struct.schema).valuesFrom(struct);
    for (const { field, header, source } of plan.headers) {
      if (source === undefined) {
        throw new NullPointerError(
          `The schema ${schema} has no field ${field} for header ${header}. Correct 'fields'.`,
        );
      }
      const own = struct.schema === schema ? source : struct.schema.field(field);
      headers.add(header, own === undefined ? null : this.#read(struct, own), source.schema);
    }
    return this.#side.with(record, plan.schema, left === undefined ? struct : Struct.of(plan.schema, left));
  }

  #read(struct: Struct, field: Field): unknown {
    return this.#nullsBecomeDefaults ? struct.get(field) : struct.valueAt(field.index);
  }

  #compile(schema: Schema): Plan {
    const headers = this.#pairs.map((pair) => ({ ...pair, source: schema.field(pair.field) }));
    if (!this.#moves) return { headers, schema, copies: null };
    const moved = new Set(this.#pairs.map((pair) => pair.field));
    const builder = structLike(schema);
    for (const field of schema.fields) if (!moved.has(field.name)) builder.field(field.name, field.schema);
    const to = builder.build();
    const nullsBecomeDefaults = this.#nullsBecomeDefaults;
    return { headers, schema: to, copies: new PerSchema((from) => new StructCopy({ from, to, nullsBecomeDefaults })) };
  }
}
