import {
  ConfigDef,
  ConfigError,
  type ConfigKeyDefinition,
  type ConnectRecord,
  doubleToInt64,
  Int32,
  invalidValue,
  PerSchema,
  Schema,
  Struct,
  Timestamp,
  type Transformation,
} from "@millrace/connect";
import { copyOf } from "./map-data.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireSinkRecord, requireStruct } from "./requirements.ts";
import { structLike } from "./schema-basics.ts";
import { keyAndValue } from "./stock.ts";
import { StructCopy } from "./struct-copy.ts";

const PURPOSE = "field insertion";
const OPTIONAL_TIMESTAMP = Timestamp.builder().optional().build();
const OPTIONALITY = "End the name in `!` for a required field, in `?` or nothing for an optional one.";

function fieldNameKey(name: string, content: string): ConfigKeyDefinition {
  const documentation = `Name of a field for ${content}. ${OPTIONALITY}`;
  return { name, type: "STRING", default: null, importance: "MEDIUM", documentation };
}

const CONFIG = new ConfigDef()
  .define(fieldNameKey("topic.field", "the Kafka topic"))
  .define(fieldNameKey("partition.field", "the Kafka partition"))
  .define(fieldNameKey("offset.field", "the Kafka offset, which only records of sink connectors have"))
  .define(fieldNameKey("timestamp.field", "the record's timestamp"))
  .define(fieldNameKey("static.field", "a fixed text"))
  .define({
    name: "static.value",
    type: "STRING",
    default: null,
    importance: "MEDIUM",
    documentation: "The text that `static.field` holds.",
  })
  .define(NULL_DEFAULT_KEY);

export const insertField = keyAndValue({
  name: "InsertField",
  overview: "Adds fields that hold the record's topic, partition, offset or timestamp, or a fixed text.",
  config: CONFIG,
  create: (side) => new InsertField(side),
});

/** What goes into one field. */
interface Insertion {
  readonly name: string;
  readonly schema: Schema;
  /** Null for a record that has none: the field stays unset, even a required one. */
  schemaValueOf(record: ConnectRecord): unknown;
  schemalessValueOf(record: ConnectRecord): unknown;
}

class InsertField implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #insertions: readonly Insertion[] = [];
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
    const insertions = INSERTIONS.flatMap(([key, insertion]) => {
      const spec = config[key] as string | null;
      return spec === null ? [] : [insertion(spec, config["static.value"] as string | null)];
    });
    if (insertions.length === 0) throw new ConfigError("No field insertion configured");
    this.#insertions = insertions;
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#side.valueOf(record);
    if (value === null) return record;
    const recordSchema = this.#side.schemaOf(record);
    if (recordSchema === null) return this.#side.with(record, null, this.#insertIntoMap(record, value));
    const struct = requireStruct(value, PURPOSE, recordSchema);
    const { schema, copy } = this.#plans.get(struct.schema);
    const values = copy.valuesFrom(struct);
    let index = struct.schema.fields.length;
    for (const insertion of this.#insertions) values[index++] = insertion.schemaValueOf(record);
    return this.#side.with(record, schema, Struct.of(schema, values));
  }

  #insertIntoMap(record: ConnectRecord, value: unknown): Map<unknown, unknown> {
    const map = copyOf(requireMap(value, PURPOSE));
    for (const insertion of this.#insertions) {
      const inserted = insertion.schemalessValueOf(record);
      if (inserted !== null) map.set(insertion.name, inserted);
    }
    return map;
  }

  #compile(from: Schema): { schema: Schema; copy: StructCopy } {
    const builder = structLike(from);
    for (const { name, schema } of from.fields) builder.field(name, schema);
    for (const { name, schema } of this.#insertions) builder.field(name, schema);
    const to = builder.build();
    const count = from.fields.length;
    const copy = new StructCopy({ from, to, count, nullsBecomeDefaults: this.#nullsBecomeDefaults });
    return { schema: to, copy };
  }
}

/** In the order in which the fields are added. */
const INSERTIONS: readonly (readonly [string, (spec: string, staticValue: string | null) => Insertion])[] = [
  ["topic.field", (spec) => ofText(spec, (record) => record.topic)],
  [
    "partition.field",
    (spec) => ({
      ...parseSpec(spec, Schema.INT32, Schema.OPTIONAL_INT32),
      schemaValueOf: (record) => record.partition ?? null,
      schemalessValueOf: ({ partition = null }) => (partition === null ? null : new Int32(partition)),
    }),
  ],
  [
    "offset.field",
    (spec) => ({
      ...parseSpec(spec, Schema.INT64, Schema.OPTIONAL_INT64),
      schemaValueOf: (record) => doubleToInt64(requireSinkRecord(record, PURPOSE).offset),
      schemalessValueOf: (record) => doubleToInt64(requireSinkRecord(record, PURPOSE).offset),
    }),
  ],
  [
    "timestamp.field",
    (spec) => ({
      ...parseSpec(spec, Timestamp.SCHEMA, OPTIONAL_TIMESTAMP),
      schemaValueOf: ({ timestamp = null }) =>
        timestamp === null ? null : Timestamp.toLogical(Timestamp.SCHEMA, timestamp),
      schemalessValueOf: ({ timestamp = null }) => (timestamp === null ? null : doubleToInt64(timestamp)),
    }),
  ],
  [
    "static.field",
    (spec, value) => {
      if (value === null) throw invalidValue("static.value", null, `No value specified for static field: ${spec}`);
      return ofText(spec, () => value);
    },
  ],
];

function ofText(spec: string, text: (record: ConnectRecord) => string): Insertion {
  const field = parseSpec(spec, Schema.STRING, Schema.OPTIONAL_STRING);
  return { ...field, schemaValueOf: text, schemalessValueOf: text };
}

function parseSpec(spec: string, required: Schema, optional: Schema): { name: string; schema: Schema } {
  const name = /[!?]$/.test(spec) ? spec.slice(0, -1) : spec;
  return { name, schema: spec.endsWith("!") ? required : optional };
}
