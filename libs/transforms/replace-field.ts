import {
  ClassCastError,
  ConfigDef,
  ConfigError,
  type ConnectRecord,
  entriesOf,
  invalidValue,
  javaClassName,
  lambda,
  PerSchema,
  type Schema,
  Struct,
  type Transformation,
  ValidList,
} from "@millrace/connect";
import { hashOrder, javaSplit } from "@millrace/java-text";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStruct } from "./requirements.ts";
import { structLike } from "./schema-basics.ts";
import { keyAndValue } from "./stock.ts";
import { StructCopy } from "./struct-copy.ts";

const PURPOSE = "field replacement";

const CONFIG = new ConfigDef()
  .define({
    name: "exclude",
    type: "LIST",
    default: [],
    validator: ValidList.anyNonDuplicateValues(true, false),
    importance: "MEDIUM",
    documentation: "Fields to leave out, even where `include` names them.",
  })
  .define({
    name: "include",
    type: "LIST",
    default: [],
    validator: ValidList.anyNonDuplicateValues(true, false),
    importance: "MEDIUM",
    documentation: "Fields to keep; when empty, all.",
  })
  .define({
    name: "renames",
    type: "LIST",
    default: [],
    validator: lambda((_, value) => parseRenames(value), "list of colon-delimited pairs, e.g. `foo:bar,abc:xyz`"),
    importance: "MEDIUM",
    documentation: "New names, as pairs `old:new`. `include` and `exclude` go by the old ones.",
  })
  .define(NULL_DEFAULT_KEY);

export const replaceField = keyAndValue({
  name: "ReplaceField",
  overview: "Leaves fields out of the key or value, or gives them other names.",
  config: CONFIG,
  create: (side) => new ReplaceField(side),
});

class ReplaceField implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #exclude: ReadonlySet<unknown> = new Set();
  #include: ReadonlySet<unknown> = new Set();
  #renames: ReadonlyMap<unknown, string> = new Map();
  #oldNames: ReadonlyMap<string, string> = new Map();
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    const renames = parseRenames(config.renames);
    this.#exclude = new Set(config.exclude as string[]);
    this.#include = new Set(config.include as string[]);
    this.#renames = renames;
    // Of several old names for one new one, Java keeps the last in its map's order.
    this.#oldNames = new Map(hashOrder([...renames.keys()]).map((name) => [renames.get(name)!, name]));
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#side.valueOf(record);
    if (value === null) return record;
    const recordSchema = this.#side.schemaOf(record);
    if (recordSchema === null) return this.#side.with(record, null, this.#replaceInMap(value));
    const struct = requireStruct(value, PURPOSE, recordSchema);
    const { schema, copy } = this.#plans.get(struct.schema);
    return this.#side.with(record, schema, Struct.of(schema, copy.valuesFrom(struct)));
  }

  #replaceInMap(value: unknown): Map<unknown, unknown> {
    const replaced = new Map<unknown, unknown>();
    for (const [name, fieldValue] of entriesOf(requireMap(value, PURPOSE))) {
      if (typeof name !== "string" && name !== null) throw notAName(name);
      if (this.#keeps(name)) replaced.set(this.#renames.get(name) ?? name, fieldValue);
    }
    return replaced;
  }

  #compile(from: Schema): { schema: Schema; copy: StructCopy } {
    const builder = structLike(from);
    for (const { name, schema } of from.fields) {
      if (this.#keeps(name)) builder.field(this.#renames.get(name) ?? name, schema);
    }
    const schema = builder.build();
    const copy = new StructCopy({
      from,
      to: schema,
      sourceOf: ({ name }) => {
        const oldName = this.#oldNames.get(name) ?? name;
        return from.field(oldName) ?? oldName;
      },
      nullsBecomeDefaults: this.#nullsBecomeDefaults,
    });
    return { schema, copy };
  }

  #keeps(name: unknown): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name));
  }
}

function notAName(key: unknown): ClassCastError {
  return new ClassCastError(`Only maps with text keys supported for [${PURPOSE}], found key: ${javaClassName(key)}`);
}

/** New names by old ones. */
function parseRenames(value: unknown): Map<string, string> {
  if (value === null) throw new ConfigError("Configuration 'renames' values must not be null.");
  const renames = new Map<string, string>();
  for (const mapping of value as readonly string[]) {
    const [from, to, ...rest] = javaSplit(mapping, ":");
    if (from === undefined || to === undefined || rest.length > 0) {
      throw invalidValue("renames", value, `Invalid rename mapping: ${mapping}`);
    }
    renames.set(from, to);
  }
  return renames;
}
