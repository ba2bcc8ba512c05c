// Pure: Postgres types as Connect types.
import { ConnectDate, Decimal, type Schema, SchemaBuilder, Time, Timestamp } from "@millrace/connect";
import type { NumericMapping, TimestampGranularity } from "../config-checks.ts";
import type { ReadColumn } from "./received-row.ts";
import {
  decimalReader,
  readBit,
  readBoolean,
  readBytes,
  readDate,
  readFloat,
  readInteger,
  readIntegralNumeric,
  readString,
  readTime,
  readTimestamp,
  timestampMicros,
  timestampMs,
  unscaledReader,
  type ValueReader,
} from "./row-text.ts";

export interface CatalogColumn {
  readonly name: string;
  /** Of pg_type: `int8`, `timestamptz`, … */
  readonly type: string;
  /** Of pg_type: b base, e enum, d domain, … */
  readonly kind: string;
  readonly modifier: number;
  readonly nullable: boolean;
  readonly autoIncrement: boolean;
}

/** Whether it can be a timestamp column. */
export function isInstant({ type }: CatalogColumn): boolean {
  return type === "timestamp" || type === "timestamptz" || type === "date";
}

/**
 * The timestamp rows are ordered by, as SQL. One column, or several of one type, are left as they are for the index;
 * several of different types all become instants.
 */
export function timeExpression(columns: readonly CatalogColumn[], quote: (name: string) => string, zone: string) {
  const types = new Set(columns.map((column) => column.type));
  const [only] = types.size === 1 ? types : [];
  const parts = columns.map((column) =>
    only === undefined && column.type !== "timestamptz"
      ? `${quote(column.name)}::timestamp AT TIME ZONE ${zone}`
      : quote(column.name),
  );
  const time = parts.length === 1 ? parts[0]! : `COALESCE(${parts.join(", ")})`;
  const local = only === "timestamp" || only === "date";
  return { time, selected: local ? `${time}::timestamp AT TIME ZONE ${zone}` : time, local };
}

/** The instant to compare `time` with, or its local time in a zone; not earlier than given. */
export function timestampLiteral(nanos: bigint, zone: string | null): string {
  const micros = (nanos + 999n) / 1000n;
  const instant = `TIMESTAMPTZ '${isoText(micros)}+00'`;
  return zone === null ? instant : `(${instant} AT TIME ZONE ${zone})`;
}

/** Nanoseconds since the epoch. */
export const readNanos: ValueReader = (row, from, to) => timestampMicros(row, from, to) * 1000n;

/** How a column is read, whatever its name. */
type Reading = Omit<ReadColumn, "name">;

export interface ColumnType extends Reading {
  readonly schema: Schema;
  /** What to select, given the quoted column. */
  readonly select: (column: string) => string;
}

export interface TypeMapping {
  readonly numericMapping: NumericMapping;
  readonly timestampGranularity: TimestampGranularity;
  readonly timeZone: string;
}

type Kind = readonly [builder: () => SchemaBuilder, reading: Reading, select?: (column: string) => string];

const INTEGER_NUMERIC_PRECISION_MAX = 18;

const INTEGER: Reading = { read: readInteger, form: "digits" };
const INTEGRAL_NUMERIC: Reading = { read: readIntegralNumeric, form: "digits", refuses: true };
const TEXT: Reading = { read: readString, form: "utf8" };
const FLOAT = other(readFloat);

const KINDS: Readonly<Record<string, Kind>> = {
  int2: [SchemaBuilder.int16, INTEGER],
  int4: [SchemaBuilder.int32, INTEGER],
  int8: [SchemaBuilder.int64, INTEGER],
  oid: [SchemaBuilder.int64, INTEGER],
  float4: [SchemaBuilder.float32, FLOAT],
  float8: [SchemaBuilder.float64, FLOAT],
  money: [SchemaBuilder.float64, FLOAT, (column) => `${column}::numeric`],
  bool: [SchemaBuilder.bool, other(readBoolean)],
  text: [SchemaBuilder.string, TEXT],
  varchar: [SchemaBuilder.string, TEXT],
  bpchar: [SchemaBuilder.string, TEXT],
  char: [SchemaBuilder.string, TEXT],
  name: [SchemaBuilder.string, TEXT],
  xml: [SchemaBuilder.string, TEXT],
  json: [SchemaBuilder.string, TEXT],
  jsonb: [SchemaBuilder.string, TEXT],
  uuid: [SchemaBuilder.string, TEXT],
  bytea: [SchemaBuilder.bytes, other(readBytes)],
  date: [ConnectDate.builder, other(readDate)],
  time: [Time.builder, other(readTime)],
  timetz: [Time.builder, other(readTime), (column) => `(${column} AT TIME ZONE 'UTC')::time`],
};

/** Null for types Connect has nothing for: arrays, ranges, intervals, network addresses, composites, domains. */
export function columnType(column: CatalogColumn, mapping: TypeMapping): ColumnType | null {
  const kind = kindOf(column, mapping);
  if (kind === null) return null;
  const [builder, reading, select = (name: string) => name] = kind;
  const schema = column.nullable ? builder().optional().build() : builder().build();
  return { schema, select, ...reading };
}

function other(read: ValueReader): Reading {
  return { read, form: "other" };
}

function kindOf(column: CatalogColumn, mapping: TypeMapping): Kind | null {
  if (column.kind === "e") return [SchemaBuilder.string, TEXT];
  if (column.type === "numeric") return numericKind(column.modifier, mapping.numericMapping);
  if (column.type === "bit") return column.modifier === 1 ? [SchemaBuilder.bool, other(readBit)] : null;
  if (column.type === "timestamptz") return timestampKind(mapping.timestampGranularity);
  if (column.type === "timestamp") {
    const [builder, reading] = timestampKind(mapping.timestampGranularity);
    if (mapping.timeZone === "UTC") return [builder, reading];
    const zone = `'${mapping.timeZone.replaceAll("'", "''")}'`;
    return [builder, reading, (name) => `${name} AT TIME ZONE ${zone}`];
  }
  return KINDS[column.type] ?? null;
}

/**
 * `numeric` without precision and scale has no scale to give the Decimal: it gets 0, as with Confluent's connector, and a
 * value with a fraction is refused rather than rounded; best_fit_eager_double makes it FLOAT64.
 */
function numericKind(modifier: number, mapping: NumericMapping): Kind {
  if (modifier < 4) {
    return mapping === "best_fit_eager_double" ? [SchemaBuilder.float64, FLOAT] : decimalKind(0, 0);
  }
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (mapping === "none") return decimalKind(scale, precision);
  const integral = mapping === "precision_only" ? scale === 0 : scale <= 0;
  if (integral && precision - scale <= INTEGER_NUMERIC_PRECISION_MAX)
    return [integerBuilder(precision - scale), INTEGRAL_NUMERIC];
  const floating =
    scale > 0 &&
    (mapping === "best_fit_eager_double" || (mapping === "best_fit" && precision <= INTEGER_NUMERIC_PRECISION_MAX));
  return floating ? [SchemaBuilder.float64, FLOAT] : decimalKind(scale, precision);
}

function decimalKind(scale: number, precision: number): Kind {
  const builder = () => Decimal.builder(scale).parameter("connect.decimal.precision", String(precision));
  return [builder, { read: decimalReader(scale), form: "unscaled", number: unscaledReader(scale), refuses: true }];
}

function integerBuilder(precision: number): () => SchemaBuilder {
  if (precision > 9) return SchemaBuilder.int64;
  if (precision > 4) return SchemaBuilder.int32;
  return precision > 2 ? SchemaBuilder.int16 : SchemaBuilder.int8;
}

function timestampKind(granularity: TimestampGranularity): Kind {
  const factor = granularity.startsWith("nanos") ? 1000n : 1n;
  if (granularity === "connect_logical") {
    return [Timestamp.builder, { read: readTimestamp, form: "millis", number: timestampMs }];
  }
  if (granularity.endsWith("_long")) {
    return [SchemaBuilder.int64, other((row, from, to) => safeNumber(timestampMicros(row, from, to) * factor))];
  }
  if (granularity.endsWith("_iso_datetime_string")) {
    const zeros = granularity.startsWith("nanos") ? "000" : "";
    return [SchemaBuilder.string, other((row, from, to) => isoText(timestampMicros(row, from, to)) + zeros)];
  }
  return [SchemaBuilder.string, other((row, from, to) => String(timestampMicros(row, from, to) * factor))];
}

function safeNumber(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}

/** `2024-05-17T13:45:10.250000` */
function isoText(micros: bigint): string {
  const inMs = ((micros % 1000n) + 1000n) % 1000n;
  const ms = Number((micros - inMs) / 1000n);
  return new Date(ms).toISOString().slice(0, -1) + String(inMs).padStart(3, "0");
}
