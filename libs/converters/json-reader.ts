// Pure: JSON nodes to values of a schema. A schema is compiled once into a function for its values.
import {
  ConnectDate,
  compactInt64,
  DataError,
  Decimal,
  mapOf,
  type Schema,
  type SchemaType,
  Struct,
  Time,
  Timestamp,
  validateValue,
} from "@millrace/connect";
import { decodeBase64, JsonFraction, nodeType, SCHEMALESS_NUMBERS, schemalessValue } from "./json-node.ts";
import type { JsonNode } from "./json-parser.ts";
import { STRICT_SCHEMALESS_NUMBERS, strictReader } from "./json-strict-numbers.ts";

export interface JsonReadOptions {
  readonly replaceNullWithDefault: boolean;
  /** Refuse to change numbers: see strictReader. */
  readonly strictNumbers: boolean;
}

/** @throws DataError when the node does not fit. */
export type JsonReader = (node: JsonNode) => unknown;

/**
 * The reader for a schema; null schema: values by the schemaless rules.
 * @param place what is read, for messages.
 */
export function compileJsonReader(schema: Schema | null, options: JsonReadOptions, place = "the value"): JsonReader {
  if (schema === null) return schemalessReader(options);
  const plain = presentReader(schema, options, place);
  const read = options.strictNumbers ? strictReader(schema, place, plain) : plain;
  const whenNull = nullValue(schema, options);
  return (node) => (node === null ? whenNull() : read(node));
}

function schemalessReader({ strictNumbers }: JsonReadOptions): JsonReader {
  const numbers = strictNumbers ? STRICT_SCHEMALESS_NUMBERS : SCHEMALESS_NUMBERS;
  return (node) => schemalessValue(node, numbers);
}

function nullValue(schema: Schema, options: JsonReadOptions): () => unknown {
  if (schema.default !== undefined && options.replaceNullWithDefault) return () => schema.default;
  if (schema.optional) return () => null;
  return () => {
    throw new DataError(`Invalid null value for required ${schema.type} field`);
  };
}

function presentReader(schema: Schema, options: JsonReadOptions, place: string): JsonReader {
  const logical = logicalReader(schema);
  if (logical !== null) return logical;
  switch (schema.type) {
    case "STRUCT":
      return structReader(schema, options);
    case "ARRAY":
      return arrayReader(schema, options, place);
    case "MAP":
      return mapReader(schema, options, place);
    default:
      return READ_SCALAR[schema.type];
  }
}

type ScalarType = Exclude<SchemaType, "STRUCT" | "ARRAY" | "MAP">;

/** As forgiving as Jackson's accessors: a node of another kind reads as 0, false or null. */
const READ_SCALAR: Readonly<Record<ScalarType, JsonReader>> = {
  INT8: (node) => (toInt(node) << 24) >> 24,
  INT16: (node) => (toInt(node) << 16) >> 16,
  INT32: toInt,
  INT64: (node) => (typeof node === "number" ? node : toLong(node)),
  FLOAT32: toFloat32,
  FLOAT64: toNumber,
  BOOLEAN: (node) => node === true,
  STRING: (node) => (typeof node === "string" ? node : null),
  BYTES: (node) => (typeof node === "string" ? readBase64(node, "Invalid bytes field") : null),
};

function toInt(node: JsonNode): number {
  return typeof node === "number" ? node | 0 : Number(BigInt.asIntN(32, BigInt(toLong(node))));
}

function toLong(node: JsonNode): number | bigint {
  if (typeof node === "bigint") return compactInt64(node);
  return node instanceof JsonFraction ? compactInt64(node.toInt64()) : 0;
}

function toNumber(node: JsonNode): number {
  if (typeof node === "number") return node;
  if (typeof node === "bigint") return Number(node);
  return node instanceof JsonFraction ? node.toNumber() : 0;
}

function toFloat32(node: JsonNode): number {
  if (typeof node === "number") return Math.fround(node);
  if (typeof node === "bigint") return new Decimal(node, 0).toFloat32();
  return node instanceof JsonFraction ? node.toFloat32() : 0;
}

function readBase64(text: string, message: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw new DataError(message, { cause });
  }
}

/** Values that are written in another form than their type's. */
export function isLogical(schema: Schema): boolean {
  return logicalReader(schema) !== null;
}

function logicalReader(schema: Schema): JsonReader | null {
  switch (schema.name) {
    case Decimal.LOGICAL_NAME:
      return (node) => readDecimal(schema, node);
    case ConnectDate.LOGICAL_NAME:
      return (node) => ConnectDate.toLogical(schema, requireInt("Date", node));
    case Time.LOGICAL_NAME:
      return (node) => Time.toLogical(schema, requireInt("Time", node));
    case Timestamp.LOGICAL_NAME:
      return (node) => Timestamp.toLogical(schema, requireIntegral(node));
    default:
      return null;
  }
}

function readDecimal(schema: Schema, node: JsonNode): Decimal {
  if (typeof node === "number" || typeof node === "bigint") return new Decimal(node, 0);
  if (node instanceof JsonFraction) return node.toDecimal();
  if (typeof node !== "string") {
    const type = nodeType(node);
    throw new DataError(
      `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${type}`,
    );
  }
  try {
    return Decimal.toLogical(schema, decodeBase64(node));
  } catch (cause) {
    throw new DataError("Invalid bytes for Decimal field", { cause });
  }
}

function requireInt(type: string, node: JsonNode): number {
  if (typeof node === "number" && (node | 0) === node) return node;
  const found = nodeType(node);
  throw new DataError(`Invalid type for ${type}, underlying representation should be integer but was ${found}`);
}

function requireIntegral(node: JsonNode): number | bigint {
  if (typeof node === "number") return node;
  if (typeof node === "bigint") return compactInt64(node);
  const found = nodeType(node);
  throw new DataError(`Invalid type for Timestamp, underlying representation should be integral but was ${found}`);
}

/** Not an array: its members if it is an object, else none. So Java reads it. */
function arrayReader(schema: Schema, options: JsonReadOptions, place: string): JsonReader {
  const read = compileJsonReader(schema.valueSchema, options, `an element of ${place}`);
  return (node) => {
    if (Array.isArray(node)) return node.map(read);
    return node instanceof Map ? Array.from(node.values(), read) : [];
  };
}

function mapReader(schema: Schema, options: JsonReadOptions, place: string): JsonReader {
  const readKey = compileJsonReader(schema.keySchema, options, `a key of ${place}`);
  const readValue = compileJsonReader(schema.valueSchema, options, `a value of ${place}`);
  const fromObject = schema.keySchema === null || schema.keySchema.type === "STRING";
  return (node) => (fromObject ? readObject(node, readValue) : readPairs(node, readKey, readValue));
}

function readObject(node: JsonNode, readValue: JsonReader): Map<unknown, unknown> {
  if (!(node instanceof Map)) {
    throw new DataError(`Maps with string fields should be encoded as JSON objects, but found ${nodeType(node)}`);
  }
  const map = new Map<unknown, unknown>();
  for (const [key, value] of node) map.set(key, readValue(value));
  return map;
}

function readPairs(node: JsonNode, readKey: JsonReader, readValue: JsonReader): Map<unknown, unknown> {
  if (!Array.isArray(node)) {
    const found = nodeType(node);
    throw new DataError(`Maps with non-string fields should be encoded as JSON array of tuples, but found ${found}`);
  }
  return mapOf(node.map((pair: JsonNode) => readPair(pair, readKey, readValue)));
}

function readPair(pair: JsonNode, readKey: JsonReader, readValue: JsonReader): readonly [unknown, unknown] {
  if (!Array.isArray(pair)) {
    throw new DataError(`Found invalid map entry instead of array tuple: ${nodeType(pair)}`);
  }
  if (pair.length !== 2) {
    throw new DataError(`Found invalid map entry, expected length 2 but found :${pair.length}`);
  }
  return [readKey(pair[0]), readValue(pair[1])];
}

function structReader(schema: Schema, options: JsonReadOptions): JsonReader {
  const { fields } = schema;
  const readers = fields.map(({ name, schema: field }) => compileJsonReader(field, options, `field "${name}"`));
  const fits = fields.map(({ name, schema: field }) => requireFitting(name, field));
  return (node) => {
    if (!(node instanceof Map)) {
      throw new DataError(`Structs should be encoded as JSON objects, but found ${nodeType(node)}`);
    }
    const values = new Array<unknown>(fields.length);
    for (let i = 0; i < readers.length; i++) {
      values[i] = fits[i]!(readers[i]!(node.get(fields[i]!.name) ?? null));
    }
    return Struct.of(schema, values);
  };
}

/** Gives a field's value as it is. @throws DataError when it does not fit: what a reader makes of a node of the wrong kind. */
export function requireFitting(name: string, schema: Schema): (value: unknown) => unknown {
  const place = `field: "${name}"`;
  return (value) => {
    if (mayNotFit(value)) validateValue(schema, value, place, name);
    return value;
  };
}

/** A reader gives null for a node of the wrong kind, by itself or inside a collection. */
function mayNotFit(value: unknown): boolean {
  return value === null || Array.isArray(value) || value instanceof Map;
}
