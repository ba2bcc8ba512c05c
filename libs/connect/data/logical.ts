// Pure: the logical types Connect knows by schema name: Decimal, Date, Time, Timestamp.
import { DataError, NumberFormatError } from "../errors.ts";
import { DecimalValue, parseDecimal } from "./decimal.ts";
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from "./logical-names.ts";
import type { Schema } from "./schema.ts";
import { SchemaBuilder } from "./schema-builder.ts";
import { bytesToInteger, integerToBytes } from "./twos-complement.ts";

const DAY_MS = 86_400_000;

/** Exact decimal: BYTES holding the unscaled value, with the scale as a schema parameter. */
export class Decimal extends DecimalValue {
  static readonly LOGICAL_NAME = DECIMAL_NAME;
  static readonly SCALE_FIELD = "scale";

  static builder(scale: number): SchemaBuilder {
    return SchemaBuilder.bytes().name(Decimal.LOGICAL_NAME).parameter(Decimal.SCALE_FIELD, String(scale)).version(1);
  }

  static schema(scale: number): Schema {
    return Decimal.builder(scale).build();
  }

  /** @throws NumberFormatError when the text is not a decimal number. */
  static fromString(text: string): Decimal {
    const parts = parseDecimal(text);
    if (parts === null) throw notADecimal(text);
    return new Decimal(parts.unscaled, parts.scale);
  }

  static scaleOf(schema: Schema): number {
    const scale = schema.parameters?.[Decimal.SCALE_FIELD];
    if (scale === undefined) throw new DataError("Invalid Decimal schema: scale parameter not found.");
    const parsed = Number(scale);
    if (!/^[+-]?\d+$/.test(scale) || (parsed | 0) !== parsed) {
      throw new DataError("Invalid scale parameter found in Decimal schema: ");
    }
    return parsed;
  }

  static fromLogical(schema: Schema, value: DecimalValue): Uint8Array {
    const scale = Decimal.scaleOf(schema);
    if (value.scale !== scale) {
      throw new DataError(
        `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
      );
    }
    return integerToBytes(value.unscaled);
  }

  static toLogical(schema: Schema, bytes: Uint8Array): Decimal {
    if (bytes.length === 0) throw new NumberFormatError("Zero length BigInteger");
    return new Decimal(bytesToInteger(bytes), Decimal.scaleOf(schema));
  }
}

/** A day without time: INT32 days since the epoch. The value is a JS Date at midnight UTC. */
export const ConnectDate = {
  LOGICAL_NAME: DATE_NAME,
  builder: (): SchemaBuilder => SchemaBuilder.int32().name(DATE_NAME).version(1),
  SCHEMA: SchemaBuilder.int32().name(DATE_NAME).version(1).build(),
  fromLogical(schema: Schema, value: Date): number {
    requireName(schema, ConnectDate.LOGICAL_NAME, "Date");
    const ms = value.getTime();
    if (ms % DAY_MS !== 0) {
      throw new DataError("Kafka Connect Date type should not have any time fields set to non-zero values.");
    }
    return ms / DAY_MS;
  },
  toLogical(schema: Schema, days: number): Date {
    requireName(schema, ConnectDate.LOGICAL_NAME, "Date");
    const date = new Date(days * DAY_MS);
    if (Number.isNaN(date.getTime())) throw new DataError(`Date ${days} is outside of what a Date can hold.`);
    return date;
  },
} as const;

/** A time of day: INT32 milliseconds after midnight. The value is a JS Date on 1970-01-01. */
export const Time = {
  LOGICAL_NAME: TIME_NAME,
  builder: (): SchemaBuilder => SchemaBuilder.int32().name(TIME_NAME).version(1),
  SCHEMA: SchemaBuilder.int32().name(TIME_NAME).version(1).build(),
  fromLogical(schema: Schema, value: Date): number {
    requireName(schema, Time.LOGICAL_NAME, "Time");
    const ms = value.getTime();
    if (ms < 0 || ms > DAY_MS) {
      throw new DataError("Kafka Connect Time type should not have any date fields set to non-zero values.");
    }
    return ms;
  },
  toLogical(schema: Schema, ms: number): Date {
    // Java's own message, which names the wrong type.
    requireName(schema, Time.LOGICAL_NAME, "Date");
    if (ms < 0 || ms > DAY_MS) {
      throw new DataError("Time values must use number of milliseconds greater than 0 and less than 86400000");
    }
    return new Date(ms);
  },
} as const;

/** An instant: INT64 milliseconds since the epoch. The value is a JS Date. */
export const Timestamp = {
  LOGICAL_NAME: TIMESTAMP_NAME,
  builder: (): SchemaBuilder => SchemaBuilder.int64().name(TIMESTAMP_NAME).version(1),
  SCHEMA: SchemaBuilder.int64().name(TIMESTAMP_NAME).version(1).build(),
  fromLogical(schema: Schema, value: Date): number {
    requireName(schema, Timestamp.LOGICAL_NAME, "Timestamp");
    return value.getTime();
  },
  toLogical(schema: Schema, ms: number | bigint): Date {
    requireName(schema, Timestamp.LOGICAL_NAME, "Timestamp");
    const date = new Date(Number(ms));
    if (Number.isNaN(date.getTime())) throw new DataError(`Timestamp ${ms} ms is outside of what a Date can hold.`);
    return date;
  },
} as const;

function notADecimal(text: string): NumberFormatError {
  const wrong = /[^0-9+\-.eE]/.exec(text)?.[0];
  return new NumberFormatError(
    wrong === undefined
      ? `Not a decimal number: "${text}"`
      : `Character ${wrong} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`,
  );
}

function requireName(schema: Schema, logicalName: string, type: string): void {
  if (schema.name !== logicalName) {
    throw new DataError(`Requested conversion of ${type} object but the schema does not match.`);
  }
}
