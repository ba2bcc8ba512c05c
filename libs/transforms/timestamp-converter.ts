import {
  ConfigDef,
  ConfigError,
  type ConnectRecord,
  DataError,
  javaClassName,
  NullPointerError,
  PerSchema,
  Schema,
  Struct,
  type Transformation,
  ValidString,
  validateValue,
} from "@millrace/connect";
import { DateParseError, DatePatternError, SimpleDateFormat } from "@millrace/java-text";
import { copyOf, getEntry } from "./map-data.ts";
import { NULL_DEFAULT_KEY, nullsBecomeDefaults } from "./null-default.ts";
import type { RecordSide } from "./record-side.ts";
import { requireMap, requireStructOrNull } from "./requirements.ts";
import { structLike } from "./schema-basics.ts";
import { fieldsOf } from "./schema-fields.ts";
import { keyAndValue } from "./stock.ts";
import {
  dateToMs,
  type EpochMs,
  msToDate,
  msToTime,
  msToTimestamp,
  msToUnix,
  PRECISIONS,
  type Precision,
  schemaOf,
  TIMESTAMP_TYPES,
  type TimestampType,
  typeOfSchema,
  typeOfValue,
  unixToMs,
} from "./timestamp-types.ts";

const PURPOSE = "converting timestamp formats";

const CONFIG = new ConfigDef()
  .define({
    name: "field",
    type: "STRING",
    default: "",
    importance: "HIGH",
    documentation: "The field that holds the timestamp; empty when the whole key or value is one.",
  })
  .define({
    name: "target.type",
    type: "STRING",
    validator: ValidString.in(...TIMESTAMP_TYPES),
    importance: "HIGH",
    documentation: "What the timestamp becomes: string, unix, Date, Time or Timestamp.",
  })
  .define({
    name: "format",
    type: "STRING",
    default: "",
    importance: "MEDIUM",
    documentation:
      "A pattern of Java's SimpleDateFormat: how a string is written with `target.type=string`, and how strings are " +
      "read. In UTC; two digit years are those from 1946 to 2045.",
  })
  .define({
    name: "unix.precision",
    type: "STRING",
    default: "milliseconds",
    validator: ValidString.in(...PRECISIONS),
    importance: "LOW",
    documentation:
      "The unit of unix timestamps, read and written: seconds, milliseconds, microseconds or nanoseconds. What is finer " +
      "than a millisecond is lost.",
  })
  .define(NULL_DEFAULT_KEY);

/**
 * "Now" where two digit years are read. Java takes the time of the start; a fixed one gives a record the same answer
 * whenever it is transformed.
 */
const TWO_DIGIT_YEARS_AROUND_MS = Date.UTC(2026, 0, 1);

export const timestampConverter = keyAndValue({
  name: "TimestampConverter",
  overview: "Turns timestamps from one form into another: strings, unix times, and Connect's Date, Time and Timestamp.",
  config: CONFIG,
  create: (side) => new TimestampConverter(side),
});

interface StructPlan {
  readonly schema: Schema;
  /** By field index, null for none. */
  readonly defaults: readonly unknown[];
  /** Index and schema of the field to convert; there may be none. */
  readonly target: { readonly index: number; readonly from: Schema } | null;
}

class TimestampConverter implements Transformation {
  readonly #side: RecordSide;
  readonly #plans = new PerSchema((schema) => this.#compile(schema));
  #field: string | null = "";
  #targetType: TimestampType = "unix";
  #format: SimpleDateFormat | null = null;
  #precision: Precision = "milliseconds";
  #nullsBecomeDefaults = true;

  constructor(side: RecordSide) {
    this.#side = side;
  }

  configure(props: Readonly<Record<string, string>>): void {
    const config = CONFIG.parse(props);
    this.#field = config.field as string | null;
    this.#targetType = config["target.type"] as TimestampType;
    this.#precision = config["unix.precision"] as Precision;
    this.#nullsBecomeDefaults = nullsBecomeDefaults(config);
    this.#format = openFormat(config.format as string | null);
    if (this.#targetType === "string" && this.#format === null) {
      throw new ConfigError("TimestampConverter requires format option to be specified when using string timestamps");
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.#side.schemaOf(record);
    const value = this.#side.valueOf(record);
    if (schema === null) return this.#side.with(record, null, this.#convertSchemaless(value));
    if (this.#fieldName() === "") {
      const converted = this.#convert(typeOfSchema(schema), value);
      return this.#side.with(record, schemaOf(this.#targetType, schema.optional), converted);
    }
    const struct = requireStructOrNull(value, PURPOSE, schema);
    const plan = this.#plans.get(schema);
    return this.#side.with(record, plan.schema, struct === null ? null : this.#convertStruct(struct, plan));
  }

  #convertSchemaless(value: unknown): unknown {
    if (value === null) return null;
    const field = this.#fieldName();
    if (field === "") return this.#convert(typeOfValue(value), value);
    const map = copyOf(requireMap(value, PURPOSE));
    const timestamp = getEntry(map, field);
    return map.set(field, timestamp === null ? null : this.#convert(typeOfValue(timestamp), timestamp));
  }

  #fieldName(): string {
    if (this.#field === null) throw new NullPointerError("field is null. Set it to a name, or leave it out.");
    return this.#field;
  }

  #compile(from: Schema): StructPlan {
    const fields = fieldsOf(from);
    const builder = structLike(from);
    if (from.optional) builder.optional();
    for (const { name, schema } of fields) {
      builder.field(name, name === this.#field ? schemaOf(this.#targetType, schema.optional) : schema);
    }
    const target = from.field(this.#field!);
    const plan: StructPlan = {
      schema: builder.build(),
      defaults: fields.map(({ schema }) => (this.#nullsBecomeDefaults ? (schema.default ?? null) : null)),
      target: target === undefined ? null : { index: target.index, from: target.schema },
    };
    if (from.default === undefined) return plan;
    const converted = this.#convertStruct(from.default as Struct, plan);
    return { ...plan, schema: new Schema({ ...plan.schema, default: converted }) };
  }

  #convertStruct({ values: old }: Struct, { schema, defaults, target }: StructPlan): Struct {
    const values = new Array<unknown>(defaults.length);
    for (let i = 0; i < defaults.length; i++) {
      const given = old[i] ?? null;
      const value = given ?? defaults[i];
      const converted = i === target?.index ? this.#convert(typeOfSchema(target.from), value) : value;
      if (given === null) refuseUnfit(schema, i, converted);
      values[i] = converted;
    }
    return Struct.of(schema, values);
  }

  #convert(type: TimestampType, value: unknown): unknown {
    if (value === null) return null;
    if (this.#targetType === "Timestamp" && value instanceof Date && isDate(type)) return value;
    return this.#write(this.#read(type, value));
  }

  #read(type: TimestampType, value: unknown): EpochMs {
    if (type === "string") return this.#parse(value);
    return type === "unix" ? unixToMs(value, this.#precision) : dateToMs(type, value);
  }

  #parse(value: unknown): EpochMs {
    if (typeof value !== "string") {
      throw new DataError(`Expected string timestamp to be a String, but found class ${javaClassName(value)}`);
    }
    if (this.#format === null)
      throw new NullPointerError("The timestamp is text, and format, which says how to read it, is not set. Set it.");
    try {
      return this.#format.parse(value);
    } catch (cause) {
      if (!(cause instanceof DateParseError)) throw cause;
      const { pattern } = this.#format;
      throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern (${pattern})`, { cause });
    }
  }

  #write(ms: EpochMs): unknown {
    switch (this.#targetType) {
      case "string":
        return this.#format!.format(ms);
      case "unix":
        return msToUnix(ms, this.#precision);
      case "Date":
        return msToDate(ms);
      case "Time":
        return msToTime(ms);
      case "Timestamp":
        return msToTimestamp(ms);
    }
  }
}

function isDate(type: TimestampType): boolean {
  return type !== "string" && type !== "unix";
}

/** Nulls and defaults may not fit; what was in the old struct does. */
function refuseUnfit(schema: Schema, index: number, value: unknown): void {
  const field = schema.fields[index]!;
  validateValue(field.schema, value, `field: "${field.name}"`, field.name);
}

/** Null for a blank pattern. */
function openFormat(pattern: string | null): SimpleDateFormat | null {
  if (pattern === null || pattern === "") return null;
  try {
    return new SimpleDateFormat(pattern, { nowMs: TWO_DIGIT_YEARS_AROUND_MS });
  } catch (cause) {
    if (!(cause instanceof DatePatternError)) throw cause;
    const name = `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`;
    throw new ConfigError(`Invalid value ${cause.javaClass}: ${cause.message} for configuration ${name}`, { cause });
  }
}
