// Reads the golden cases of this folder into Connect data, and compares answers with them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  Decimal,
  dataEquals,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  isConnectError,
  Schema,
  type SchemaAndValue,
  type SchemaType,
  Struct,
} from "@millrace/connect";

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

export interface ExpectedError {
  readonly class: string;
  readonly message: string | null;
  readonly match: "message" | "message-jvm" | "class";
}

export interface Typed {
  readonly schema: JsonObject | null;
  readonly payload: Json;
}

export interface GoldenCase {
  readonly id: string;
  readonly group: string;
  readonly kind: string;
  readonly class: string;
  readonly config: Readonly<Record<string, string>>;
  readonly isKey: boolean;
  readonly topic: string;
  readonly headerKey: string;
  readonly data: Typed;
  readonly bytes: string | null;
  readonly input: string | null;
  readonly expect: {
    readonly error?: ExpectedError;
    readonly bytes?: string | null;
    readonly utf8?: string;
    readonly data?: Typed | null;
    readonly ok?: boolean;
    readonly configs?: readonly JsonObject[];
  };
}

export function goldenCases(file: string): GoldenCase[] {
  const text = readFileSync(new URL(`./${file}.jsonl`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as GoldenCase);
}

export function toTyped(typed: Typed): SchemaAndValue {
  const schema = toSchema(typed.schema);
  return { schema, value: toValue(typed.payload, schema) };
}

export function assertSameData(actual: SchemaAndValue, expected: Typed | null): void {
  const wanted = expected === null ? { schema: null, value: null } : toTyped(expected);
  const sameSchema = wanted.schema === null ? actual.schema === null : wanted.schema.equals(actual.schema);
  if (!sameSchema) assert.deepEqual(actual.schema, wanted.schema);
  if (!dataEquals(actual.value, wanted.value)) assert.deepStrictEqual(actual.value, wanted.value);
}

export function assertSameError(error: unknown, expected: ExpectedError): void {
  if (expected.match === "class") return;
  if (!isConnectError(error)) throw error;
  assert.equal((error as { javaClass?: string }).javaClass, expected.class);
  if (expected.match === "message") assert.equal(error.message, expected.message);
}

const TYPES: Readonly<Record<string, SchemaType>> = {
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float: "FLOAT32",
  double: "FLOAT64",
  boolean: "BOOLEAN",
  string: "STRING",
  bytes: "BYTES",
  array: "ARRAY",
  map: "MAP",
  struct: "STRUCT",
};

export function toSchema(json: Json | undefined): Schema | null {
  if (json === null || json === undefined) return null;
  const object = json as JsonObject;
  const fields = (object.fields ?? []) as readonly JsonObject[];
  const bare = {
    type: TYPES[object.type as string]!,
    optional: object.optional as boolean,
    name: (object.name ?? null) as string | null,
    version: (object.version ?? null) as number | null,
    doc: (object.doc ?? null) as string | null,
    parameters: (object.parameters ?? null) as Readonly<Record<string, string>> | null,
    fields: fields.map((field, index) => ({ name: field.field as string, index, schema: toSchema(field)! })),
    keySchema: toSchema(object.keys),
    valueSchema: toSchema(object.type === "array" ? object.items : object.values),
  };
  return new Schema({ ...bare, default: toValue(object.default ?? null, new Schema(bare)) ?? undefined });
}

function toValue(json: Json, schema: Schema | null): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((element) => toValue(element, schema?.valueSchema ?? null));
  const object = json as JsonObject;
  if (object.$type !== undefined) return toTaggedValue(object, schema);
  if (schema?.type === "STRUCT") return toStruct(object, schema);
  const values = schema?.valueSchema ?? null;
  return new Map(Object.entries(object).map(([key, value]) => [key, toValue(value, values)]));
}

function toStruct(object: JsonObject, schema: Schema): Struct {
  return Struct.of(
    schema,
    schema.fields.map((field) => toValue(object[field.name] ?? null, field.schema)),
  );
}

function toTaggedValue(object: JsonObject, schema: Schema | null): unknown {
  const text = object.v as string;
  switch (object.$type) {
    case "int8":
      return schema?.type === "INT8" ? Number(text) : new Int8(Number(text));
    case "int16":
      return schema?.type === "INT16" ? Number(text) : new Int16(Number(text));
    case "int32":
      return schema?.type === "INT32" ? Number(text) : new Int32(Number(text));
    case "int64":
      return toLong(BigInt(text), schema);
    case "float32":
      return schema?.type === "FLOAT32" ? Math.fround(Number(text)) : new Float32(Number(text));
    case "float64":
      return toDouble(Number(text), schema);
    case "bytes":
    case "bytebuffer":
      return new Uint8Array(Buffer.from(text, "base64"));
    case "decimal":
      return new Decimal(BigInt(object.unscaled as string), object.scale as number);
    case "date":
      return new Date(Number(text));
    case "bigint":
      return BigInt(text);
    case "map":
      return toMap(object.entries as readonly (readonly [Json, Json])[], schema);
    case "struct":
      return toStruct(object.fields as JsonObject, toSchema(object.schema)!);
    default:
      throw new Error(`Unknown tag ${String(object.$type)}`);
  }
}

/** Under the schema of another type a bigint: it cannot be taken for an int32. */
function toLong(value: bigint, schema: Schema | null): number | bigint {
  if (schema !== null && schema.type !== "INT64") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function toDouble(value: number, schema: Schema | null): number | Float64 {
  return schema?.type === "FLOAT64" || !Number.isSafeInteger(value) ? value : new Float64(value);
}

function toMap(entries: readonly (readonly [Json, Json])[], schema: Schema | null): Map<unknown, unknown> {
  const { keySchema = null, valueSchema = null } = schema ?? {};
  return new Map(entries.map(([key, value]) => [toValue(key, keySchema), toValue(value, valueSchema)]));
}
