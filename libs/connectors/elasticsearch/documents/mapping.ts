// Pure: the mapping of an index from a Connect schema.
import { ConnectDate, DataError, Decimal, type Schema, type SchemaType, Time, Timestamp } from "@millrace/connect";

type Primitive = Exclude<SchemaType, "STRUCT" | "ARRAY" | "MAP">;

const TYPES: Readonly<Record<Primitive, string>> = {
  BOOLEAN: "boolean",
  INT8: "byte",
  INT16: "short",
  INT32: "integer",
  INT64: "long",
  FLOAT32: "float",
  FLOAT64: "double",
  STRING: "text",
  BYTES: "binary",
};
const DATES: ReadonlySet<string> = new Set([ConnectDate.LOGICAL_NAME, Time.LOGICAL_NAME, Timestamp.LOGICAL_NAME]);
const KEYWORD = ',"fields":{"keyword":{"type":"keyword","ignore_above":256}}';

/** JSON. Defaults become `null_value`; text can also be searched as a whole, as `<field>.keyword`. */
export function mappingOf(schema: Schema | null): string {
  if (schema === null) throw new DataError("Cannot infer mapping without schema.");
  if (DATES.has(schema.name ?? "")) return primitive("date", (schema.default as Date | undefined)?.getTime());
  if (schema.name === Decimal.LOGICAL_NAME)
    return primitive("double", (schema.default as Decimal | undefined)?.toNumber());
  switch (schema.type) {
    case "ARRAY":
      return mappingOf(schema.valueSchema);
    case "MAP":
      return properties([
        ["key", schema.keySchema],
        ["value", schema.valueSchema],
      ]);
    case "STRUCT":
      return properties(schema.fields.map((field) => [field.name, field.schema]));
    default:
      return primitive(TYPES[schema.type], schema.default);
  }
}

function properties(fields: readonly (readonly [name: string, schema: Schema | null])[]): string {
  const parts = fields.map(([name, schema]) => `${JSON.stringify(name)}:${mappingOf(schema)}`);
  return `{"properties":{${parts.join(",")}}}`;
}

function primitive(type: string, preset: unknown): string {
  const extra = type === "text" ? KEYWORD : nullValue(type, preset);
  return `{"type":"${type}"${extra}}`;
}

/** Text and binary fields take none; a number beyond double precision is text already. */
function nullValue(type: string, preset: unknown): string {
  return preset === undefined || type === "binary" ? "" : `,"null_value":${String(preset)}`;
}
