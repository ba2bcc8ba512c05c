// Pure: records as a preview shows them.
import {
  type ConnectHeaders,
  type ConnectRecord,
  type Schema,
  type SinkRecord,
  type SourceRecord,
  valueText,
} from "@millrace/connect";
import type { RecordHeader } from "@millrace/kafka";
import type { PreviewBytes, PreviewRecord } from "@millrace/protocol";
import { shownBytes } from "../dead-letters/letter.ts";
import { plainJson } from "../source/plain-json.ts";

const CHARS_MAX = 4_000;
const BYTES_MAX = 4_000;
const SCHEMA_CHARS_MAX = 1_000;

export function shownSource(record: SourceRecord): PreviewRecord {
  return {
    ...shown(record),
    offset: null,
    sourcePartition: cut(plainJson(record.sourcePartition)),
    sourceOffset: cut(plainJson(record.sourceOffset)),
  };
}

export function shownSink(record: SinkRecord): PreviewRecord {
  return { ...shown(record), offset: record.offset, sourcePartition: null, sourceOffset: null };
}

export function shownKafka(record: {
  readonly topic: string;
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[] | null;
}): PreviewBytes {
  const bytes = (value: Uint8Array | null) => (value === null ? null : shownBytes(value.subarray(0, BYTES_MAX)));
  return {
    topic: record.topic,
    partition: record.partition < 0 ? null : record.partition,
    key: bytes(record.key),
    value: bytes(record.value),
    headers: (record.headers ?? []).map(({ key, value }) => ({ key, value: bytes(value) })),
  };
}

function shown(record: ConnectRecord): Omit<PreviewRecord, "offset" | "sourcePartition" | "sourceOffset"> {
  return {
    topic: record.topic,
    partition: record.partition ?? null,
    timestampMs: record.timestamp ?? null,
    key: cut(plainJson(record.key)),
    keySchema: schemaText(record.keySchema ?? null),
    value: cut(plainJson(record.value)),
    valueSchema: schemaText(record.valueSchema ?? null),
    headers: headers(record.headers ?? null),
  };
}

function headers(given: ConnectHeaders | null): PreviewRecord["headers"] {
  return given === null
    ? []
    : [...given].map(({ key, value, schema }) => ({ key, value: cut(valueText(value, schema)) }));
}

/** `shop.Order {id INT64, note STRING?}`. */
function schemaText(schema: Schema | null): string | null {
  return schema === null ? null : cut(describe(schema, 0), SCHEMA_CHARS_MAX);
}

function describe(schema: Schema, depth: number): string {
  const name = schema.name ?? schema.type;
  return `${name}${inside(schema, depth)}${schema.optional ? "?" : ""}`;
}

function inside(schema: Schema, depth: number): string {
  if (depth > 3) return "";
  switch (schema.type) {
    case "STRUCT":
      return ` {${schema.fields.map((field) => `${field.name} ${describe(field.schema, depth + 1)}`).join(", ")}}`;
    case "ARRAY":
      return schema.valueSchema === null ? "" : `<${describe(schema.valueSchema, depth + 1)}>`;
    case "MAP": {
      const { keySchema, valueSchema } = schema;
      if (keySchema === null || valueSchema === null) return "";
      return `<${describe(keySchema, depth + 1)}, ${describe(valueSchema, depth + 1)}>`;
    }
    default:
      return "";
  }
}

function cut(text: string, charsMax = CHARS_MAX): string {
  return text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
}
