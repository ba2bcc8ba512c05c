// Pure: values to JSON text. A schema is compiled once into a function for its values.
import {
  BoxedNumber,
  ConnectDate,
  DataError,
  Decimal,
  entriesOf,
  Float32,
  Float64,
  fitsInt64,
  isInstance,
  javaClassName,
  type MapData,
  type Schema,
  type SchemaType,
  Struct,
  Time,
  Timestamp,
} from "@millrace/connect";
import { base64Json, doubleJson, floatJson, quoted } from "./json-text.ts";
import { isSmall, smallIntegerBase64Json } from "./small-integer-base64.ts";

export interface JsonWriteOptions {
  readonly decimalFormat: "BASE64" | "NUMERIC";
  readonly replaceNullWithDefault: boolean;
}

/** Connect's own meanings of a schema's name, which change how values are written. */
export const LOGICAL_NAMES = new Set<string | null>([
  Decimal.LOGICAL_NAME,
  ConnectDate.LOGICAL_NAME,
  Time.LOGICAL_NAME,
  Timestamp.LOGICAL_NAME,
]);

/** JSON text of a value. @throws DataError when it does not fit. */
export type JsonWriter = (value: unknown) => string;

/** The writer for values of a schema; null schema: what the value itself says. */
export function compileJsonWriter(schema: Schema | null, options: JsonWriteOptions): JsonWriter {
  return schema === null ? writeSchemaless : nullable(schema, options, presentWriter(schema, options));
}

function nullable(schema: Schema, options: JsonWriteOptions, write: JsonWriter): JsonWriter {
  const whenNull = nullText(schema, options, write);
  return (value) => (value === null || value === undefined ? whenNull() : write(value));
}

function nullText(schema: Schema, options: JsonWriteOptions, write: JsonWriter): () => string {
  if (schema.default !== undefined && options.replaceNullWithDefault) return () => write(schema.default);
  if (schema.optional) return () => "null";
  return () => {
    throw new DataError("Conversion error: null value for field that is required and has no default value");
  };
}

function presentWriter(schema: Schema, options: JsonWriteOptions): JsonWriter {
  const logical = schema.name === null ? null : logicalWriter(schema, options);
  if (logical !== null) return logical;
  switch (schema.type) {
    case "STRUCT":
      return structWriter(schema, options);
    case "ARRAY":
      return arrayWriter(schema, options);
    case "MAP":
      return mapWriter(schema, options);
    default:
      return scalarWriter(schema, WRITE_SCALAR[schema.type]);
  }
}

type ScalarType = Exclude<SchemaType, "STRUCT" | "ARRAY" | "MAP">;

const WRITE_SCALAR: Readonly<Record<ScalarType, JsonWriter>> = {
  INT8: String,
  INT16: String,
  INT32: String,
  INT64: String,
  FLOAT32: (value) => floatJson(Number(value)),
  FLOAT64: (value) => doubleJson(Number(value)),
  BOOLEAN: (value) => (value ? "true" : "false"),
  STRING: (value) => quoted(value as string),
  BYTES: (value) => base64Json(value as Uint8Array),
};

function scalarWriter(schema: Schema, write: JsonWriter): JsonWriter {
  const { type } = schema;
  if (type === "STRING") return (value) => (typeof value === "string" ? quoted(value) : refuse(type, value));
  if (type === "INT64") {
    return (value) => (Number.isSafeInteger(value) || isInstance(schema, value) ? `${value}` : refuse(type, value));
  }
  return (value) => (isInstance(schema, value) ? write(value) : refuse(type === "BYTES" ? "bytes type" : type, value));
}

function refuse(type: string, value: unknown): never {
  throw new DataError(`Invalid type for ${type}: class ${javaClassName(value)}`);
}

function logicalWriter(schema: Schema, options: JsonWriteOptions): JsonWriter | null {
  switch (schema.name) {
    case Decimal.LOGICAL_NAME:
      return decimalWriter(schema, options);
    case ConnectDate.LOGICAL_NAME:
      return (value) => String(ConnectDate.fromLogical(schema, requireDate("Date", value)));
    case Time.LOGICAL_NAME:
      return (value) => String(Time.fromLogical(schema, requireDate("Time", value)));
    case Timestamp.LOGICAL_NAME:
      return (value) => String(requireDate("Timestamp", value).getTime());
    default:
      return null;
  }
}

function decimalWriter(schema: Schema, options: JsonWriteOptions): JsonWriter {
  const numeric = options.decimalFormat === "NUMERIC";
  const scale = Number(schema.parameters?.[Decimal.SCALE_FIELD]);
  return (value) => {
    if (!(value instanceof Decimal)) {
      throw new DataError(`Invalid type for Decimal, expected BigDecimal but was class ${javaClassName(value)}`);
    }
    if (numeric) return value.toString();
    if (value.scale === scale && isSmall(value.unscaledNumber)) return smallIntegerBase64Json(value.unscaledNumber);
    return base64Json(Decimal.fromLogical(schema, value));
  };
}

function requireDate(type: string, value: unknown): Date {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new DataError(`Invalid value for ${type}: a Date that holds no time`);
    return value;
  }
  throw new DataError(`Invalid type for ${type}, expected Date but was class ${javaClassName(value)}`);
}

function structWriter(schema: Schema, options: JsonWriteOptions): JsonWriter {
  const count = schema.fields.length;
  const members = schema.fields.map((field, i): JsonWriter => {
    const name = `${i === 0 ? "{" : ","}${quoted(field.name)}:`;
    const write = compileJsonWriter(field.schema, options);
    return isPlain(field.schema) ? rememberingMember(name, write) : (value) => name + write(value);
  });
  return (value) => {
    const { values } = checkStruct(schema, value);
    let text = count === 0 ? "{" : "";
    for (let i = 0; i < count; i++) text += members[i]!(values[i]);
    return `${text}}`;
  };
}

/** Equal values of these have equal texts. */
function isPlain({ type }: Schema): boolean {
  return type === "STRING" || type.startsWith("INT") || type === "BOOLEAN";
}

/** From one struct to the next much stays the same: the name of a table, the time of a transaction. */
function rememberingMember(name: string, write: JsonWriter): JsonWriter {
  let last: unknown;
  let lastText: string | null = null;
  return (value) => {
    if (value === last && lastText !== null) return lastText;
    const text = name + write(value);
    // A Date can be changed and be the same.
    if (typeof value === "object" && value !== null) return text;
    last = value;
    lastText = text;
    return text;
  };
}

function checkStruct(schema: Schema, value: unknown): Struct {
  if (!(value instanceof Struct)) refuse("STRUCT", value);
  if (value.schema !== schema && !schema.equals(value.schema)) throw new DataError("Mismatching schema.");
  return value;
}

function arrayWriter(schema: Schema, options: JsonWriteOptions): JsonWriter {
  const write = compileJsonWriter(schema.valueSchema, options);
  return (value) => (Array.isArray(value) ? writeArray(value, write) : refuse("ARRAY", value));
}

function writeArray(elements: readonly unknown[], write: JsonWriter): string {
  let text = "";
  for (let i = 0; i < elements.length; i++) text += (i === 0 ? "" : ",") + write(elements[i]);
  return `[${text}]`;
}

function mapWriter(schema: Schema, options: JsonWriteOptions): JsonWriter {
  const { keySchema } = schema;
  const writeKey = compileJsonWriter(keySchema, options);
  const writeValue = compileJsonWriter(schema.valueSchema, options);
  const asObject = keySchema?.type === "STRING";
  return (value) => {
    const entries = isInstance(schema, value) ? entriesOf(value as MapData) : refuse("MAP", value);
    return asObject ? writeObject(entries, writeKey, writeValue) : writePairs(entries, writeKey, writeValue);
  };
}

function writeObject(entries: Iterable<[unknown, unknown]>, writeKey: JsonWriter, writeValue: JsonWriter): string {
  let text = "";
  for (const [key, value] of entries) {
    const name = writeKey(key);
    text += `${text === "" ? "" : ","}${name === "null" ? '"null"' : name}:${writeValue(value)}`;
  }
  return `{${text}}`;
}

function writePairs(entries: Iterable<[unknown, unknown]>, writeKey: JsonWriter, writeValue: JsonWriter): string {
  let text = "";
  for (const [key, value] of entries) text += `${text === "" ? "" : ","}[${writeKey(key)},${writeValue(value)}]`;
  return `[${text}]`;
}

function writeSchemaless(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : doubleJson(value);
    case "bigint":
      return fitsInt64(value) ? String(value) : unknownClass(value);
    case "object":
      return value === null ? "null" : writeSchemalessObject(value);
    default:
      return value === undefined ? "null" : unknownClass(value);
  }
}

function writeSchemalessObject(value: object): string {
  if (Array.isArray(value)) return writeArray(value, writeSchemaless);
  if (value instanceof Map) return writeSchemalessMap(value);
  if (value instanceof Uint8Array) return base64Json(value);
  if (value instanceof BoxedNumber) return writeBoxed(value);
  if (value instanceof Struct) throw new DataError("Mismatching schema.");
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return unknownClass(value);
  return writeObject(Object.entries(value), writeSchemaless, writeSchemaless);
}

function writeSchemalessMap(map: ReadonlyMap<unknown, unknown>): string {
  for (const key of map.keys()) {
    if (typeof key !== "string") return writePairs(map, writeSchemaless, writeSchemaless);
  }
  return writeObject(map, writeSchemaless, writeSchemaless);
}

function writeBoxed(box: BoxedNumber): string {
  if (box instanceof Float32) return floatJson(box.value);
  return box instanceof Float64 ? doubleJson(box.value) : String(box.value);
}

function unknownClass(value: unknown): never {
  throw new DataError(`Java class class ${javaClassName(value)} does not have corresponding schema type.`);
}
