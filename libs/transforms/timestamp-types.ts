// Pure: the forms a timestamp comes in, for TimestampConverter.
import {
  ConnectDate,
  ConnectError,
  DataError,
  fitsInt64,
  INT64_MAX,
  INT64_MIN,
  javaClassName,
  Schema,
  type SchemaBuilder,
  Time,
  Timestamp,
} from "@millrace/connect";

export const TIMESTAMP_TYPES = ["string", "unix", "Date", "Time", "Timestamp"] as const;
export type TimestampType = (typeof TIMESTAMP_TYPES)[number];

export const PRECISIONS = ["nanoseconds", "microseconds", "milliseconds", "seconds"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Milliseconds since the epoch; a bigint where a number is not exact. */
export type EpochMs = number | bigint;

interface Schemas {
  readonly required: Schema;
  readonly optional: Schema;
}

const SCHEMAS: Readonly<Record<TimestampType, Schemas>> = {
  string: { required: Schema.STRING, optional: Schema.OPTIONAL_STRING },
  unix: { required: Schema.INT64, optional: Schema.OPTIONAL_INT64 },
  Date: logicalSchemas(ConnectDate.builder),
  Time: logicalSchemas(Time.builder),
  Timestamp: logicalSchemas(Timestamp.builder),
};

function logicalSchemas(builder: () => SchemaBuilder): Schemas {
  return { required: builder().build(), optional: builder().optional().build() };
}

export function schemaOf(type: TimestampType, optional: boolean): Schema {
  return optional ? SCHEMAS[type].optional : SCHEMAS[type].required;
}

/** @throws ConnectError when the schema is of no timestamp. */
export function typeOfSchema(schema: Schema): TimestampType {
  switch (schema.name) {
    case Timestamp.LOGICAL_NAME:
      return "Timestamp";
    case ConnectDate.LOGICAL_NAME:
      return "Date";
    case Time.LOGICAL_NAME:
      return "Time";
  }
  if (schema.type === "STRING") return "string";
  if (schema.type === "INT64") return "unix";
  throw new ConnectError(`Schema ${schema} does not correspond to a known timestamp type format`);
}

/** @throws DataError when no timestamp is like this. */
export function typeOfValue(value: unknown): TimestampType {
  if (value instanceof Date) return "Timestamp";
  if (isLong(value)) return "unix";
  if (typeof value === "string") return "string";
  throw new DataError(`TimestampConverter does not support class ${javaClassName(value)} objects as timestamps`);
}

/** @param type of the three that are dates. */
export function dateToMs(type: TimestampType, value: unknown): EpochMs {
  if (value instanceof Date) return value.getTime();
  throw new DataError(`Expected ${type} to be a java.util.Date, but found class ${javaClassName(value)}`);
}

/** What does not fit a long stops at the greatest or least one; what is finer than a millisecond is cut off. */
export function unixToMs(value: unknown, precision: Precision): EpochMs {
  if (!isLong(value)) {
    throw new DataError(`Expected Unix timestamp to be a Long, but found class ${javaClassName(value)}`);
  }
  switch (precision) {
    case "seconds":
      return times(value, 1000);
    case "milliseconds":
      return value;
    case "microseconds":
      return over(value, 1000);
    case "nanoseconds":
      return over(value, 1_000_000);
  }
}

export function msToUnix(ms: EpochMs, precision: Precision): EpochMs {
  switch (precision) {
    case "seconds":
      return over(ms, 1000);
    case "milliseconds":
      return ms;
    case "microseconds":
      return times(ms, 1000);
    case "nanoseconds":
      return times(ms, 1_000_000);
  }
}

const DAY_MS = 86_400_000;

/** Midnight of the day. */
export function msToDate(ms: EpochMs): Date {
  const day = Number(ms) - timeOfDay(ms);
  return Timestamp.toLogical(Timestamp.SCHEMA, day);
}

export function msToTime(ms: EpochMs): Date {
  return new Date(timeOfDay(ms));
}

/** @throws DataError beyond what a Date holds, the year 275760. */
export function msToTimestamp(ms: EpochMs): Date {
  return Timestamp.toLogical(Timestamp.SCHEMA, ms);
}

function timeOfDay(ms: EpochMs): number {
  const time = typeof ms === "number" ? ms % DAY_MS : Number(ms % BigInt(DAY_MS));
  return time < 0 ? time + DAY_MS : time;
}

function isLong(value: unknown): value is number | bigint {
  if (typeof value === "number") return Number.isSafeInteger(value);
  return typeof value === "bigint" && fitsInt64(value);
}

function times(value: number | bigint, factor: number): number | bigint {
  const product = Number(value) * factor;
  if (Number.isSafeInteger(product)) return product;
  const exact = BigInt(value) * BigInt(factor);
  return exact > INT64_MAX ? INT64_MAX : exact < INT64_MIN ? INT64_MIN : exact;
}

/** Towards zero. */
function over(value: number | bigint, divisor: number): number | bigint {
  if (typeof value === "number") return (value - (value % divisor)) / divisor;
  const quotient = value / BigInt(divisor);
  return Number.isSafeInteger(Number(quotient)) ? Number(quotient) : quotient;
}
