// Pure: where an answer and the recorded one part, in one line; null where they are the same.
import {
  BoxedNumber,
  type ConnectRecord,
  dataEquals,
  isMap,
  Schema,
  type SchemaAndValue,
  type SinkRecord,
  Struct,
} from "@millrace/connect";
import type { ExpectedError, GoldenRecord, Typed } from "./golden-case.ts";
import { toTyped } from "./golden-data.ts";

const SHOWN_MAX = 200;

export function recordDifference(actual: ConnectRecord | null, expected: GoldenRecord | null): string | null {
  if (actual === null || expected === null) {
    return actual === expected ? null : `${actual === null ? "dropped" : "kept"}, expected otherwise`;
  }
  const key = { schema: actual.keySchema ?? null, value: actual.key ?? null };
  const value = { schema: actual.valueSchema ?? null, value: actual.value ?? null };
  return (
    plainDifference("topic", actual.topic, expected.topic) ??
    plainDifference("partition", actual.partition ?? null, expected.partition) ??
    dataDifference("key", key, expected.key) ??
    dataDifference("value", value, expected.value) ??
    headersDifference([...(actual.headers ?? [])], expected.headers) ??
    plainDifference("timestamp", actual.timestamp ?? null, expected.timestamp) ??
    plainDifference("offset", (actual as Partial<SinkRecord>).offset, expected.kafkaOffset)
  );
}

export function dataDifference(path: string, actual: SchemaAndValue, expected: Typed | null): string | null {
  const wanted = expected === null ? { schema: null, value: null } : toTyped(expected);
  return (
    schemaDifference(`${path} schema`, actual.schema, wanted.schema) ??
    valueDifference(path, actual.value, wanted.value)
  );
}

export function plainDifference(path: string, actual: unknown, expected: unknown): string | null {
  return dataEquals(actual, expected) ? null : `${path}: ${show(actual)}, expected ${show(expected)}`;
}

/** Of an error from `configure` or from the call, which is any other stage. */
export function errorDifference(thrown: unknown, stage: "configure" | "call", expected: ExpectedError): string | null {
  const expectedStage = expected.stage === "configure" ? "configure" : "call";
  if (stage !== expectedStage) return `failed in ${stage} (${showError(thrown)}), expected in ${expectedStage}`;
  if (expected.match === "class") return null;
  const { javaClass, message } = thrown as { readonly javaClass?: string; readonly message?: string };
  const sameMessage = expected.match === "message-jvm" || message === expected.message;
  if (javaClass === expected.class && sameMessage) return null;
  return `failed with ${showError(thrown)}, expected ${expected.class}: ${expected.message}`;
}

export function showError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { javaClass } = thrown as { readonly javaClass?: string };
  return `${javaClass ?? thrown.name}: ${thrown.message}`;
}

/** Connect data and records, cut off where long. */
export function show(value: unknown): string {
  const text = showAll(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

function headersDifference(
  actual: readonly ({ readonly key: string } & SchemaAndValue)[],
  expected: GoldenRecord["headers"],
): string | null {
  const keys = (headers: readonly { readonly key: string }[]) => headers.map(({ key }) => key).join(", ");
  if (keys(actual) !== keys(expected)) return `headers: [${keys(actual)}], expected [${keys(expected)}]`;
  for (const [i, header] of actual.entries()) {
    const difference = dataDifference(`header ${header.key}`, header, expected[i]!.value);
    if (difference !== null) return difference;
  }
  return null;
}

export function schemaDifference(path: string, actual: Schema | null, expected: Schema | null): string | null {
  if (actual === null || expected === null) return plainDifference(path, actual, expected);
  if (expected.equals(actual)) return null;
  for (const name of ["type", "optional", "name", "version", "doc", "parameters", "default"] as const) {
    const difference = plainDifference(`${path} ${name}`, actual[name], expected[name]);
    if (difference !== null) return difference;
  }
  const names = (schema: Schema) => schema.fields.map((field) => field.name).join(", ");
  if (names(actual) !== names(expected)) return `${path} fields: [${names(actual)}], expected [${names(expected)}]`;
  for (const [i, field] of expected.fields.entries()) {
    const difference = schemaDifference(`${path}.${field.name}`, actual.fields[i]!.schema, field.schema);
    if (difference !== null) return difference;
  }
  return (
    schemaDifference(`${path} keys`, actual.keySchema, expected.keySchema) ??
    schemaDifference(`${path} values`, actual.valueSchema, expected.valueSchema) ??
    `${path}: not equal, though every part is (field order?)`
  );
}

export function valueDifference(path: string, actual: unknown, expected: unknown): string | null {
  if (dataEquals(actual ?? null, expected ?? null)) return null;
  if (actual instanceof Struct && expected instanceof Struct) {
    const schema = schemaDifference(`${path} schema`, actual.schema, expected.schema);
    if (schema !== null) return schema;
    for (const { name, index } of expected.schema.fields) {
      const difference = valueDifference(`${path}.${name}`, actual.values[index], expected.values[index]);
      if (difference !== null) return difference;
    }
  }
  if (actual instanceof Map && expected instanceof Map) {
    for (const [key, value] of expected) {
      if (!actual.has(key)) continue;
      const difference = valueDifference(`${path}[${show(key)}]`, actual.get(key), value);
      if (difference !== null) return difference;
    }
  }
  return `${path}: ${show(actual)}, expected ${show(expected)}`;
}

function showAll(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof value === "bigint" ? `${value}n` : showPlain(value);
  if (value instanceof BoxedNumber) return `${value.constructor.name}(${value})`;
  if (value instanceof Uint8Array) return `bytes(${Buffer.from(value).toString("base64")})`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Date(none)" : `Date(${value.getTime()})`;
  if (value instanceof Schema) return String(value);
  if (value instanceof Struct) {
    return `Struct{${value.schema.fields.map(({ name, index }) => `${name}: ${showAll(value.values[index])}`).join(", ")}}`;
  }
  if (Symbol.iterator in value && !(value instanceof Map)) {
    return `[${[...(value as Iterable<unknown>)].map(showAll).join(", ")}]`;
  }
  if (!isMap(value)) return `${value.constructor.name}(${String(value)})`;
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, each]) => `${showAll(key)}: ${showAll(each)}`).join(", ")}}`;
}

function showPlain(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
